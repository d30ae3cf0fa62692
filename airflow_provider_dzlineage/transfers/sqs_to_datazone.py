"""Move OpenLineage events from Amazon SQS to Amazon DataZone."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from airflow_provider_dzlineage._compat import BaseOperator, BaseOperatorLink, Stats, XCom
from airflow_provider_dzlineage.errors import CatalogError
from airflow_provider_dzlineage.operators.base import (
    DOMAIN_SETTINGS,
    QUEUE_SETTINGS,
    LineageOperator,
    push_report_of_failure,
)
from airflow_provider_dzlineage.settings.site import RULES

if TYPE_CHECKING:
    from airflow_provider_dzlineage.catalog.client import Catalog
    from airflow_provider_dzlineage.forwarding.forwarder import Forwarder
    from airflow_provider_dzlineage.forwarding.report import Report
    from airflow_provider_dzlineage.operators.metrics import DrainMetrics

_PORTAL_URL = "portal_url"


class DomainPortalLink(BaseOperatorLink):
    """Link to the portal of the domain that a drain has published to."""

    name = "DataZone portal"

    def get_link(self, operator: BaseOperator, *, ti_key: Any) -> str:
        """Return the address that the task has left; empty before it has run."""
        return XCom.get_value(key=_PORTAL_URL, ti_key=ti_key) or ""


class SqsToDataZoneLineageOperator(LineageOperator):
    """Drain the queue once: post each of its OpenLineage events to the domain; return the report.

    Every argument is a setting and may be left out: then the ``[dzlineage]`` section of the Airflow configuration, the
    environment and the default follow, in this order. Lists may be texts between commas, and mappings JSON.

    :param queue_url: URL of the SQS queue. (templated)
    :param dead_letter_queue_url: URL of the queue for events that cannot be published. (templated)
    :param region_name: AWS Region of the queue. (templated)
    :param sqs_conn_id: Airflow connection for the queue. (templated)
    :param domain_id: Identifier of the domain. (templated)
    :param domain_region_name: AWS Region of the domain. (templated)
    :param datazone_conn_id: Airflow connection for the domain. (templated)
    :param rate: Posts a second, or ``unlimited``.
    :param max_seconds: Deadline of the drain, in seconds.
    :param max_receives: After so many receives of a message, an unknown error of DataZone counts as permanent.
    :param merge: Whether events of one run are posted as one: ``never``, ``backlog`` or ``always``.
    :param transforms: What repairs an event, in this order: names of transforms, or dotted paths. (templated)
    :param redshift: What Redshift hosts, clusters and workgroups are; others are looked up. (templated)
    :param account_id: AWS account whose Glue catalog holds Athena's tables. (templated)
    :param job_names: Regular expressions of what is cut from job names.
    :param namespaces: New namespaces of jobs and datasets by the old ones. (templated)
    :param facets: Globs of the facets to ``drop``, or the only ones to ``keep``.
    :param redact: Regular expressions of further secrets.
    :param skip_empty: Whether events without datasets are skipped, unless they say FAIL or ABORT.
    :param include_jobs: Globs of the only jobs whose events are posted. (templated)
    :param exclude_jobs: Globs of jobs whose events are skipped. (templated)
    :param include_job_namespaces: Globs of the only job namespaces. (templated)
    :param exclude_job_namespaces: Globs of job namespaces to skip. (templated)
    :param include_producers: Globs of the only producers. (templated)
    :param exclude_producers: Globs of producers to skip. (templated)
    :param include_dataset_namespaces: Globs of dataset namespaces, of which an event must have one. (templated)
    :param exclude_dataset_namespaces: Globs of dataset namespaces; an event with no others is skipped. (templated)
    """

    setting_names: Sequence[str] = (
        *(*QUEUE_SETTINGS, *DOMAIN_SETTINGS),
        *("rate", "max_seconds", "max_receives", "merge", *RULES),
    )
    required_settings: Sequence[str] = ("queue_url", "domain_id")
    # Without regular expressions, whose braces would be a template's.
    template_fields: Sequence[str] = (
        *(*QUEUE_SETTINGS, *DOMAIN_SETTINGS),
        *("transforms", "redshift", "account_id", "namespaces"),
        *("include_jobs", "exclude_jobs", "include_job_namespaces", "exclude_job_namespaces"),
        *("include_producers", "exclude_producers", "include_dataset_namespaces", "exclude_dataset_namespaces"),
    )
    operator_extra_links = (DomainPortalLink(),)
    ui_color = "#d9ead3"

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
        max_receives: int | None = None,
        merge: str | None = None,
        transforms: Sequence[str] | str | None = None,
        redshift: Mapping[str, Any] | str | None = None,
        account_id: str | None = None,
        job_names: Sequence[str] | str | None = None,
        namespaces: Mapping[str, Any] | str | None = None,
        facets: Mapping[str, Any] | str | None = None,
        redact: Sequence[str] | str | None = None,
        skip_empty: bool | str | None = None,
        include_jobs: Sequence[str] | str | None = None,
        exclude_jobs: Sequence[str] | str | None = None,
        include_job_namespaces: Sequence[str] | str | None = None,
        exclude_job_namespaces: Sequence[str] | str | None = None,
        include_producers: Sequence[str] | str | None = None,
        exclude_producers: Sequence[str] | str | None = None,
        include_dataset_namespaces: Sequence[str] | str | None = None,
        exclude_dataset_namespaces: Sequence[str] | str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._keep_settings(locals())

    def execute(self, context: Mapping[str, Any]) -> dict[str, Any]:
        """Drain the queue and return the report."""
        from airflow_provider_dzlineage.buffer.dead_letter_queue import find_dead_letter_queue
        from airflow_provider_dzlineage.forwarding.forwarder import Forwarder
        from airflow_provider_dzlineage.lineage.rules.from_settings import pipeline_of
        from airflow_provider_dzlineage.operators.metrics import DrainMetrics

        settings = self._settings()
        queue, catalog = self._queue(settings), self._catalog(settings)
        metrics = DrainMetrics(Stats, {"dag_id": self.dag_id})
        forwarder = Forwarder(
            queue,
            find_dead_letter_queue(queue, settings.dead_letter_queue_url),
            catalog,
            settings,
            pipeline_of(settings, self._lookup_client(settings)),
            stop=self._stop_when_killed(),
            on_post=metrics.time_post,
        )
        try:
            self._drain(forwarder, metrics, settings.max_seconds or math.inf)
        except BaseException:
            push_report_of_failure(context, self._final_report(forwarder, metrics))
            raise
        context["ti"].xcom_push(key=_PORTAL_URL, value=self._portal_url(catalog))
        return self._final_report(forwarder, metrics)

    def _portal_url(self, catalog: Catalog) -> str:
        try:
            return catalog.portal_url() or ""
        except CatalogError as error:
            # Airflow 3 would log an error for an XCom that is not there.
            self.log.debug("There will be no link to the portal: %s", error)
            return ""

    def _drain(self, forwarder: Forwarder, metrics: DrainMetrics, max_seconds: float) -> None:
        from airflow_provider_dzlineage.forwarding.report import ProgressLog

        progress = ProgressLog(self.log.info)

        def on_progress(report: Report) -> None:
            metrics.emit(report)
            progress.update(report)

        forwarder.drain(max_seconds, on_progress=on_progress)

    def _final_report(self, forwarder: Forwarder, metrics: DrainMetrics) -> dict[str, Any]:
        report = forwarder.report()
        metrics.emit(report)
        for line in report.lines():
            self.log.info(line)
        return report.to_dict()
