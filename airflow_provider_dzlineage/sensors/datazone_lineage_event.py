"""Wait until Amazon DataZone has processed lineage events."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow_provider_dzlineage._compat import AirflowFailException, AirflowSkipException, BaseSensorOperator, conf
from airflow_provider_dzlineage.errors import CatalogError, ConfigurationError
from airflow_provider_dzlineage.operators.base import DOMAIN_SETTINGS, task_settings
from airflow_provider_dzlineage.settings.site import DEFAULT_RATE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow.sdk import Context

    from airflow_provider_dzlineage.catalog.event_status import EventWatch

# Source: the identifier of GetLineageEvent in the DataZone service model.
_EVENT_ID = re.compile("[a-z0-9]{14}")


class DataZoneLineageEventSensor(BaseSensorOperator):
    """Wait until the domain has processed each of some lineage events; fail as soon as one has failed.

    ``domain_id``, ``domain_region_name`` and ``datazone_conn_id`` are settings and may be left out: then the
    ``[dzlineage]`` section of the Airflow configuration, the environment and the default follow, in this order.

    :param event_ids: What posting the events returned: a list, or a text with the ids in it. (templated)
    :param domain_id: Identifier of the domain. (templated)
    :param domain_region_name: AWS Region of the domain. (templated)
    :param datazone_conn_id: Airflow connection for the domain. (templated)
    :param deferrable: Wait in the triggerer, without a worker.
    """

    template_fields: Sequence[str] = ("event_ids", *DOMAIN_SETTINGS)
    ui_color = "#cfe2f3"

    def __init__(
        self,
        *,
        event_ids: Iterable[str] | str,
        domain_id: str | None = None,
        domain_region_name: str | None = None,
        datazone_conn_id: str | None = None,
        deferrable: bool = conf.getboolean("operators", "default_deferrable", fallback=False),
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.event_ids = event_ids
        self.domain_id = domain_id
        self.domain_region_name = domain_region_name
        self.datazone_conn_id = datazone_conn_id
        self.deferrable = deferrable
        self._watch: EventWatch | None = None

    def execute(self, context: Context) -> None:
        """Wait on the worker; or poll once and defer to the triggerer."""
        if not self.deferrable:
            super().execute(context)
            return
        try:
            is_done = self.poke(context)
        except AirflowFailException as error:
            # As Airflow does for a sensor that waits on the worker.
            if self.soft_fail or self.never_fail:
                raise AirflowSkipException(str(error)) from error
            raise
        if not is_done:
            from airflow_provider_dzlineage.triggers.datazone_lineage_event import DataZoneLineageEventTrigger

            self.defer(
                trigger=DataZoneLineageEventTrigger(**self._watch_arguments(), poke_interval=self.poke_interval),
                method_name=self.execute_complete.__name__,
                timeout=timedelta(seconds=self.timeout),
            )

    def execute_complete(self, context: Context, event: Mapping[str, Any]) -> None:
        """Succeed or fail as the triggerer's event says."""
        if event["error"]:
            raise CatalogError(event["error"], event["code"])
        self._fail_if(event["failed"])

    def poke(self, context: Context) -> bool:
        """Poll the events that were not processed before; return whether all are processed now."""
        if self._watch is None:
            # Imported here, or every parse of a DAG file would pay for boto3.
            from airflow_provider_dzlineage.catalog.event_status import EventWatch
            from airflow_provider_dzlineage.hooks.datazone import DataZoneLineageHook

            arguments = self._watch_arguments()
            hook = DataZoneLineageHook(aws_conn_id=arguments["aws_conn_id"], region_name=arguments["region_name"])
            self._watch = EventWatch(hook.catalog(arguments["domain_id"]), arguments["event_ids"], arguments["rate"])
        is_done = self._watch.poll()
        self._fail_if(self._watch.failed)
        self.log.info("Events that are not processed yet: %s", len(self._watch.pending))
        return is_done

    def _watch_arguments(self) -> dict[str, Any]:
        settings = task_settings(self, DOMAIN_SETTINGS)
        (domain_id,) = settings.required("domain_id")
        return {
            "domain_id": domain_id,
            "event_ids": event_ids_of(self.event_ids),
            "aws_conn_id": settings.datazone_conn_id,
            "region_name": settings.domain_region_name,
            # Raised quotas are quotas of posts.
            "rate": min(settings.rate, DEFAULT_RATE),
        }

    def _fail_if(self, failed: Sequence[str]) -> None:
        if failed:
            # A retry of the task would only find the same.
            raise AirflowFailException(f"DataZone failed to process: {', '.join(failed)}")


def event_ids_of(value: Iterable[str] | str) -> list[str]:
    """Return the ids of an iterable, or those in a text, as a rendered template is.

    :raises ConfigurationError: when one is no id that DataZone returns.
    """
    ids = re.findall(r"\w+", value) if isinstance(value, str) else list(value)
    invalid = [event_id for event_id in ids if not _EVENT_ID.fullmatch(str(event_id))]
    if invalid:
        raise ConfigurationError(
            f"'event_ids': {invalid[0]!r} is not an id that PostLineageEvent returns", example="4z5c2k9a7f1m3x"
        )
    return ids
