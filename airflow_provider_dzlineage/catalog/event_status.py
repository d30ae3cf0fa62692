"""Wait until DataZone has processed events that it has accepted."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from airflow_provider_dzlineage.aws.deadline import Clock
from airflow_provider_dzlineage.catalog.client import Catalog
from airflow_provider_dzlineage.catalog.rate_limiter import RateLimiter
from airflow_provider_dzlineage.errors import UnavailableError

log = logging.getLogger(__name__)


class EventWatch:
    """Polls the status of events until each is processed, or one has failed.

    :param catalog: the domain.
    :param event_ids: what posting the events returned.
    :param rate: requests a second.
    :param clock: tells the time and waits.
    :ivar pending: ids of the events that are not processed yet.
    :ivar failed: ids of the events that DataZone failed to process.
    """

    def __init__(self, catalog: Catalog, event_ids: Iterable[str], rate: float, *, clock: Clock | None = None) -> None:
        self._catalog = catalog
        self._rate_limiter = RateLimiter(rate)
        self._clock = clock or Clock()
        self.pending = list(dict.fromkeys(event_ids))
        self.failed: list[str] = []

    def poll(self) -> bool:
        """Request the status of each pending event once; while DataZone is unavailable, the next poll goes on.

        :return: whether the wait is over: each event is processed, or one has failed.
        :raises CatalogError: when no request can succeed until somebody changes something, or an event is not there.
        """
        for event_id in list(self.pending):
            self._clock.sleep(self._rate_limiter.reserve(self._clock.now()))
            try:
                status = self._catalog.get_event(event_id)["processingStatus"]
            except UnavailableError as error:
                log.info("DataZone is unavailable; the next poll goes on: %s", error)
                break
            if status in ("SUCCESS", "FAILED"):
                self.pending.remove(event_id)
            if status == "FAILED":
                self.failed.append(event_id)
        return bool(self.failed) or not self.pending
