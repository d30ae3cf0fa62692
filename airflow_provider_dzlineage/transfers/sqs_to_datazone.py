"""Move OpenLineage events from Amazon SQS to Amazon DataZone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow_provider_dzlineage._compat import BaseOperator, BaseOperatorLink, Stats, XCom
from airflow_provider_dzlineage.errors import CatalogError
from airflow_provider_dzlineage.operators.base import RETURN_VALUE, DomainOperator
from airflow_provider_dzlineage.settings import RULES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_provider_dzlineage.catalog.client import Catalog
    from airflow_provider_dzlineage.forwarding.report import Report
    from airflow_provider_dzlineage.operators.metrics import DrainMetrics

_PORTAL_URL = "portal_url"


class DomainPortalLink(BaseOperatorLink):
    """Link to the portal of the domain that a drain has published to."""

    name = "DataZone portal"

    def get_link(self, operator: BaseOperator, *, ti_key: Any) -> str:
        """Return the address that the task has left; empty before it has run."""
        return XCom.get_value(key=_PORTAL_URL, ti_key=ti_key) or ""


class SqsToDataZoneLineageOperator(DomainOperator):
    """Drain the buffer once: post each of its OpenLineage events to the domain.

    Every argument is a setting and may be left out: then the ``[dzlineage]`` section of the Airflow configuration, the
    environment and the default follow, in this order.

    :param queue_url: URL of the SQS queue. (templated)
    :param dead_letter_queue_url: URL of the queue for events that cannot be published. (templated)
    :param domain_id: Identifier of the domain. (templated)
    :param region_name: AWS Region of the queue. (templated)
    :param domain_region_name: AWS Region of the domain. (templated)
    :param sqs_conn_id: Airflow connection for the queue.
    :param datazone_conn_id: Airflow connection for the domain.
    :param rate: Posts a second, or ``unlimited``.
    :param max_seconds: Deadline of the drain.
    :param max_receives: After so many receives an unknown error is permanent.
    :param merge: Whether events of one run are posted as one: ``never``, ``backlog`` or ``always``.
    :param kwargs: Any of :data:`~airflow_provider_dzlineage.settings.RULES`, such as ``transforms`` or
        ``exclude_jobs``; the rest is Airflow's.
    """

    setting_names: Sequence[str] = (*DomainOperator.setting_names, "max_receives", "merge", *RULES)
    operator_extra_links = (DomainPortalLink(),)
    ui_color = "#d9ead3"

    def __init__(self, *, max_receives: int | None = None, merge: str | None = None, **kwargs: Any) -> None:
        rules = {name: kwargs.pop(name, None) for name in RULES}
        super().__init__(**kwargs)
        self.max_receives = max_receives
        self.merge = merge
        for name, value in rules.items():
            setattr(self, name, value)

    def execute(self, context: Mapping[str, Any]) -> dict[str, Any]:
        """Drain the buffer and return the report."""
        # Imported here, or every parse of a DAG file would pay for boto3.
        from airflow_provider_dzlineage.buffer.dead_letter_queue import find_dead_letter_queue
        from airflow_provider_dzlineage.forwarding.forwarder import Forwarder
        from airflow_provider_dzlineage.forwarding.report import ProgressLog
        from airflow_provider_dzlineage.lineage.rules.from_settings import pipeline_of
        from airflow_provider_dzlineage.operators.metrics import DrainMetrics

        settings = self._settings()
        queue, catalog = self._buffer(settings), self._catalog(settings)
        dead_letters = find_dead_letter_queue(queue, settings.dead_letter_queue_url)
        metrics, progress = DrainMetrics(Stats, {"dag_id": self.dag_id}), ProgressLog(self.log.info)

        def on_progress(report: Report) -> None:
            metrics.emit(report)
            progress.tell(report)

        pipeline = pipeline_of(settings, self._client_for(settings))
        forwarder = Forwarder(
            queue, dead_letters, catalog, settings, pipeline, stop=self._stop_when_killed(), on_post=metrics.time_post
        )
        try:
            forwarder.drain(settings.max_seconds or math.inf, on_progress=on_progress)
        except BaseException:
            # A task that fails returns nothing, and its report is wanted most.
            context["ti"].xcom_push(key=RETURN_VALUE, value=self._tell(forwarder.report(), metrics))
            raise
        self._leave_portal_url(catalog, context["ti"])
        return self._tell(forwarder.report(), metrics)

    def _tell(self, report: Report, metrics: DrainMetrics) -> dict[str, Any]:
        metrics.emit(report)
        for line in report.lines():
            self.log.info(line)
        return report.to_dict()

    def _leave_portal_url(self, catalog: Catalog, task_instance: Any) -> None:
        try:
            task_instance.xcom_push(key=_PORTAL_URL, value=catalog.portal_url())
        except CatalogError as error:
            self.log.debug("There will be no link to the portal: %s", error)
