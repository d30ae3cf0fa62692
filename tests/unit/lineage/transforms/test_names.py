"""What producers send, and what DataZone has to see; each row with its source."""

import pytest

from airflow_provider_dzlineage.lineage.datasets import Dataset, dataset_of
from airflow_provider_dzlineage.lineage.transforms.glue import athena, glue
from airflow_provider_dzlineage.lineage.transforms.redshift import Warehouse, redshift
from airflow_provider_dzlineage.lineage.transforms.s3_paths import s3_paths
from airflow_provider_dzlineage.lineage.transforms.symlinks import symlinks

PROVISIONED = Warehouse("provisioned", "analytics", "123456789012", "us-east-1")
SERVERLESS = Warehouse("serverless", "reports", "123456789012", "us-east-1")
CHINA = Warehouse("provisioned", "analytics", "123456789012", "cn-north-1")


def find(host, name, region):
    """Know two warehouses by name, and one by a domain name of its own."""
    known = {"analytics": PROVISIONED, "reports": SERVERLESS}
    return CHINA if region == "cn-north-1" else known.get(name) or {"dw.example.com": PROVISIONED}.get(host)


def renamed(transform, namespace, name, make_event):
    event = make_event(inputs=[{"namespace": namespace, "name": name}], outputs=[])
    return dataset_of(transform(event)["inputs"][0])


DOCUMENTED = "redshift://analytics.123456789012.us-east-1.redshift.amazonaws.com:5439"
DOCUMENTED_SERVERLESS = "redshift://reports.123456789012.us-east-1.redshift-serverless.amazonaws.com:5439"
DOCUMENTED_CHINA = "redshift://analytics.123456789012.cn-north-1.redshift.amazonaws.com.cn:5439"


@pytest.mark.parametrize(
    ("namespace", "name", "expected"),
    [
        # Airflow's Redshift and Postgres hooks.
        ("redshift://analytics.us-east-1:5439", "dev.public.orders", (DOCUMENTED, "dev.public.orders")),
        ("redshift://reports.us-east-1:5439", "dev.public.orders", (DOCUMENTED_SERVERLESS, "dev.public.orders")),
        # dbt-redshift: the host as it is, with a hash.
        (
            "redshift://analytics.cabc123xyz789.us-east-1.redshift.amazonaws.com:5439",
            "dev.public.orders",
            (DOCUMENTED, "dev.public.orders"),
        ),
        (
            "redshift://analytics.cabc123xyz789.cn-north-1.redshift.amazonaws.com.cn:5439",
            "dev.public.orders",
            (DOCUMENTED_CHINA, "dev.public.orders"),
        ),
        # As documented already.
        (DOCUMENTED, "dev.public.orders", (DOCUMENTED, "dev.public.orders")),
        (DOCUMENTED_SERVERLESS, "dev.public.orders", (DOCUMENTED_SERVERLESS, "dev.public.orders")),
        # Without a port, a domain name of one's own, quotes and case.
        ("redshift://analytics.us-east-1", "DEV.Public.Orders", (DOCUMENTED, "dev.public.orders")),
        ("redshift://dw.example.com:5439", '"dev"."public"."Orders"', (DOCUMENTED, "dev.public.orders")),
        # What nobody knows stays.
        ("redshift://10.0.0.1:5439", "dev.public.orders", ("redshift://10.0.0.1:5439", "dev.public.orders")),
        ("postgres://db:5432", "dev.public.orders", ("postgres://db:5432", "dev.public.orders")),
    ],
)
def test_redshift(namespace, name, expected, make_event):
    assert renamed(redshift(lambda *_: None, find), namespace, name, make_event) == Dataset(*expected)


def test_what_the_site_has_set_comes_before_what_a_name_tells(make_event):
    endpoint = "redshift://ep-1.210987654321.us-east-1.redshift-serverless.amazonaws.com:5439"

    transform = redshift(lambda *_: PROVISIONED, find)

    assert renamed(transform, endpoint, "dev.public.orders", make_event) == Dataset(DOCUMENTED, "dev.public.orders")


