"""Time that costs nothing."""

from __future__ import annotations

import threading

from airflow_provider_dzlineage.aws.deadline import Clock, Waitable

# How long a thread that waits lets the others work before it may move the time.
_SLICE_SECONDS = 0.0003


class JumpingClock(Clock):
    """A clock that stands while everybody works, and jumps to the next moment that somebody waits for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._now = 1_000.0
        self._awaited: dict[object, float] = {}

    def now(self) -> float:
        return self._now

    def advance(self, seconds: float) -> None:
        """Let time pass for all."""
        with self._lock:
            self._now += seconds

    def wait(self, waitable: Waitable, seconds: float) -> bool:
        if seconds <= 0:
            return waitable.wait(0)
        waiter = object()
        with self._lock:
            end = self._awaited[waiter] = self._now + seconds
        try:
            # Who waits for a condition holds its lock between the slices, so no signal is missed.
            while not waitable.wait(_SLICE_SECONDS):
                with self._lock:
                    if end <= min(self._awaited.values()):
                        self._now = max(self._now, end)
                    if end <= self._now:
                        return False
            return True
        finally:
            with self._lock:
                del self._awaited[waiter]
