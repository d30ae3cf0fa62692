"""A factory of forwarding DAGs, each of which drains one queue into one domain on a schedule."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from typing import Any

from airflow_provider_dzlineage._compat import DAG, EmptyOperator, airflow_section
from airflow_provider_dzlineage.errors import ConfigurationError
from airflow_provider_dzlineage.lineage.raw_event import FORWARDING_DAG_ID, FORWARDING_DAG_TAG
from airflow_provider_dzlineage.operators.base import DOMAIN_SETTINGS, QUEUE_SETTINGS, LineageOperator
from airflow_provider_dzlineage.settings.site import load_settings
from airflow_provider_dzlineage.transfers.datazone_to_sqs import ReconcileDataZoneLineageOperator
from airflow_provider_dzlineage.transfers.sqs_to_datazone import SqsToDataZoneLineageOperator

# Shares of the time until the next run; Airflow needs the rest to start the tasks.
_DRAIN_SHARE = 0.7
_RECONCILE_SHARE = 0.2


def forwarding_dag(dag_id: str = FORWARDING_DAG_ID, **settings: Any) -> DAG:
    """Return a forwarding DAG.

    It parses without any setting, so that it can lie in the DAG folder before the queue exists; its run then fails
    with a message that says what to set. Several queues, domains, accounts or Regions are several DAGs:

    .. code-block:: python

        europe = forwarding_dag("dzlineage_forward_europe", queue_url="…", domain_id="…")

    :param dag_id: the DAG's id; one that starts with ``dzlineage_forward`` lets its own lineage be recognised, and
        dropped, on every Airflow.
    :param settings: any of :class:`~airflow_provider_dzlineage.settings.site.Settings`; they come before the
        ``[dzlineage]`` section of the Airflow configuration and before the environment.
    :return: a DAG of one run at a time: ``drain``, then ``reconcile``, unless ``on_processing_failed`` is ``ignore``,
        then ``done``; the deadlines lie inside the schedule.
    :raises ConfigurationError: when a setting is unknown or its value has the wrong form.
    """
    # A template has its value only when a task runs.
    addresses = (*QUEUE_SETTINGS, *DOMAIN_SETTINGS)
    known = {name: value for name, value in settings.items() if name not in addresses and "{{" not in str(value)}
    effective = load_settings(known, airflow_section())
    interval = _shortest_interval(effective.schedule).total_seconds()
    with DAG(
        dag_id=dag_id,
        description="Publishes the OpenLineage events of an SQS queue to Amazon DataZone.",
        schedule=effective.schedule,
        start_date=datetime(2024, 1, 1, tzinfo=timezone.utc),
        catchup=False,
        max_active_runs=1,
        tags=["lineage", FORWARDING_DAG_TAG],
    ) as dag:
        seconds = effective.max_seconds or interval * _DRAIN_SHARE
        drain = _task(SqsToDataZoneLineageOperator, settings, task_id="drain", max_seconds=seconds)
        if effective.on_processing_failed != "ignore":
            reconcile = _task(
                ReconcileDataZoneLineageOperator,
                settings,
                task_id="reconcile",
                max_seconds=interval * _RECONCILE_SHARE,
                # Also after a drain that failed: it may have posted some events.
                trigger_rule="all_done",
            )
            drain >> reconcile
            # A run succeeds when its last tasks do: this one does not run when one of the two has failed.
            [drain, reconcile] >> EmptyOperator(task_id="done")
    return dag


def _task(operator: type[LineageOperator], settings: Mapping[str, Any], **arguments: Any) -> LineageOperator:
    """Return a task with those of the settings that its operator takes."""
    accepted = {name: value for name, value in settings.items() if name in operator.setting_names}
    return operator(**accepted | arguments)


def _shortest_interval(schedule: str) -> timedelta:
    """Return the shortest time between two runs of a cron schedule, among the next hundred."""
    # Airflow's own cron library; imported here, or every import of this module would pay for it.
    from croniter import croniter

    if not croniter.is_valid(schedule):
        raise ConfigurationError(f"setting 'schedule': {schedule!r} is not a cron expression", example="'*/5 * * * *'")
    runs = croniter(schedule, datetime(2024, 1, 1, tzinfo=timezone.utc))
    starts: list[datetime] = [runs.get_next(datetime) for _ in range(100)]
    return min(later - earlier for earlier, later in pairwise(starts))
