"""The doctor, every morning: settings, queue, permissions, domain, and one event all the way into the catalog."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

from airflow_provider_dzlineage.operators.doctor import DzLineageDoctorOperator

if TYPE_CHECKING:
    from airflow.sdk import DAG
else:
    try:
        from airflow.sdk import DAG
    except ImportError:  # Airflow 2
        from airflow import DAG

with DAG(
    dag_id="lineage_doctor",
    description="Checks everything between the tasks and the catalog; fails with what to fix.",
    schedule="0 6 * * *",
    start_date=datetime(2024, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    tags=["lineage"],
) as dag:
    DzLineageDoctorOperator(task_id="doctor", canary_seconds=400)
