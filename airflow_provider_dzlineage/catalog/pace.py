"""Keep posts to a rate."""

from __future__ import annotations

import threading


class Pacer:
    """Hand out the moments at which posts may start, evenly spaced. Safe to share between threads.

    :param rate: posts a second; ``math.inf`` for no limit.
    """

    def __init__(self, rate: float) -> None:
        self._interval = 1 / rate
        self._lock = threading.Lock()
        self._next = float("-inf")

    def delay(self, now: float) -> float:
        """Take the next free moment.

        :param now: the caller's monotonic clock, seconds.
        :return: seconds from ``now`` until the caller's post may start.
        """
        with self._lock:
            moment = max(now, self._next)
            self._next = moment + self._interval
            return moment - now
