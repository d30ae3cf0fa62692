"""How real producers name tables: one row for each form, with its source."""

from __future__ import annotations

from typing import Any, NamedTuple

_AIRFLOW = "apache/airflow, providers/amazon/src/airflow/providers/amazon/aws"
_DBT = "OpenLineage/OpenLineage, integration/common/src/openlineage/common/provider/dbt/processor.py"
_SPARK = "OpenLineage/OpenLineage, integration/spark"
_SPEC = "OpenLineage/OpenLineage, spec/Naming.md"
_REDSHIFT_ENDPOINTS = "Amazon Redshift management guide, connection endpoints"

_GLUE = "arn:aws:glue:us-east-1:123456789012"
_TABLE = "dev.public.orders"


class Form(NamedTuple):
    """One way to name one table.

    :param symlink: a further name that the dataset carries.
    :param glue_version: set where the run is one of AWS Glue.
    """

    producer: str
    source: str
    namespace: str
    name: str
    symlink: tuple[str, str] | None = None
    glue_version: str | None = None


FORMS = (
    # Redshift
    Form(
        "Airflow, RedshiftSQLHook: host of a cluster, or IAM with its identifier",
        f"{_AIRFLOW}/hooks/redshift_sql.py",
        "redshift://analytics.us-east-1:5439",
        _TABLE,
    ),
    Form(
        "Airflow, RedshiftSQLHook: host of a workgroup",
        f"{_AIRFLOW}/hooks/redshift_sql.py",
        "redshift://reports.us-east-1:5439",
        _TABLE,
    ),
    Form(
        "Airflow, RedshiftSQLHook before it knew China",
        f"{_AIRFLOW}/hooks/redshift_sql.py; {_REDSHIFT_ENDPOINTS}",
        "redshift://china.cabc123xyz789.cn-north-1.redshift.amazonaws.com.cn:5439",
        _TABLE,
    ),
    Form(
        "Airflow, RedshiftSQLHook: a domain name of one's own",
        f"{_AIRFLOW}/hooks/redshift_sql.py (the host as it is)",
        "redshift://warehouse.example.com:5439",
        _TABLE,
    ),
    Form(
        "Airflow, RedshiftSQLHook: an IPv4 address",
        f"{_AIRFLOW}/hooks/redshift_sql.py (the host as it is)",
        "redshift://10.1.2.3:5439",
        _TABLE,
    ),
    Form(
        "Airflow, RedshiftSQLHook: a VPC endpoint",
        f"{_AIRFLOW}/hooks/redshift_sql.py; {_REDSHIFT_ENDPOINTS}",
        "redshift://analytics-endpoint-abc123.us-east-1:5439",
        _TABLE,
    ),
    Form(
        "Airflow, asset redshift://host/database/schema/table",
        f"{_AIRFLOW}/assets/redshift.py",
        "redshift://analytics.cabc123xyz789.us-east-1.redshift.amazonaws.com:5439",
        _TABLE,
    ),
    Form(
        "dbt-redshift, cluster",
        _DBT,
        "redshift://analytics.cabc123xyz789.us-east-1.redshift.amazonaws.com:5439",
        _TABLE,
    ),
    Form(
        "dbt-redshift, workgroup",
        _DBT,
        "redshift://reports.123456789012.us-east-1.redshift-serverless.amazonaws.com:5439",
        _TABLE,
    ),
    Form(
        "dbt-redshift, quoted and mixed case",
        f"{_DBT}; Amazon Redshift database developer guide, names and identifiers",
        "redshift://Analytics.cabc123xyz789.us-east-1.redshift.amazonaws.com:5439",
        'Dev.public."Orders"',
    ),
    Form(
        "Spark, JDBC to Redshift",
        f"{_SPEC}; {_SPARK}, JdbcDatasetUtils",
        "redshift://analytics.cabc123xyz789.us-east-1.redshift.amazonaws.com:5439",
        _TABLE,
    ),
    # Glue
    Form("dbt-glue", _DBT, _GLUE, "sales.orders"),
    Form("OpenLineage's naming of Glue", _SPEC, _GLUE, "table/sales/orders"),
    Form(
        "Spark with the Glue catalog, on Glue 4.0",
        f"{_SPARK}, PathUtils and GlueCatalogTypeHandler",
        "s3://lake",
        "warehouse/sales/orders",
        (_GLUE, "table/sales/orders"),
        "4.0",
    ),
    Form(
        "Spark with the Glue catalog, on EMR",
        f"{_SPARK}, PathUtils and GlueCatalogTypeHandler",
        "s3://lake",
        "warehouse/sales/orders",
        (_GLUE, "table/sales/orders"),
    ),
    Form(
        "Spark with a Hive metastore",
        f"{_SPARK}, PathUtils",
        "s3://lake",
        "warehouse/sales/orders",
        ("hive://metastore:9083", "sales.orders"),
    ),
    Form(
        "Spark with S3 Tables",
        f"{_SPARK}, S3TablesCatalogTypeHandler",
        "arn:aws:s3tables:us-east-1:123456789012:bucket/tables",
        "s3tables.sales.orders",
    ),
    # Athena
    Form(
        "dbt-athena",
        f"{_DBT}; dbt-athena writes the catalog in lower case",
        "awsathena://athena.us-east-1.amazonaws.com",
        "awsdatacatalog.sales.orders",
    ),
    Form(
        "dbt-athena that knows the account",
        _DBT,
        "awsathena://athena.us-east-1.amazonaws.com",
        "awsdatacatalog.sales.orders",
        (_GLUE, "table/sales/orders"),
    ),
    Form(
        "Airflow, AthenaOperator",
        f"{_AIRFLOW}/operators/athena.py",
        "awsathena://athena.us-east-1.amazonaws.com",
        "AwsDataCatalog.sales.orders",
    ),
    Form(
        "Airflow, AthenaOperator with a federated catalog",
        f"{_AIRFLOW}/operators/athena.py; guide of Amazon SageMaker Unified Studio, sourceIdentifier",
        "awsathena://athena.us-east-1.amazonaws.com",
        "lake.sales.orders",
    ),
    # S3
    Form("Airflow, AthenaOperator: its output", f"{_AIRFLOW}/operators/athena.py", "s3://results", "/queries/"),
    Form("Spark on S3, a partition", f"{_SPARK}, PathUtils", "s3://lake", "raw/orders/day=2026-01-01/hour=7"),
    Form("Spark on S3 through s3a", f"{_SPARK}, PathUtils", "s3a://lake", "raw/orders"),
    # What is nobody's business here
    Form("dbt-postgres", _DBT, "postgres://db.example.com:5432", _TABLE),
    Form("dbt-snowflake", _DBT, "snowflake://org-account", "DEV.PUBLIC.ORDERS"),
)

