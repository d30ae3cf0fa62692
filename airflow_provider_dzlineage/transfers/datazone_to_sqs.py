"""Move the OpenLineage events that Amazon DataZone failed to process back to Amazon SQS, into the dead-letter queue."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from airflow_provider_dzlineage._compat import AirflowFailException, Stats
from airflow_provider_dzlineage.operators.base import DOMAIN_SETTINGS, QUEUE_SETTINGS, LineageOperator

if TYPE_CHECKING:
    from airflow_provider_dzlineage.catalog.reconciliation import ReconciliationReport
    from airflow_provider_dzlineage.settings.site import Settings

_STATE = "reconciliation_state"


class ReconcileDataZoneLineageOperator(LineageOperator):
    """Write each event that DataZone accepted and then failed to process to the dead-letter queue; return the report.

    What a run has handled lies in an XCom of the task, from which its next run goes on.

    Every argument is a setting and may be left out: then the ``[dzlineage]`` section of the Airflow configuration, the
    environment and the default follow, in this order.

    :param queue_url: URL of the SQS queue that buffers the events. (templated)
    :param dead_letter_queue_url: URL of the queue for events that cannot be published. (templated)
    :param region_name: AWS Region of the queue. (templated)
    :param sqs_conn_id: Airflow connection for the queue. (templated)
    :param domain_id: Identifier of the domain. (templated)
    :param domain_region_name: AWS Region of the domain. (templated)
    :param datazone_conn_id: Airflow connection for the domain. (templated)
    :param rate: Requests a second, at most the default quota.
    :param max_seconds: Deadline in seconds; what is then left waits for the next run.
    :param on_processing_failed: ``fail`` to fail the task when there are such events, else ``warn``.
    """

    setting_names: Sequence[str] = (*QUEUE_SETTINGS, *DOMAIN_SETTINGS, "rate", "max_seconds", "on_processing_failed")
    required_settings: Sequence[str] = ("queue_url", "domain_id")
    template_fields: Sequence[str] = (*QUEUE_SETTINGS, *DOMAIN_SETTINGS)
    ui_color = "#f4cccc"

    def __init__(
        self,
        *,
        queue_url: str | None = None,
        dead_letter_queue_url: str | None = None,
        region_name: str | None = None,
        sqs_conn_id: str | None = None,
        domain_id: str | None = None,
        domain_region_name: str | None = None,
        datazone_conn_id: str | None = None,
        rate: float | str | None = None,
        max_seconds: float | None = None,
        on_processing_failed: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._keep_settings(locals())

    def execute(self, context: Mapping[str, Any]) -> dict[str, Any]:
        """Scan once and return the report."""
        from airflow_provider_dzlineage.buffer.dead_letter_queue import find_dead_letter_queue
        from airflow_provider_dzlineage.catalog.reconciliation import Reconciliation

        settings = self._settings()
        queue = self._queue(settings)
        reconciliation = Reconciliation(
            self._catalog(settings),
            find_dead_letter_queue(queue, settings.dead_letter_queue_url),
            settings,
            state=self._state_of_earlier_runs(context["ti"]),
            stop=self._stop_when_killed(),
        )
        try:
            reconciliation.run(settings.max_seconds or math.inf)
        finally:
            # Also when it failed half-way: what lies in the dead-letter queue is not to be written again.
            self._push_state(context, reconciliation.state)
            self.log.info(reconciliation.report.line())
        self._warn_or_fail(reconciliation.report, settings)
        return reconciliation.report.to_dict()

    def _state_of_earlier_runs(self, ti: Any) -> object:
        # Airflow 3 logs an error for an XCom that is not there, which is so before the first run has ended. Airflow 2
        # logs none, and has no count.
        if hasattr(ti, "get_ti_count") and not ti.get_ti_count(
            dag_id=self.dag_id, task_ids=[self.task_id], map_index=ti.map_index, states=["success", "failed"]
        ):
            return None
        return ti.xcom_pull(task_ids=self.task_id, key=_STATE, include_prior_dates=True, map_indexes=ti.map_index)

    def _push_state(self, context: Mapping[str, Any], state: object) -> None:
        # PostgreSQL sorts a run without a logical date, which Airflow 3 has, before all later ones: every later run
        # would go on from its state.
        if "logical_date" in context:
            context["ti"].xcom_push(key=_STATE, value=state)

    def _warn_or_fail(self, report: ReconciliationReport, settings: Settings) -> None:
        from airflow_provider_dzlineage.operators.metrics import PREFIX

        if not report.failed:
            return
        Stats.incr(f"{PREFIX}.processing_failed", report.failed, tags={"dag_id": self.dag_id})
        where = (
            "they are in the dead-letter queue" if report.dead_lettered else "there is no dead-letter queue for them"
        )
        message = f"DataZone failed to process {report.failed} events that it had accepted; {where}"
        if settings.on_processing_failed == "fail":
            # A retry of the task would find nothing any more, and hide the failure.
            raise AirflowFailException(message)
        self.log.warning(message)
