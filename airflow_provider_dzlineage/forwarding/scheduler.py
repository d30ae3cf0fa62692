"""The messages that are in hand and not settled yet: what is to be done next, and what has to wait."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from airflow_provider_dzlineage.aws.deadline import Clock
from airflow_provider_dzlineage.buffer.message import Message
from airflow_provider_dzlineage.forwarding.job import DueJobs, MessageJob
from airflow_provider_dzlineage.lineage.event import RunEvent, RunKey

# How long a thread that waits for work does not look up; an event that is set by a signal handler wakes nobody.
_LOOK_UP_SECONDS = 0.5


class Scheduler:
    """What is in hand, shared between the threads.

    :param ordered: whether the messages of a group are worked at one after the other.
    """

    def __init__(self, clock: Clock, *, ordered: bool) -> None:
        self._clock = clock
        self._ordered = ordered
        lock = threading.RLock()
        self._work_there = threading.Condition(lock)
        self._room_there = threading.Condition(lock)
        self._room_below = 0
        # What can be prepared at once; it comes before all that is to be posted, so that what belongs together meets.
        self._new: deque[MessageJob] = deque()
        self._due = DueJobs()
        # The messages behind the one of their group that is due or worked at.
        self._behind: dict[str, deque[MessageJob]] = {}
        self._waiting_groups: set[str] = set()
        self._unsettled = 0
        self._gathers = False
        # What threads prepare right now: others of a run may be among it.
        self._in_preparation = 0
        self._closed = False

    def __len__(self) -> int:
        """Return the number of messages that are in hand and have no outcome yet."""
        return self._unsettled

    def add(self, messages: Iterable[Message]) -> list[Message]:
        """Take messages in hand.

        :return: those that it refuses, since their group waits for the next drain.
        """
        refused = []
        with self._work_there:
            for message in messages:
                group = self._group(message)
                if group in self._waiting_groups:
                    refused.append(message)
                    continue
                self._unsettled += 1
                if group in self._behind:
                    self._behind[group].append(MessageJob(message))
                    continue
                if group:
                    self._behind[group] = deque()
                self._push(MessageJob(message))
        return refused

    def gather(self, gathers: bool) -> None:
        """Hand out nothing that is to be posted for now, or again."""
        with self._work_there:
            self._gathers = gathers
            self._work_there.notify_all()

    def take(self) -> MessageJob | None:
        """Wait for something to do.

        :return: what is to be prepared, else what is due first; None when there will be nothing any more.
        """
        with self._work_there:
            while not self._closed:
                # On a FIFO queue what is prepared is posted at once.
                if self._new and not (self._gathers and self._ordered):
                    self._in_preparation += 1
                    return self._new.popleft()
                first_at = None if self._gathers or self._may_be_joined() else self._due.first_at()
                wait = _LOOK_UP_SECONDS if first_at is None else first_at - self._clock.now()
                if wait <= 0:
                    return self._due.pop()
                self._clock.wait(self._work_there, min(wait, _LOOK_UP_SECONDS))
        return None

    def prepared(self) -> None:
        """Note that what :meth:`take` handed out for preparation has met others, or will not."""
        with self._work_there:
            self._in_preparation -= 1
            if not self._in_preparation:
                self._work_there.notify_all()

    def meet(self, work: MessageJob) -> bool:
        """Let prepared work wait for its turn, where others of its run may join it.

        :return: False on a FIFO queue, where those behind it can join it only now, see :meth:`join`.
        """
        if self._ordered or work.run is None:
            return False
        with self._work_there:
            self._push(work)
        return True

    def join(self, work: MessageJob, prepare: Callable[[Message], RunEvent | None]) -> MessageJob:
        """Take those of its run along.

        :param prepare: returns the event of a message that follows it; None when there is none.
        """
        run = work.run
        if run is None:
            return work
        if self._ordered:
            return replace(work, companions=tuple(self._followers(work, run, prepare)))
        with self._work_there:
            return replace(work, companions=self._due.pop_run(run))

    def part(self, work: MessageJob) -> None:
        """Let each go its own way, one after the other."""
        alone = [replace(each, companions=(), body=None, is_alone=True) for each in work.all]
        with self._work_there:
            if group := self._group(work.message):
                self._push(alone[0])
                self._behind[group].extendleft(reversed(alone[1:]))
            else:
                for each in alone:
                    self._push(each)

    def put_off(self, work: MessageJob, seconds: float) -> None:
        """Do it again later; its group waits meanwhile."""
        with self._work_there:
            self._push(work, seconds)

    def settled(self, work: MessageJob) -> None:
        """Let the next message of the group follow."""
        with self._work_there:
            self._leave(len(work.all))
            if group := self._group(work.message):
                if behind := self._behind[group]:
                    self._push(behind.popleft())
                else:
                    del self._behind[group]

    def give_up(self, work: MessageJob) -> list[Message]:
        """Leave a message to the next drain, and all of its group with it.

        :return: the messages behind it.
        """
        with self._work_there:
            behind: deque[MessageJob] = deque()
            if group := self._group(work.message):
                behind = self._behind.pop(group)
                self._waiting_groups.add(group)
            self._leave(len(work.all) + len(behind))
            return [follower.message for follower in behind]

    def wait_until_below(self, size: int, seconds: float) -> None:
        """Wait until fewer messages than ``size`` have no outcome, at most ``seconds``."""
        with self._room_there:
            self._room_below = size
            end = self._clock.now() + seconds
            while self._unsettled >= size and (left := end - self._clock.now()) > 0:
                self._clock.wait(self._room_there, left)

    def close(self) -> None:
        """Hand out no more work."""
        with self._work_there:
            self._closed = True
            self._work_there.notify_all()

    def take_untouched(self) -> list[Message]:
        """Take out the messages that no thread works at."""
        with self._work_there:
            behind_them = [work for behind in self._behind.values() for work in behind]
            works = [*self._new, *self._due.pop_all(), *behind_them]
            self._new.clear()
            for behind in self._behind.values():
                behind.clear()
            untouched = [each.message for work in works for each in work.all]
            self._leave(len(untouched))
            return untouched

    def _push(self, work: MessageJob, seconds: float = 0.0) -> None:
        if work.event is None and work.body is None and not seconds:
            self._new.append(work)
        else:
            self._due.push(work, self._clock.now() + seconds)
        self._work_there.notify()

    def _may_be_joined(self) -> bool:
        """Tell whether what is due first waits for others of its run, and some of them may just be prepared."""
        return not self._ordered and self._in_preparation > 0 and self._due.first_may_be_joined()

    def _followers(
        self, work: MessageJob, run: RunKey, prepare: Callable[[Message], RunEvent | None]
    ) -> Iterator[MessageJob]:
        group = self._group(work.message)
        while True:
            with self._work_there:
                behind = self._behind.get(group)
                if not behind:
                    return
                follower = behind[0]
            # Outside the lock; meanwhile nobody but the end of the drain takes from a group that is worked at.
            event = follower.event or prepare(follower.message)
            with self._work_there:
                if not behind or behind[0] is not follower:
                    return
                follower = replace(follower, event=event)
                if follower.run != run:
                    behind[0] = follower
                    return
                behind.popleft()
            yield follower

    def _leave(self, messages: int) -> None:
        self._unsettled -= messages
        if self._unsettled < self._room_below:
            self._room_there.notify()

    def _group(self, message: Message) -> str:
        # A standard queue may have groups too, which share it fairly and have no order.
        return (message.group or "") if self._ordered else ""
