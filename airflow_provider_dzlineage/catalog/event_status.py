"""Watch events that DataZone has accepted until it has processed them."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable

from airflow_provider_dzlineage.catalog.client import Catalog
from airflow_provider_dzlineage.catalog.rate_limiter import RateLimiter
from airflow_provider_dzlineage.errors import UnavailableError

log = logging.getLogger(__name__)


class EventWatch:
    """Asks for the status of events until each is processed.

    :param catalog: the domain.
    :param event_ids: what posting the events returned.
    :param rate: requests a second.
    :param now: monotonic seconds.
    :param sleep: waits for so many seconds.
    """

    def __init__(
        self,
        catalog: Catalog,
        event_ids: Iterable[str],
        rate: float,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._catalog = catalog
        self._rate_limiter = RateLimiter(rate)
        self._now = now
        self._sleep = sleep
        self.open = list(dict.fromkeys(event_ids))
        self.failed: list[str] = []

    def look(self) -> bool:
        """Ask once for each event that is open; what DataZone does not answer now is asked for the next time.

        :return: whether there is nothing to wait for any more: each is processed, or one has failed.
        :raises CatalogError: when no request can succeed until somebody changes something, or an event is not there.
        """
        for event_id in list(self.open):
            self._sleep(self._rate_limiter.delay(self._now()))
            try:
                status = self._catalog.get_event(event_id)["processingStatus"]
            except UnavailableError as error:
                log.info("DataZone will be asked again: %s", error)
                break
            if status in ("SUCCESS", "FAILED"):
                self.open.remove(event_id)
            if status == "FAILED":
                self.failed.append(event_id)
        return bool(self.failed) or not self.open
