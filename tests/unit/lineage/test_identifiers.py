"""Each row of the table in the AWS user guide, "The importance of the sourceIdentifier attribute to lineage nodes"."""

import pytest

from airflow_provider_dzlineage.lineage.identifiers import (
    dataset_identifier,
    job_identifier,
    naming_hints,
    run_identifier,
)

JOB = {"namespace": "airflow", "name": "sales.load"}
GLUE = "arn:aws:glue:us-east-1:123456789012"

GLUE_RUN = {"facets": {"environment-properties": {"environment-properties": {"GLUE_VERSION": "4.0"}}}}


def dataset(namespace, name, *symlinks):
    facets = {"symlinks": {"identifiers": [{"namespace": n, "name": m, "type": "TABLE"} for n, m in symlinks]}}
    return {"namespace": namespace, "name": name, "facets": facets if symlinks else {}}


def test_a_job():
    assert job_identifier(JOB) == "airflow.sales.load"


def test_a_job_run():
    assert run_identifier(JOB, {"runId": "r1"}) == "airflow.sales.load/r1"


@pytest.mark.parametrize(
    ("dataset", "identifier"),
    [
        pytest.param(
            dataset("s3://lake", "sales/orders", (GLUE, "table/sales/orders")),
            f"{GLUE}:table/sales/orders",
            id="Glue symlink",
        ),
        pytest.param(dataset(GLUE, "table/sales/orders"), f"{GLUE}:table/sales/orders", id="Glue by its own name"),
        pytest.param(
            dataset("s3://b", "p", (GLUE, "table/s3tablescatalog/bucket/sales/orders")),
            f"{GLUE}:table/s3tablescatalog/bucket/sales/orders",
            id="federated Glue",
        ),
        pytest.param(
            dataset("redshift://dw.123456789012.us-east-1.redshift.amazonaws.com:5439", "dev.public.orders"),
            "arn:aws:redshift:us-east-1:123456789012:table/dw/dev/public/orders",
            id="Redshift provisioned",
        ),
        pytest.param(
            dataset("redshift://wg.123456789012.eu-west-1.redshift-serverless.amazonaws.com:5439", "dev.public.orders"),
            "arn:aws:redshift-serverless:eu-west-1:123456789012:table/wg/dev/public/orders",
            id="Redshift serverless",
        ),
        pytest.param(dataset("s3://lake", "sales/orders"), "s3://lake/sales/orders", id="anything else"),
        pytest.param(
            dataset("redshift://dw.us-east-1:5439", "dev.public.orders"),
            "redshift://dw.us-east-1:5439/dev.public.orders",
            id="Redshift as Airflow writes it is anything else",
        ),
        pytest.param(
            dataset("s3://lake", "orders", ("hive://metastore", "sales.orders")),
            "s3://lake/orders",
            id="another symlink",
        ),
    ],
)
def test_a_dataset(dataset, identifier):
    assert dataset_identifier(dataset, GLUE_RUN) == identifier


@pytest.mark.parametrize(
    "run", [{}, {"facets": None}, {"facets": {"environment-properties": {"environment-properties": {"SHELL": "sh"}}}}]
)
def test_a_symlink_counts_on_glue_only(run):
    assert dataset_identifier(dataset("s3://lake", "orders", (GLUE, "table/sales/orders")), run) == "s3://lake/orders"


@pytest.mark.parametrize("facets", [None, {}, {"symlinks": None}, {"symlinks": {"identifiers": [3]}}])
def test_facets_of_any_shape_are_no_obstacle(facets):
    assert dataset_identifier({"namespace": "a", "name": "b", "facets": facets}, GLUE_RUN) == "a/b"


def event_with(namespace, name):
    dataset = {"namespace": namespace, "name": name}
    return {"run": {"runId": "r"}, "job": {"namespace": "n", "name": "j"}, "inputs": [dataset], "outputs": [dataset]}


@pytest.mark.parametrize(
    ("namespace", "name", "says"),
    [
        ("redshift://10.0.0.5:5439", "db.s.t", "'redshift'"),
        ("redshift://c.123456789012.eu-west-1.redshift.amazonaws.com:5439", "s.t", "<database>.<schema>.<table>"),
        ("awsathena://athena.eu-west-1.amazonaws.com", "AwsDataCatalog.db.t", "'account_id'"),
        ("arn:aws:glue:eu-west-1:123456789012", "t", "table/<database>/<table>"),
        ("arn:aws:s3tables:eu-west-1:123456789012:bucket/b", "t", "<catalog>.<database>.<table>"),
    ],
)
def test_a_name_that_no_asset_can_have_is_named_once_with_its_repair(namespace, name, says):
    (hint,) = naming_hints(event_with(namespace, name))

    assert hint.startswith(f"{namespace}  {name} links to no asset: ")
    assert says in hint


@pytest.mark.parametrize(
    ("namespace", "name"),
    [
        ("redshift://c.123456789012.eu-west-1.redshift.amazonaws.com:5439", "db.s.t"),
        ("arn:aws:glue:eu-west-1:123456789012", "table/db/t"),
        ("s3://lake", "raw"),
        ("postgres://db:5432", "db.s.t"),
    ],
)
def test_other_names_need_no_repair(namespace, name):
    assert naming_hints(event_with(namespace, name)) == []


def test_events_without_datasets_have_none():
    assert naming_hints({"run": {"runId": "r"}, "job": {"namespace": "n", "name": "j"}}) == []
