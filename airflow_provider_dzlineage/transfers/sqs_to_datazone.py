"""Move OpenLineage events from Amazon SQS to Amazon DataZone."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from airflow_provider_dzlineage._compat import BaseOperator, BaseOperatorLink, Stats, XCom, airflow_section
from airflow_provider_dzlineage.errors import CatalogError
from airflow_provider_dzlineage.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_provider_dzlineage.catalog.datazone import Catalog
    from airflow_provider_dzlineage.forwarding.report import Report
    from airflow_provider_dzlineage.transfers.drain_metrics import DrainMetrics

_PORTAL_URL = "portal_url"
_RETURN_VALUE = "return_value"


class DomainPortalLink(BaseOperatorLink):
    """Link to the portal of the domain that a drain has published to."""

    name = "DataZone portal"

    def get_link(self, operator: BaseOperator, *, ti_key: Any) -> str:
        """Return the address that the task has left; empty before it has run."""
        return XCom.get_value(key=_PORTAL_URL, ti_key=ti_key) or ""


class SqsToDataZoneLineageOperator(BaseOperator):
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
    """

    template_fields: Sequence[str] = (
        "queue_url",
        "dead_letter_queue_url",
        "domain_id",
        "region_name",
        "domain_region_name",
    )
    operator_extra_links = (DomainPortalLink(),)
    ui_color = "#d9ead3"

    def __init__(
        self,
        *,
        queue_url: str | None = None,
        dead_letter_queue_url: str | None = None,
        domain_id: str | None = None,
        region_name: str | None = None,
        domain_region_name: str | None = None,
        sqs_conn_id: str | None = None,
        datazone_conn_id: str | None = None,
        rate: float | str | None = None,
        max_seconds: float | None = None,
        max_receives: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.queue_url = queue_url
        self.dead_letter_queue_url = dead_letter_queue_url
        self.domain_id = domain_id
        self.region_name = region_name
        self.domain_region_name = domain_region_name
        self.sqs_conn_id = sqs_conn_id
        self.datazone_conn_id = datazone_conn_id
        self.rate = rate
        self.max_seconds = max_seconds
        self.max_receives = max_receives
        self._stop: threading.Event | None = None

    def execute(self, context: Mapping[str, Any]) -> dict[str, Any]:
        """Drain the buffer and return the report."""
        # Imported here, or every parse of a DAG file would pay for boto3.
        from airflow.providers.amazon.aws.hooks.sqs import SqsHook

        from airflow_provider_dzlineage.buffer.dead_letters import dead_letters_of
        from airflow_provider_dzlineage.buffer.queue import CLIENT_CONFIG, Queue
        from airflow_provider_dzlineage.buffer.queue_url import region_of
        from airflow_provider_dzlineage.forwarder import Forwarder
        from airflow_provider_dzlineage.forwarding.progress import ProgressLog
        from airflow_provider_dzlineage.hooks.datazone import DataZoneLineageHook
        from airflow_provider_dzlineage.transfers.drain_metrics import DrainMetrics

        settings = load_settings(self._explicit_settings(), airflow_section())
        queue_url, domain_id = settings.required("queue_url", "domain_id")
        sqs = SqsHook(
            aws_conn_id=settings.sqs_conn_id,
            region_name=settings.region_name or region_of(queue_url),
            config=CLIENT_CONFIG,
        )
        datazone = DataZoneLineageHook(aws_conn_id=settings.datazone_conn_id, region_name=settings.domain_region_name)
        self._stop = threading.Event()
        queue, catalog = Queue(sqs.conn, queue_url), datazone.catalog(domain_id)
        dead_letters = dead_letters_of(queue, settings.dead_letter_queue_url)
        metrics, progress = DrainMetrics(Stats, {"dag_id": self.dag_id}), ProgressLog(self.log.info)

        def on_progress(report: Report) -> None:
            metrics.emit(report)
            progress.tell(report)

        forwarder = Forwarder(queue, dead_letters, catalog, settings, stop=self._stop, on_post=metrics.time_post)
        try:
            forwarder.drain(settings.max_seconds or math.inf, on_progress=on_progress)
        except BaseException:
            # A task that fails returns nothing, and its report is wanted most.
            context["ti"].xcom_push(key=_RETURN_VALUE, value=self._tell(forwarder.report(), metrics))
            raise
        self._leave_portal_url(catalog, context["ti"])
        return self._tell(forwarder.report(), metrics)

    def on_kill(self) -> None:
        """End the drain in order: what is in hand goes back to the queue."""
        if self._stop:
            self._stop.set()

    def _explicit_settings(self) -> dict[str, Any]:
        return {setting.name: getattr(self, setting.name, None) for setting in fields(Settings)}

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
