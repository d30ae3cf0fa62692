"""Keep posts to a rate, and to less of it for a while when the account's quota is used by others too."""

from __future__ import annotations

import math
import threading
from collections import deque

# After a throttle: half the pace at once, and twice as much again after so many seconds. Long enough for another sender
# to find room, short enough to leave nothing of the quota unused; tests show both.
_CLIMB_SECONDS = 8.0
# A few throttles among many posts are an accident: the pace is half, and no less. With more it halves again and again,
# down to a share at which it still learns when there is room again.
_MANY_THROTTLED = 1 / 4
_LOWEST_SHARE = 1 / 8
_OBSERVED_POSTS = 64


class RateLimiter:
    """Hand out the moments at which posts may start, evenly spaced. Safe to share between threads.

    :param rate: posts a second; ``math.inf`` for no limit.
    """

    def __init__(self, rate: float) -> None:
        self._full = rate
        self._lock = threading.Lock()
        self._next = -math.inf
        self._moments: deque[float] = deque(maxlen=_OBSERVED_POSTS)
        self._throttles: deque[float] = deque(maxlen=_OBSERVED_POSTS)
        self._fastest = 0.0
        self._slowed_at = -math.inf
        self._slowed_to = rate

    def delay(self, now: float) -> float:
        """Take the next free moment.

        :param now: the caller's monotonic clock, seconds.
        :return: seconds from ``now`` until the caller's post may start.
        """
        with self._lock:
            moment = max(now, self._next)
            self._next = moment + 1 / self._rate(now)
            self._moments.append(moment)
            return moment - now

    def rate(self, now: float) -> float:
        """Return the posts a second that are allowed now."""
        with self._lock:
            return self._rate(now)

    def observed(self) -> float:
        """Return the posts a second of late; 0 when there were too few to tell."""
        with self._lock:
            return self._observed()

    def slow_down(self, now: float, started: float) -> None:
        """Halve the pace. It climbs back by itself.

        :param now: the caller's monotonic clock, seconds.
        :param started: when the post that was throttled was sent. One that was sent before the pace was halved says
            nothing of the new pace.
        """
        with self._lock:
            self._throttles.append(started)
            if started < self._slowed_at or not self._moments:
                return
            self._fastest = max(self._fastest, self._observed())
            full = self._fastest if math.isinf(self._full) else self._full
            current = min(self._rate(now), full) if self._throttled_share() >= _MANY_THROTTLED else full
            if full:
                self._slowed_to = max(current / 2, full * _LOWEST_SHARE)
                self._slowed_at = now

    def _throttled_share(self) -> float:
        return sum(moment >= self._moments[0] for moment in self._throttles) / len(self._moments)

    def _rate(self, now: float) -> float:
        since = now - self._slowed_at
        # The power would overflow long after the pace is back.
        climbed = math.inf if since > 100 * _CLIMB_SECONDS else self._slowed_to * 2 ** (since / _CLIMB_SECONDS)
        return min(self._full, climbed)

    def _observed(self) -> float:
        if len(self._moments) < 2 or self._moments[-1] == self._moments[0]:
            return 0.0
        return (len(self._moments) - 1) / (self._moments[-1] - self._moments[0])
