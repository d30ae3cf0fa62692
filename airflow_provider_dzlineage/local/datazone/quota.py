"""The request quota of an account and Region."""

from __future__ import annotations

from collections.abc import Callable


class Quota:
    """A token bucket for each account and Region; it holds one second's worth.

    :param rate: requests a second.
    :param clock: monotonic seconds.
    """

    def __init__(self, rate: float, clock: Callable[[], float]) -> None:
        self._rate = rate
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, who: str) -> bool:
        """Take one request from the bucket of an account and Region; False when it is empty."""
        if self._rate == float("inf"):
            return True
        now = self._clock()
        size = max(self._rate, 1.0)
        tokens, then = self._buckets.get(who, (size, now))
        tokens = min(size, tokens + (now - then) * self._rate)
        taken = tokens >= 1
        self._buckets[who] = (tokens - taken, now)
        return taken
