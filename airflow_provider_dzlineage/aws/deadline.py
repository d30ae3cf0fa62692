"""Time: clocks, deadlines, and how long to wait before a request is sent again."""

from __future__ import annotations

import math
import random
import threading
import time
from collections.abc import Callable
from typing import Protocol


class Waitable(Protocol):
    """A ``threading.Event`` or a ``threading.Condition``."""

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is signalled or the time-out, in seconds, is over; say whether it was signalled."""


class Clock:
    """The one owner of time. Another one makes it run faster in tests."""

    def now(self) -> float:
        """Return monotonic seconds."""
        return time.monotonic()

    def wait(self, waitable: Waitable, seconds: float) -> bool:
        """Wait until something is signalled, for at most ``seconds``; say whether it was."""
        return waitable.wait(min(max(0.0, seconds), threading.TIMEOUT_MAX))

    def sleep(self, seconds: float) -> None:
        """Wait."""
        self.wait(threading.Event(), seconds)


class Deadline:
    """The end of a drain: a moment, a request to stop, or a reason that comes up on the way, whichever is first.

    :param seconds: from now; ``math.inf`` for none.
    :param stop: a request to stop; may be set from any thread or signal handler.
    """

    def __init__(self, seconds: float = math.inf, stop: threading.Event | None = None, clock: Clock | None = None):
        self.clock = clock or Clock()
        self._end = self.clock.now() + seconds
        self._stop = stop or threading.Event()
        self._cut = ""

    def cut(self, reason: str) -> None:
        """Let the end be now.

        :param reason: a short stable word.
        """
        self._cut = self._cut or reason

    def passed(self) -> str:
        """Return why the drain has to end, such as ``stopped`` or ``deadline``; empty while it may go on."""
        if self._cut:
            return self._cut
        if self._stop.is_set():
            return "stopped"
        return "deadline" if self.clock.now() >= self._end else ""

    def left(self) -> float:
        """Return the seconds until the end, 0 when it has passed."""
        return max(0.0, self._end - self.clock.now())

    def pause(self, seconds: float) -> None:
        """Wait, but not beyond the end."""
        if seconds > 0:
            self.clock.wait(self._stop, min(seconds, self.left()))


_FIRST_SECONDS = 1.0
_LONGEST_SECONDS = 15.0
# So often doubled, the first pause is beyond the longest.
_DOUBLINGS = 4

Jitter = Callable[[float, float], float]


def backoff(attempts: int, jitter: Jitter = random.uniform) -> float:
    """Return a pause in seconds, with full jitter.

    Source: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ .

    :param attempts: how often the request was sent, 1 or more.
    :param jitter: a random number between two.
    """
    return jitter(0, min(_LONGEST_SECONDS, _FIRST_SECONDS * 2 ** min(attempts - 1, _DOUBLINGS)))
