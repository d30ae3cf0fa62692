"""Send dead letters again, by hand, after their cause was repaired: trigger it with the reason and the age.

airflow dags trigger redrive_dead_letters --conf '{"reason": "transform_failed", "newer_than": "2d"}'
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

from airflow_provider_dzlineage.transfers.dead_letters_to_sqs import RedriveDeadLettersOperator

if TYPE_CHECKING:
    from airflow.sdk import DAG
else:
    try:
        from airflow.sdk import DAG
    except ImportError:  # Airflow 2
        from airflow import DAG

with DAG(
    dag_id="redrive_dead_letters",
    description="Sends dead letters through the buffer again; the next drain posts them.",
    schedule=None,
    start_date=datetime(2024, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    params={"reason": "processing_failed", "newer_than": "1d"},
    tags=["lineage"],
) as dag:
    RedriveDeadLettersOperator(task_id="redrive", reason="{{ params.reason }}", newer_than="{{ params.newer_than }}")