# What the site has set: what no name tells.
SETTINGS = {
    "account_id": "123456789012",
    "redshift": {
        "analytics": {"account": "123456789012", "kind": "provisioned"},
        "reports": {"account": "123456789012", "kind": "serverless"},
        "china": {"account": "123456789012", "kind": "provisioned"},
        "warehouse.example.com": {
            "account": "123456789012",
            "kind": "provisioned",
            "name": "analytics",
            "region": "us-east-1",
        },
        "10.1.2.3": {"account": "123456789012", "kind": "serverless", "name": "reports", "region": "us-east-1"},
        "analytics-endpoint-abc123": {"account": "123456789012", "kind": "provisioned", "name": "analytics"},
    },
}


def event_of(form: Form) -> dict[str, Any]:
    """Make an event that reads the table, and names it in a column's lineage too."""
    table = {"namespace": form.namespace, "name": form.name}
    facets = {}
    if form.symlink:
        namespace, name = form.symlink
        facets["symlinks"] = {"identifiers": [{"namespace": namespace, "name": name, "type": "TABLE"}]}
    properties = {"environment-properties": {"GLUE_VERSION": form.glue_version}}
    lineage = {"fields": {"id": {"inputFields": [{**table, "field": "id"}]}}}
    return {
        "eventType": "COMPLETE",
        "eventTime": "2026-01-02T03:04:05Z",
        "producer": "https://example.com",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {
            "runId": "01941f29-7c00-7000-8000-000000000000",
            "facets": {"environment-properties": properties} if form.glue_version else {},
        },
        "job": {"namespace": "golden", "name": "load"},
        "inputs": [{**table, "facets": facets}],
        "outputs": [{"namespace": "s3://lake", "name": "out", "facets": {"columnLineage": lineage}}],
    }
