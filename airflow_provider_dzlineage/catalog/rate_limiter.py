"""A rate limiter that backs off while DataZone throttles: the account's quota may be used by other senders too."""

from __future__ import annotations

import math
import threading
from collections import deque

# After a throttle the rate is halved, and doubles again every so many seconds. Long enough for another sender to find
# room, short enough to leave nothing of the quota unused; tests show both.
_RECOVERY_SECONDS = 8.0
# Below this share of throttled requests the rate is halved once and not further. Above it, each throttle halves it
# again, down to a share of the full rate at which it still learns when there is room.
_MANY_THROTTLED = 1 / 4
_LOWEST_SHARE = 1 / 8
_OBSERVED_REQUESTS = 64


class RateLimiter:
    """Spaces the starts of requests evenly. Safe to share between threads.

    :param rate: requests a second; ``math.inf`` for no limit.
    """

    def __init__(self, rate: float) -> None:
        self._full_rate = rate
        self._lock = threading.RLock()
        self._next_start = -math.inf
        self._starts: deque[float] = deque(maxlen=_OBSERVED_REQUESTS)
        self._throttled_starts: deque[float] = deque(maxlen=_OBSERVED_REQUESTS)
        self._fastest_observed = 0.0
        self._backed_off_at = -math.inf
        self._backed_off_to = rate

    def reserve(self, now: float) -> float:
        """Reserve the next free start.

        :param now: the caller's monotonic clock, seconds.
        :return: seconds from ``now`` until the caller's request may start.
        """
        with self._lock:
            start = max(now, self._next_start)
            self._next_start = start + 1 / self.rate(now)
            self._starts.append(start)
            return start - now

    def rate(self, now: float) -> float:
        """Return the requests a second that are allowed now."""
        with self._lock:
            since = now - self._backed_off_at
            if since > 100 * _RECOVERY_SECONDS:
                # The power below would overflow; the rate has recovered long ago.
                return self._full_rate
            return min(self._full_rate, self._backed_off_to * 2 ** (since / _RECOVERY_SECONDS))

    def observed_rate(self) -> float:
        """Return the requests a second of late; 0 when there were too few to tell."""
        with self._lock:
            if len(self._starts) < 2 or self._starts[-1] == self._starts[0]:
                return 0.0
            return (len(self._starts) - 1) / (self._starts[-1] - self._starts[0])

    def back_off(self, now: float, started: float) -> None:
        """Halve the rate. It recovers by itself.

        :param now: the caller's monotonic clock, seconds.
        :param started: when the throttled request was sent. One that was sent before the last back-off is not counted
            against the lower rate.
        """
        with self._lock:
            self._throttled_starts.append(started)
            if started < self._backed_off_at or not self._starts:
                return
            self._fastest_observed = max(self._fastest_observed, self.observed_rate())
            full_rate = self._fastest_observed if math.isinf(self._full_rate) else self._full_rate
            throttled = sum(start >= self._starts[0] for start in self._throttled_starts)
            is_many = throttled / len(self._starts) >= _MANY_THROTTLED
            rate = min(self.rate(now), full_rate) if is_many else full_rate
            if full_rate:
                self._backed_off_to = max(rate / 2, full_rate * _LOWEST_SHARE)
                self._backed_off_at = now
