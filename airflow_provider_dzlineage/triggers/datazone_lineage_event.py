"""Wait in the triggerer until Amazon DataZone has processed lineage events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from airflow.triggers.base import BaseTrigger, TriggerEvent
from asgiref.sync import sync_to_async

from airflow_provider_dzlineage.catalog.event_status import EventWatch
from airflow_provider_dzlineage.errors import CatalogError
from airflow_provider_dzlineage.hooks.datazone import DataZoneLineageHook


class DataZoneLineageEventTrigger(BaseTrigger):
    """Fire when each of some lineage events is processed, or one has failed.

    Requests are sent from a thread, since aiobotocore is not installed with every Airflow, and only its newest versions
    know the lineage operations.

    :param domain_id: Identifier of the domain.
    :param event_ids: What posting the events returned.
    :param aws_conn_id: The Airflow connection for AWS credentials.
    :param region_name: AWS Region of the domain; None for the connection's or the environment's.
    :param rate: Requests a second.
    :param poke_interval: Seconds between two polls.
    """

    def __init__(
        self,
        *,
        domain_id: str,
        event_ids: list[str],
        aws_conn_id: str | None,
        region_name: str | None,
        rate: float,
        poke_interval: float,
    ) -> None:
        super().__init__()
        self.domain_id = domain_id
        self.event_ids = event_ids
        self.aws_conn_id = aws_conn_id
        self.region_name = region_name
        self.rate = rate
        self.poke_interval = poke_interval

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return the class and the arguments from which the triggerer makes the trigger."""
        names = ("domain_id", "event_ids", "aws_conn_id", "region_name", "rate", "poke_interval")
        return f"{type(self).__module__}.{type(self).__qualname__}", {name: getattr(self, name) for name in names}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Poll until there is nothing to wait for.

        :return: one event: ``failed``, ids of events that failed, or ``error`` and its ``code``.
        """
        try:
            watch = await sync_to_async(self._watch)()
            while not await sync_to_async(watch.poll)():
                await asyncio.sleep(self.poke_interval)
        except CatalogError as error:
            yield TriggerEvent({"failed": [], "error": str(error), "code": error.code})
        else:
            yield TriggerEvent({"failed": watch.failed, "error": "", "code": ""})

    def _watch(self) -> EventWatch:
        hook = DataZoneLineageHook(aws_conn_id=self.aws_conn_id, region_name=self.region_name)
        return EventWatch(hook.catalog(self.domain_id), self.event_ids, self.rate)
