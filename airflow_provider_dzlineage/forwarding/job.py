"""Jobs: one message each on its way to a post, and those of the same run that are merged into it."""

from __future__ import annotations

import heapq
import itertools
import math
from dataclasses import dataclass

from airflow_provider_dzlineage.buffer.message import Message
from airflow_provider_dzlineage.lineage.event import RunEvent, RunKey, run_of


@dataclass(frozen=True)
class MessageJob:
    """All that is known of one message on its way, and the jobs that are merged into it.

    :param event: None before the message was prepared.
    :param merged_jobs: jobs of the same run whose events are posted as one with this message's.
    :param is_mergeable: False when its event must be posted by itself.
    :param body: what is posted, UTF-8 JSON; None before the first post.
    :param attempts: posts so far.
    :param failing_since: monotonic seconds of the first attempt that DataZone failed otherwise than by throttling.
    """

    message: Message
    event: RunEvent | None = None
    merged_jobs: tuple[MessageJob, ...] = ()
    is_mergeable: bool = True
    body: bytes | None = None
    attempts: int = 0
    failing_since: float = math.inf

    @property
    def all_jobs(self) -> tuple[MessageJob, ...]:
        """The job of each message, the own one first."""
        return (self, *self.merged_jobs)

    @property
    def run(self) -> RunKey | None:
        """The run whose events may be merged with it; None when it must be posted by itself."""
        # What DataZone failed to process is posted under a token of its own.
        if not self.is_mergeable or self.event is None or self.message.retry_of:
            return None
        return run_of(self.event.data)

    @property
    def awaits_run(self) -> RunKey | None:
        """The run of which others may still be merged into it; None once it was merged or posted."""
        return None if self.body or self.merged_jobs else self.run


class DueJobs:
    """Jobs by the time at which they are due, and by the run that they may be merged with. Not safe between threads."""

    def __init__(self) -> None:
        # What is in the heap and not in the dict was taken with its run.
        self._heap: list[tuple[float, int]] = []
        self._jobs: dict[int, MessageJob] = {}
        self._by_run: dict[RunKey, dict[int, None]] = {}
        self._numbers = itertools.count()

    def push(self, job: MessageJob, at: float) -> None:
        """Add a job that is due at a time, monotonic seconds."""
        number = next(self._numbers)
        heapq.heappush(self._heap, (at, number))
        self._jobs[number] = job
        if run := job.awaits_run:
            self._by_run.setdefault(run, {})[number] = None

    def first(self) -> tuple[float, MessageJob] | None:
        """Return the first job and when it is due, monotonic seconds; None when there is none."""
        while self._heap and self._heap[0][1] not in self._jobs:
            heapq.heappop(self._heap)
        return (self._heap[0][0], self._jobs[self._heap[0][1]]) if self._heap else None

    def pop(self) -> MessageJob:
        """Take the first job, after :meth:`first` has returned it."""
        _, number = heapq.heappop(self._heap)
        job = self._jobs.pop(number)
        if run := job.awaits_run:
            del self._by_run[run][number]
            if not self._by_run[run]:
                del self._by_run[run]
        return job

    def pop_run(self, run: RunKey) -> tuple[MessageJob, ...]:
        """Take the jobs that await others of a run."""
        return tuple(self._jobs.pop(number) for number in self._by_run.pop(run, ()))

    def pop_all(self) -> list[MessageJob]:
        """Take everything."""
        jobs = list(self._jobs.values())
        for container in (self._heap, self._jobs, self._by_run):
            container.clear()
        return jobs
