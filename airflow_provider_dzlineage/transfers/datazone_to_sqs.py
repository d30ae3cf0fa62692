"""Move the OpenLineage events that Amazon DataZone failed to process back to Amazon SQS, into the dead-letter queue."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow_provider_dzlineage._compat import AirflowFailException, Stats
from airflow_provider_dzlineage.operators.base import DomainOperator

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_provider_dzlineage.catalog.reconciliation import ReconciliationReport
    from airflow_provider_dzlineage.settings import Settings

_STATE = "reconciliation_state"


class ReconcileDataZoneLineageOperator(DomainOperator):
    """Look once for events that DataZone accepted and then failed to process; write each to the dead-letter queue.

    What a look has seen is remembered in an XCom of the task, from which its next run goes on.

    Every argument is a setting and may be left out: then the ``[dzlineage]`` section of the Airflow configuration, the
    environment and the default follow, in this order.

    :param queue_url: URL of the SQS queue that buffers the events. (templated)
    :param dead_letter_queue_url: URL of the queue for events that cannot be published. (templated)
    :param domain_id: Identifier of the domain. (templated)
    :param region_name: AWS Region of the queue. (templated)
    :param domain_region_name: AWS Region of the domain. (templated)
    :param sqs_conn_id: Airflow connection for the queue.
    :param datazone_conn_id: Airflow connection for the domain.
    :param rate: Requests a second, at most the default quota.
    :param max_seconds: Deadline of the look; what is then left waits for the next one.
    :param on_processing_failed: ``fail`` to fail the task when there are such events, else ``warn``.
    """

    setting_names: Sequence[str] = (*DomainOperator.setting_names, "on_processing_failed")
    ui_color = "#f4cccc"

    def __init__(self, *, on_processing_failed: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.on_processing_failed = on_processing_failed

    def execute(self, context: Mapping[str, Any]) -> dict[str, Any]:
        """Look once and return the report."""
        # Imported here, or every parse of a DAG file would pay for boto3.
        from airflow_provider_dzlineage.buffer.dead_letter_queue import find_dead_letter_queue
        from airflow_provider_dzlineage.catalog.reconciliation import Reconciliation

        settings = self._settings()
        ti = context["ti"]
        reconciliation = Reconciliation(
            self._catalog(settings),
            find_dead_letter_queue(self._buffer(settings), settings.dead_letter_queue_url),
            settings,
            state=ti.xcom_pull(task_ids=self.task_id, key=_STATE, include_prior_dates=True, map_indexes=ti.map_index),
            stop=self._stop_when_killed(),
        )
        try:
            reconciliation.run(settings.max_seconds or math.inf)
        finally:
            # Also when it failed half-way: what lies in the dead-letter queue is not to be written again.
            # PostgreSQL sorts a run without a logical date, which Airflow 3 has, before all later ones: its state would
            # be every later look's.
            if "logical_date" in context:
                ti.xcom_push(key=_STATE, value=reconciliation.state)
            self.log.info(reconciliation.report.line())
        self._tell(reconciliation.report, settings)
        return reconciliation.report.to_dict()

    def _tell(self, report: ReconciliationReport, settings: Settings) -> None:
        from airflow_provider_dzlineage.operators.metrics import PREFIX

        if not report.failed:
            return
        Stats.incr(f"{PREFIX}.processing_failed", report.failed, tags={"dag_id": self.dag_id})
        where = (
            "they are in the dead-letter queue" if report.dead_lettered else "there is no dead-letter queue for them"
        )
        message = f"DataZone failed to process {report.failed} events that it had accepted; {where}"
        if settings.on_processing_failed == "fail":
            # A second try of the task would find nothing any more, and hide the failure.
            raise AirflowFailException(message)
        self.log.warning(message)
