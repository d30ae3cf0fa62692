"""Ask a domain at a pace, and ask again while it is throttled or away."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING, Any

from airflow_provider_dzlineage.aws.deadline import Jitter, backoff
from airflow_provider_dzlineage.catalog.client import Catalog
from airflow_provider_dzlineage.errors import ThrottledError, UnavailableError

if TYPE_CHECKING:
    from airflow_provider_dzlineage.catalog.rate_limiter import RateLimiter


class PacedCatalog(Catalog):
    """A domain whose every request waits for its turn, and is sent again after an answer that may pass.

    Safe to share between threads. When the time is up, a request raises what DataZone answered last.

    :param catalog: the domain.
    :param pacer: when requests may start.
    :param now: monotonic seconds.
    :param pause: waits for so many seconds, or until the time is up.
    :param is_over: tells, by anything that is true, that the time is up.
    :param jitter: a random number between two.
    """

    def __init__(
        self,
        catalog: Catalog,
        rate_limiter: RateLimiter,
        *,
        now: Callable[[], float],
        pause: Callable[[float], None],
        is_over: Callable[[], object],
        jitter: Jitter = random.uniform,
    ) -> None:
        super().__init__(catalog._client, catalog.domain_id)
        self._rate_limiter = rate_limiter
        self._now = now
        self._pause = pause
        self._is_over = is_over
        self._jitter = jitter
        self._lock = threading.Lock()
        self.requests = 0
        self.throttled = 0

    def _call(self, method: str, **parameters: Any) -> dict[str, Any]:
        failure = UnavailableError("no time is left to ask DataZone", "NoTimeLeft")
        for attempt in count(1):
            self._pause(self._rate_limiter.delay(self._now()))
            if self._is_over():
                raise failure
            started = self._now()
            with self._lock:
                self.requests += 1
            try:
                return super()._call(method, **parameters)
            except UnavailableError as error:
                failure = error
            if isinstance(failure, ThrottledError):
                self._rate_limiter.slow_down(self._now(), started)
                with self._lock:
                    self.throttled += 1
            self._pause(backoff(attempt, self._jitter))
        raise AssertionError("a count has no end")