@pytest.mark.parametrize("name", ['dev.public."a.b"', 'dev."s.a".b', 'dev.public."a""b"'])
def test_a_quoted_part_that_would_be_another_one_without_its_quotes_stays(name, make_event):
    assert renamed(redshift(lambda *_: None, find), DOCUMENTED, name, make_event).name == name


GLUE = "arn:aws:glue:us-east-1:123456789012"


@pytest.mark.parametrize(
    ("namespace", "name", "expected"),
    [
        (GLUE, "sales.orders", (GLUE, "table/sales/orders")),
        (GLUE, "table/sales/orders", (GLUE, "table/sales/orders")),
        # As Glue stores them.
        (GLUE, "Sales.`Orders`", (GLUE, "table/sales/orders")),
        (GLUE, "AwsDataCatalog.sales.orders", (GLUE, "table/sales/orders")),
        # Which catalog this is, nothing tells.
        (GLUE, "lake.sales.orders", (GLUE, "lake.sales.orders")),
        ("hive://metastore", "sales.orders", ("hive://metastore", "sales.orders")),
        # S3 Tables, as Spark names them.
        (
            "arn:aws:s3tables:us-east-1:123456789012:bucket/lake",
            "s3tables.sales.orders",
            (GLUE, "table/s3tablescatalog/lakesales/orders"),
        ),
    ],
)
def test_glue(namespace, name, expected, make_event):
    assert renamed(glue, namespace, name, make_event) == Dataset(*expected)


ATHENA = "awsathena://athena.us-east-1.amazonaws.com"


@pytest.mark.parametrize(
    ("account", "namespace", "name", "expected"),
    [
        ("123456789012", ATHENA, "AwsDataCatalog.sales.orders", (GLUE, "table/sales/orders")),
        ("123456789012", ATHENA, "lake.sales.orders", (GLUE, "table/lakesales/orders")),
        # As SQL spells them, and as Glue stores them.
        ("123456789012", ATHENA, '"awsdatacatalog"."Sales"."Orders"', (GLUE, "table/sales/orders")),
        (
            "123456789012",
            "awsathena://athena.us-gov-west-1.amazonaws.com",
            "AwsDataCatalog.sales.orders",
            ("arn:aws-us-gov:glue:us-gov-west-1:123456789012", "table/sales/orders"),
        ),
        (None, ATHENA, "AwsDataCatalog.sales.orders", (ATHENA, "AwsDataCatalog.sales.orders")),
        ("123456789012", "trino://host", "a.b.c", ("trino://host", "a.b.c")),
    ],
)
def test_athena(account, namespace, name, expected, make_event):
    assert renamed(athena(account), namespace, name, make_event) == Dataset(*expected)


@pytest.mark.parametrize(
    ("namespace", "name", "expected"),
    [
        ("s3://lake", "/raw/orders/", ("s3://lake", "raw/orders")),
        ("s3a://lake", "raw/orders", ("s3://lake", "raw/orders")),
        ("s3://lake", "raw/orders/day=2026-01-01/hour=3", ("s3://lake", "raw/orders")),
        ("s3://lake", "day=2026-01-01", ("s3://lake", "day=2026-01-01")),
        ("s3://lake", "raw/day=1/part-0.parquet", ("s3://lake", "raw")),
        ("s3://lake", "raw/size=1.5", ("s3://lake", "raw")),
        # A file, not a partition.
        ("s3://lake", "exports/report=final.csv", ("s3://lake", "exports/report=final.csv")),
        ("s3://lake", "/", ("s3://lake", "/")),
        ("gs://lake", "/raw/", ("gs://lake", "/raw/")),
    ],
)
def test_s3_paths(namespace, name, expected, make_event):
    assert renamed(s3_paths, namespace, name, make_event) == Dataset(*expected)


def test_a_symlink_becomes_the_name_and_the_name_a_symlink(make_event):
    path = {"namespace": "s3://lake", "name": "warehouse/orders"}
    links = {"identifiers": [{"namespace": GLUE, "name": "table/sales/orders", "type": "TABLE"}]}
    lineage = {"fields": {"id": {"inputFields": [{**path, "field": "id"}]}}}
    event = make_event(
        inputs=[{**path, "facets": {"symlinks": links}}],
        outputs=[{"namespace": "s3://lake", "name": "out", "facets": {"columnLineage": lineage}}],
    )

    changed = symlinks(event)

    table = {"namespace": GLUE, "name": "table/sales/orders"}
    assert changed["inputs"] == [{**table, "facets": {"symlinks": {"identifiers": [{**path, "type": "LOCATION"}]}}}]
    fields = changed["outputs"][0]["facets"]["columnLineage"]["fields"]
    assert fields == {"id": {"inputFields": [{**table, "field": "id"}]}}
    assert symlinks(changed) is changed


