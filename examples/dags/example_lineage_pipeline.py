"""An example pipeline whose lineage the forwarding DAG publishes: files in S3, tables in Redshift, a report on them.

Nothing in it knows of the forwarding: the tasks report what they read and write to Airflow's OpenLineage provider, as
the operators of the Amazon provider do by themselves.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

from airflow.providers.amazon.aws.operators.s3 import (
    S3CopyObjectOperator,
    S3CreateBucketOperator,
    S3CreateObjectOperator,
)
from warehouse_operator import REDSHIFT, WarehouseOperator

if TYPE_CHECKING:
    from airflow.sdk import DAG, task
else:
    try:
        from airflow.sdk import DAG, task
    except ImportError:  # Airflow 2
        from airflow import DAG
        from airflow.decorators import task

BUCKET = "example-lake"

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
