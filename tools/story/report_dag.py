"""An Airflow DAG that builds on what dbt has built."""

from datetime import datetime

from warehouse_operator import WarehouseOperator

from airflow_provider_dzlineage._compat import DAG

with DAG(dag_id="report", schedule="@once", start_date=datetime(2024, 1, 1), catchup=False):  # noqa: DTZ001
    WarehouseOperator(
        task_id="build",
        reads=[("arn:aws:glue:us-east-1:123456789012", "shop_marts.best_customers")],
        table="dev.reports.customers",
        columns={"customer": ["dev.staging.customers.id"]},
    )
