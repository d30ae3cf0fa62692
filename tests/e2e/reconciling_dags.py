"""A DAG file for each Airflow of the tests: forwarding DAGs that differ in what fails, and sensors."""

from __future__ import annotations

from datetime import datetime, timezone

from airflow_provider_dzlineage._compat import DAG
from airflow_provider_dzlineage.forwarding_dag import forwarding_dag
from airflow_provider_dzlineage.sensors.datazone_lineage_event import DataZoneLineageEventSensor

warning = forwarding_dag("dzlineage_forward_warning")
failing = forwarding_dag("dzlineage_forward_failing", on_processing_failed="fail")
broken = forwarding_dag("dzlineage_forward_broken")
broken.get_task("drain").domain_id = "dzd_absent"

with DAG("waiting", schedule=None, start_date=datetime(2026, 1, 1, tzinfo=timezone.utc)) as waiting:
    arguments = {"event_ids": "{{ dag_run.conf['ids'] }}", "poke_interval": 1, "timeout": 60}
    DataZoneLineageEventSensor(task_id="poking", deferrable=False, **arguments)
    DataZoneLineageEventSensor(task_id="deferring", deferrable=True, **arguments)
    DataZoneLineageEventSensor(task_id="soft", deferrable=True, soft_fail=True, **arguments)
