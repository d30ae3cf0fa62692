"""Time: one clock, deadlines, retries until a deadline, and calls that a deadline cuts short.

``tenacity`` would do the retries. It costs the transports' hot path its import, knows neither a request to stop nor a
clock that tests can turn, and :meth:`Deadline.retry` is shorter than a configuration of it.
"""

from __future__ import annotations

import math
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeAlias, TypeVar

T = TypeVar("T")
Jitter = Callable[[float, float], float]
Waitable: TypeAlias = threading.Event | threading.Condition

_FIRST_SECONDS = 1.0
_LONGEST_SECONDS = 15.0
# Doubled so often, any first pause is beyond the longest; and a power of this size does not overflow.
_MAX_DOUBLINGS = 30


class DeadlineExceededError(TimeoutError):
    """The time was up before there was a result."""


class Clock:
    """Monotonic time. Tests use one that runs faster."""

    def now(self) -> float:
        """Return monotonic seconds."""
        return time.monotonic()

    def wait(self, waitable: Waitable, seconds: float) -> bool:
        """Wait until something is signalled, for at most ``seconds``; return whether it was."""
        return waitable.wait(min(max(0.0, seconds), threading.TIMEOUT_MAX))

    def sleep(self, seconds: float) -> None:
        """Wait."""
        self.wait(threading.Event(), seconds)


class Deadline:
    """The end of some work: a moment, a request to stop, or a reason that comes up on the way, whichever is first.

    Safe to share between threads.

    :param seconds: from now; ``math.inf`` for none.
    :param stop: a request to stop; may be set from any thread or signal handler.
    """

    def __init__(self, seconds: float = math.inf, stop: threading.Event | None = None, clock: Clock | None = None):
        self.clock = clock or Clock()
        self._end = self.clock.now() + seconds
        self._stop = stop or threading.Event()
        self._cut = ""

    def cut(self, reason: str) -> None:
        """End it now, for a reason: a short stable word."""
        self._cut = self._cut or reason

    def passed(self) -> str:
        """Return why the work has to end, such as ``stopped`` or ``deadline``; empty while it may go on."""
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

    def retry(
        self,
        operation: Callable[[], T],
        *,
        is_retryable: Callable[[Exception], bool],
        first_seconds: float = _FIRST_SECONDS,
        longest_seconds: float = _LONGEST_SECONDS,
        reserve_seconds: float = 0.0,
        jitter: Jitter = random.uniform,
    ) -> T:
        """Return what an operation returns, called until it succeeds or the time is up, with backoff and full jitter.

        The operation is called at least once; it may raise :class:`DeadlineExceededError` when it finds no time for an
        attempt, and is then not called again.

        :param is_retryable: whether an exception of the operation may pass.
        :param first_seconds: the first pause, at most.
        :param longest_seconds: any pause, at most.
        :param reserve_seconds: time that an attempt needs; none begins later than that before the end.
        :param jitter: a random number between two.
        :raises Exception: of the operation: at once when it is not retryable, else the last one when the time is up.
        """
        failure: Exception | None = None
        attempt = 0
        while True:
            attempt += 1
            try:
                return operation()
            except DeadlineExceededError:
                # What went wrong before says more.
                raise failure or DeadlineExceededError("no time was left") from None
            except Exception as error:
                pause = backoff(attempt, jitter, first_seconds, longest_seconds)
                if not is_retryable(error) or self.passed() or pause + reserve_seconds >= self.left():
                    raise
                failure = error
            self.pause(pause)
            if self.passed():
                raise failure

    def call(self, function: Callable[[], T], name: str = "dzlineage-call") -> T:
        """Call a function that may never return, and return what it returns or raise what it raises.

        :param name: of the thread that it runs in, which goes on when the time is up.
        :raises DeadlineExceededError: when it has not returned by the end.
        """
        return self.result(in_background(function, name))

    def result(self, future: Future[T]) -> T:
        """Return the result of a future, or raise its exception.

        :raises DeadlineExceededError: when it is not there by the end.
        """
        done = threading.Event()
        future.add_done_callback(lambda _: done.set())
        if not self.clock.wait(done, self.left()):
            raise DeadlineExceededError("no result in time")
        return future.result()


def in_background(function: Callable[[], T], name: str = "dzlineage-background") -> Future[T]:
    """Call a function in a named thread that does not keep the process from ending, as an executor's would."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(function())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, name=name, daemon=True).start()
    return future


def backoff(
    attempts: int,
    jitter: Jitter = random.uniform,
    first_seconds: float = _FIRST_SECONDS,
    longest_seconds: float = _LONGEST_SECONDS,
) -> float:
    """Return a pause in seconds: exponential backoff with full jitter.

    Source: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ .

    :param attempts: how often the request was sent, 1 or more; the others as of :meth:`Deadline.retry`.
    """
    return jitter(0, min(longest_seconds, first_seconds * 2 ** min(attempts - 1, _MAX_DOUBLINGS)))
