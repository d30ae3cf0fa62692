"""An example pipeline whose lineage the forwarding DAG publishes: files in S3, tables in Redshift, a report on them.

Nothing in it knows of the forwarding: the tasks report what they read and write to Airflow's OpenLineage provider, as
the operators of the Amazon provider do by themselves.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from airflow.providers.amazon.aws.operators.s3 import (
    S3CopyObjectOperator,
    S3CreateBucketOperator,
    S3CreateObjectOperator,
)

if TYPE_CHECKING:
    from airflow.sdk import DAG, BaseOperator, task
else:
    try:
        from airflow.sdk import DAG, BaseOperator, task
    except ImportError:  # Airflow 2
        from airflow import DAG
        from airflow.decorators import task
        from airflow.models import BaseOperator

BUCKET = "example-lake"
# As Airflow's own Redshift hook names a cluster: without the account, by which the catalog knows it. The forwarding DAG
# puts it there; see the setting `redshift`.
REDSHIFT = "redshift://analytics.us-east-1:5439"


class WarehouseOperator(BaseOperator):
    """Stands for an operator that runs SQL in Amazon Redshift, and reports its lineage.

    :param reads: what it reads, as pairs of OpenLineage namespace and name.
    :param table: the Redshift table that it writes, ``database.schema.table``.
    :param columns: each column of the table with the columns that it is made from, ``database.schema.table.column``.
    """

    def __init__(
        self, *, reads: list[tuple[str, str]], table: str, columns: dict[str, list[str]] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.reads = reads
        self.table = table
        self.columns = columns or {}

    def execute(self, context: Any) -> None:
        """Do nothing but say what would be done."""
        self.log.info("Would write %s.", self.table)

    def get_openlineage_facets_on_complete(self, task_instance: Any) -> Any:
        """Report inputs, outputs and columns; the OpenLineage provider asks for it when the task has succeeded."""
        from airflow.providers.openlineage.extractors import OperatorLineage
        from openlineage.client.event_v2 import Dataset
        from openlineage.client.facet_v2 import column_lineage_dataset, schema_dataset

        facets: dict[str, Any] = {}
        if self.columns:
            facets["schema"] = schema_dataset.SchemaDatasetFacet(
                fields=[schema_dataset.SchemaDatasetFacetFields(name=column) for column in self.columns]
            )
            facets["columnLineage"] = column_lineage_dataset.ColumnLineageDatasetFacet(
                fields={
                    column: column_lineage_dataset.Fields(inputFields=[_input_field(source) for source in sources])
                    for column, sources in self.columns.items()
                }
            )
        return OperatorLineage(
            inputs=[Dataset(namespace, name) for namespace, name in self.reads],
            outputs=[Dataset(REDSHIFT, self.table, facets=facets)],
        )


def _input_field(column: str) -> Any:
    from openlineage.client.facet_v2 import column_lineage_dataset

    table, _, name = column.rpartition(".")
    return column_lineage_dataset.InputField(namespace=REDSHIFT, name=table, field=name)


with DAG(
    dag_id="example_lineage_pipeline",
    description="Orders from S3 through Redshift to daily sales.",
    schedule="@once",
    start_date=datetime(2024, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    tags=["example", "lineage"],
) as dag:
    create_bucket = S3CreateBucketOperator(task_id="create_bucket", bucket_name=BUCKET)

    land_orders = S3CreateObjectOperator.partial(
        task_id="land_orders", s3_bucket=BUCKET, data="order,customer,amount\n1,7,9.90\n", replace=True
    ).expand(s3_key=["raw/orders/eu.csv", "raw/orders/us.csv"])

    archive_orders = S3CopyObjectOperator(
        task_id="archive_orders",
        source_bucket_name=BUCKET,
        source_bucket_key="raw/orders/eu.csv",
        dest_bucket_name=BUCKET,
        dest_bucket_key="archive/orders/eu.csv",
    )

    load_orders = WarehouseOperator(
        task_id="load_orders",
        reads=[(f"s3://{BUCKET}", "raw/orders/eu.csv"), (f"s3://{BUCKET}", "raw/orders/us.csv")],
        table="dev.staging.orders",
    )

    build_daily_sales = WarehouseOperator(
        task_id="build_daily_sales",
        reads=[(REDSHIFT, "dev.staging.orders"), (REDSHIFT, "dev.staging.customers")],
        table="dev.marts.daily_sales",
        columns={
            "country": ["dev.staging.customers.country"],
            "amount": ["dev.staging.orders.amount", "dev.staging.orders.discount"],
        },
    )

    @task(retries=0)
    def check_freshness() -> None:
        """Fail on purpose, so that a failed run is part of the example."""
        raise RuntimeError("This task of the example fails on purpose: its run is in the lineage as failed.")

    create_bucket >> land_orders >> [archive_orders, load_orders]
    load_orders >> build_daily_sales >> check_freshness()
