"""The messages in flight as jobs: what is to be done with each, and when."""

from __future__ import annotations

import heapq
import itertools
import math
from dataclasses import dataclass

from airflow_provider_dzlineage.buffer.message import Message
from airflow_provider_dzlineage.lineage.event import RunEvent, RunKey, run_of


@dataclass(frozen=True)
class MessageJob:
    """One message on its way, and those that travel with it.

    :param event: None before the message was prepared.
    :param companions: messages of the same run whose events are posted as one with this message's.
    :param is_alone: whether it must not travel with others.
    :param body: what is posted, UTF-8 JSON; None before that is known.
    :param attempts: posts so far.
    :param failing_since: monotonic seconds of the first attempt that DataZone failed otherwise than by throttling.
    """

    message: Message
    event: RunEvent | None = None
    companions: tuple[MessageJob, ...] = ()
    is_alone: bool = False
    body: bytes | None = None
    attempts: int = 0
    failing_since: float = math.inf

    @property
    def all(self) -> tuple[MessageJob, ...]:
        """The work on each message, the own one first."""
        return (self, *self.companions)

    @property
    def run(self) -> RunKey | None:
        """What it has to share with others to travel with them; None when it travels alone."""
        # What DataZone failed to process is posted under a token of its own.
        if self.is_alone or self.event is None or self.message.retry_of:
            return None
        return run_of(self.event.data)


class DueJobs:
    """Work by the time at which it is due. To be guarded by the caller's lock."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, MessageJob]] = []
        self._places = itertools.count()
        # Of the work that may be joined: by its run, its places in the heap. What is in neither has gone.
        self._by_run: dict[RunKey, dict[int, MessageJob]] = {}

    def push(self, work: MessageJob, at: float) -> None:
        """Add work.

        :param at: monotonic seconds.
        """
        place = next(self._places)
        heapq.heappush(self._heap, (at, place, work))
        if run := _run_to_join(work):
            self._by_run.setdefault(run, {})[place] = work

    def first_at(self) -> float | None:
        """Return when the first work is due, in monotonic seconds; None when there is none."""
        while self._heap and self._has_gone(*self._heap[0][1:]):
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def first_may_be_joined(self) -> bool:
        """Tell whether others of its run may still travel with the first work."""
        return self.first_at() is not None and _run_to_join(self._heap[0][2]) is not None

    def pop(self) -> MessageJob:
        """Take the first work, after :meth:`first_at` has told that there is one."""
        _, place, work = heapq.heappop(self._heap)
        if run := _run_to_join(work):
            del self._by_run[run][place]
            if not self._by_run[run]:
                del self._by_run[run]
        return work

    def pop_run(self, run: RunKey) -> tuple[MessageJob, ...]:
        """Take the work of a run that was not tried yet."""
        return tuple(self._by_run.pop(run, {}).values())

    def pop_all(self) -> list[MessageJob]:
        """Take everything."""
        works = [work for _, place, work in self._heap if not self._has_gone(place, work)]
        self._heap.clear()
        self._by_run.clear()
        return works

    def _has_gone(self, place: int, work: MessageJob) -> bool:
        run = _run_to_join(work)
        return run is not None and place not in self._by_run.get(run, {})


def _run_to_join(work: MessageJob) -> RunKey | None:
    return None if work.body or work.companions else work.run
