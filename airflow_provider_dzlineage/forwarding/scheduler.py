"""The scheduler: which message is worked on next, and which ones have to wait."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from airflow_provider_dzlineage.aws.deadline import Clock
from airflow_provider_dzlineage.buffer.message import Message
from airflow_provider_dzlineage.forwarding.job import DueJobs, MessageJob
from airflow_provider_dzlineage.lineage.event import RunEvent, RunKey

# How long a thread that waits for a job sleeps at most; an event that is set by a signal handler wakes none.
_WAKE_UP_SECONDS = 0.5


class Scheduler:
    """The jobs of all messages that have no outcome yet, shared between the threads of a drain.

    :param ordered: whether the messages of a group are worked on one after the other.
    """

    def __init__(self, clock: Clock, *, ordered: bool) -> None:
        self._clock = clock
        self._ordered = ordered
        lock = threading.RLock()
        self._jobs_changed = threading.Condition(lock)
        self._room_there = threading.Condition(lock)
        self._room_below = 0
        # What can be prepared at once; it comes before all posts, so that events of one run are there to be merged.
        self._unprepared: deque[MessageJob] = deque()
        self._due = DueJobs()
        # By message group: the jobs behind the one that is due or worked on.
        self._followers: dict[str, deque[MessageJob]] = {}
        self._released_groups: set[str] = set()
        self._unfinished = 0
        self._is_collecting = False
        # What workers prepare right now: others of a run may be among it.
        self._in_preparation = 0
        self._is_closed = False

    def __len__(self) -> int:
        """Return the number of messages that have no outcome yet."""
        return self._unfinished

    def add(self, messages: Iterable[Message]) -> list[Message]:
        """Add received messages; return those that are not taken, as their group was released until the next drain."""
        not_taken = []
        with self._jobs_changed:
            for message in messages:
                group = self._group(message)
                if group in self._released_groups:
                    not_taken.append(message)
                    continue
                self._unfinished += 1
                if group in self._followers:
                    self._followers[group].append(MessageJob(message))
                    continue
                if group:
                    self._followers[group] = deque()
                self._push(MessageJob(message))
        return not_taken

    def collect(self, is_collecting: bool) -> None:
        """Hold back what is to be posted, while the events of its run are collected, or stop doing so."""
        with self._jobs_changed:
            self._is_collecting = is_collecting
            self._jobs_changed.notify_all()

    def next_job(self) -> MessageJob | None:
        """Wait for what is to be prepared, else for what is due first; None when the scheduler is closed."""
        with self._jobs_changed:
            while not self._is_closed:
                # On a FIFO queue what is prepared is posted at once.
                if self._unprepared and not (self._is_collecting and self._ordered):
                    self._in_preparation += 1
                    return self._unprepared.popleft()
                seconds = self._seconds_until_due()
                if seconds <= 0:
                    return self._due.pop()
                self._clock.wait(self._jobs_changed, min(seconds, _WAKE_UP_SECONDS))
        return None

    def preparation_done(self) -> None:
        """Note that a job that was handed out for preparation is prepared, and offered for merging if it ever is."""
        with self._jobs_changed:
            self._in_preparation -= 1
            if not self._in_preparation:
                self._jobs_changed.notify_all()

    def offer_for_merging(self, job: MessageJob) -> bool:
        """Let a prepared job wait for its turn, until which others of its run may be merged with it.

        :return: False when it does not wait: it must be posted by itself, or the queue is a FIFO queue, where only
            those behind it can be merged with it, see :meth:`merge_run`.
        """
        if self._ordered or job.run is None:
            return False
        with self._jobs_changed:
            self._push(job)
        return True

    def merge_run(self, job: MessageJob, prepare: Callable[[Message], RunEvent | None]) -> MessageJob:
        """Return the job with others of its run merged into it.

        :param prepare: returns the event of a message that follows it; None when there is none.
        """
        run = job.run
        if run is None:
            return job
        if self._ordered:
            return replace(job, merged_jobs=tuple(self._take_followers(job, run, prepare)))
        with self._jobs_changed:
            return replace(job, merged_jobs=self._due.pop_run(run))

    def split(self, job: MessageJob) -> None:
        """Let each of the messages that were merged be posted by itself, one after the other."""
        first, *others = [replace(each, merged_jobs=(), body=None, is_mergeable=False) for each in job.all_jobs]
        with self._jobs_changed:
            self._push(first)
            if group := self._group(job.message):
                self._followers[group].extendleft(reversed(others))
            else:
                for other in others:
                    self._push(other)

    def retry_later(self, job: MessageJob, seconds: float) -> None:
        """Hand a job out again after some seconds; its group waits meanwhile."""
        with self._jobs_changed:
            self._push(job, seconds)

    def finish(self, job: MessageJob) -> None:
        """Note that the job's messages have left the queue, so that the next one of the group follows."""
        with self._jobs_changed:
            self._remove(len(job.all_jobs))
            if group := self._group(job.message):
                if followers := self._followers[group]:
                    self._push(followers.popleft())
                else:
                    del self._followers[group]

    def release(self, job: MessageJob) -> list[Message]:
        """Leave a job to the next drain, and all of its group with it; return the messages behind it."""
        with self._jobs_changed:
            followers: deque[MessageJob] = deque()
            if group := self._group(job.message):
                followers = self._followers.pop(group)
                self._released_groups.add(group)
            self._remove(len(job.all_jobs) + len(followers))
            return [follower.message for follower in followers]

    def wait_until_below(self, size: int, seconds: float) -> None:
        """Wait until fewer messages than ``size`` have no outcome, at most ``seconds``."""
        with self._room_there:
            self._room_below = size
            end = self._clock.now() + seconds
            while self._unfinished >= size and (left := end - self._clock.now()) > 0:
                self._clock.wait(self._room_there, left)

    def close(self) -> None:
        """Hand out no more jobs."""
        with self._jobs_changed:
            self._is_closed = True
            self._jobs_changed.notify_all()

    def take_pending(self) -> list[Message]:
        """Remove and return the messages that no worker works on."""
        with self._jobs_changed:
            followers = [job for jobs in self._followers.values() for job in jobs]
            jobs = [*self._unprepared, *self._due.pop_all(), *followers]
            self._unprepared.clear()
            for waiting in self._followers.values():
                waiting.clear()
            pending = [each.message for job in jobs for each in job.all_jobs]
            self._remove(len(pending))
            return pending

    def _push(self, job: MessageJob, seconds: float = 0.0) -> None:
        if job.event is None and job.body is None and not seconds:
            self._unprepared.append(job)
        else:
            self._due.push(job, self._clock.now() + seconds)
        self._jobs_changed.notify()

    def _seconds_until_due(self) -> float:
        first = self._due.first()
        if first is None or self._is_collecting:
            return _WAKE_UP_SECONDS
        at, job = first
        if not self._ordered and self._in_preparation and job.awaits_run:
            # Some of its run may just be prepared.
            return _WAKE_UP_SECONDS
        return at - self._clock.now()

    def _take_followers(
        self, job: MessageJob, run: RunKey, prepare: Callable[[Message], RunEvent | None]
    ) -> Iterator[MessageJob]:
        """Yield the jobs of a run that follow one another right behind a job of their group."""
        group = self._group(job.message)
        while True:
            with self._jobs_changed:
                followers = self._followers.get(group)
                if not followers:
                    return
                follower = followers[0]
            # Outside the lock; meanwhile only the end of the drain takes from a group that is worked on.
            event = follower.event or prepare(follower.message)
            with self._jobs_changed:
                if not followers or followers[0] is not follower:
                    return
                follower = replace(follower, event=event)
                if follower.run != run:
                    followers[0] = follower
                    return
                followers.popleft()
            yield follower

    def _remove(self, messages: int) -> None:
        self._unfinished -= messages
        if self._unfinished < self._room_below:
            self._room_there.notify()

    def _group(self, message: Message) -> str:
        # A standard queue may have groups too, which share it fairly and have no order.
        return (message.group or "") if self._ordered else ""