def test_a_table_that_carries_its_symlink_on_one_side_only_is_one_table(make_event):
    path = {"namespace": "s3://lake", "name": "warehouse/orders"}
    links = {"identifiers": [{"namespace": GLUE, "name": "table/sales/orders", "type": "TABLE"}]}

    changed = symlinks(make_event(inputs=[path], outputs=[{**path, "facets": {"symlinks": links}}]))

    assert changed["inputs"] == [{"namespace": GLUE, "name": "table/sales/orders"}]
    assert dataset_of(changed["outputs"][0]) == dataset_of(changed["inputs"][0])


@pytest.mark.parametrize(
    ("namespace", "name"),
    [
        ("s3://lake", "/warehouse/orders"),
        ("s3a://lake", "warehouse/orders"),
        ("s3://lake", "warehouse/orders/day=2026-01-02"),
    ],
)
def test_another_spelling_of_a_tables_folder_is_that_table(namespace, name, make_event):
    links = {"identifiers": [{"namespace": GLUE, "name": "table/sales/orders", "type": "TABLE"}]}
    path = {"namespace": "s3://lake", "name": "warehouse/orders/day=2026-01-01", "facets": {"symlinks": links}}
    other = {"namespace": namespace, "name": name}
    lineage = {"columnLineage": {"fields": {"id": {"inputFields": [{**other, "field": "id"}]}}}}
    elsewhere = {"namespace": "s3://lake", "name": "warehouse/orders_2"}
    event = make_event(inputs=[path, elsewhere], outputs=[{**other, "facets": lineage}])

    changed = symlinks(event)

    table = Dataset(GLUE, "table/sales/orders")
    assert [dataset_of(each) for each in changed["inputs"]] == [table, Dataset(**elsewhere)]
    (output,) = changed["outputs"]
    assert dataset_of(output) == table
    assert dataset_of(output["facets"]["columnLineage"]["fields"]["id"]["inputFields"][0]) == table


def test_two_tables_in_one_place_stay_two(make_event):
    path = {"namespace": "s3://lake", "name": "warehouse/orders"}

    def table(name):
        return {"identifiers": [{"namespace": GLUE, "name": name, "type": "TABLE"}]}

    inputs = [{**path, "facets": {"symlinks": table(name)}} for name in ("table/sales/a", "table/sales/b")]

    changed = symlinks(make_event(inputs=inputs, outputs=[]))

    assert [dataset_of(each).name for each in changed["inputs"]] == ["table/sales/a", "table/sales/b"]


def test_a_symlink_may_name_the_table_as_dbt_does(make_event):
    links = {"identifiers": [{"namespace": GLUE, "name": "sales.orders", "type": "TABLE"}]}
    event = make_event(inputs=[{"namespace": "s3://lake", "name": "x", "facets": {"symlinks": links}}], outputs=[])

    assert dataset_of(glue(symlinks(event))["inputs"][0]) == Dataset(GLUE, "table/sales/orders")


def test_what_says_that_it_is_a_table_under_its_former_name_is_that_table(make_event):
    path = {"namespace": "s3://lake", "name": "warehouse/orders"}
    table = {"identifiers": [{"namespace": GLUE, "name": "table/sales/orders", "type": "TABLE"}]}
    alias = {"namespace": "hive://metastore", "name": "sales.orders"}
    event = make_event(
        inputs=[{**alias, "facets": {"symlinks": {"identifiers": [{**path, "type": "LOCATION"}]}}}],
        outputs=[{**path, "facets": {"symlinks": table}}],
    )

    changed = symlinks(event)

    assert dataset_of(changed["inputs"][0]) == dataset_of(changed["outputs"][0]) == Dataset(GLUE, "table/sales/orders")
    assert symlinks(changed) == changed
