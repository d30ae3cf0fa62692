"""When a drain has to end, and how it waits until then."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable


class Deadline:
    """The end of a drain: a moment, or a request to stop, whichever is first.

    :param seconds: from now; ``math.inf`` for none.
    :param stop: a request to stop; may be set from any thread or signal handler.
    :param clock: monotonic seconds.
    """

    def __init__(
        self,
        seconds: float = math.inf,
        stop: threading.Event | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.clock = clock
        self._end = clock() + seconds
        self._stop = stop or threading.Event()

    def passed(self) -> str:
        """Return why the drain has to end, ``stopped`` or ``deadline``; empty while it may go on."""
        if self._stop.is_set():
            return "stopped"
        return "deadline" if self.clock() >= self._end else ""

    def left(self) -> float:
        """Return the seconds until the end, 0 when it has passed."""
        return max(0.0, self._end - self.clock())

    def pause(self, seconds: float) -> None:
        """Wait, but not beyond the end."""
        if seconds > 0:
            self._stop.wait(min(seconds, self.left(), threading.TIMEOUT_MAX))
