"""The messages that are in hand and not settled yet: what is to be done next, and what has to wait."""

from __future__ import annotations

import heapq
import itertools
import math
import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from airflow_provider_dzlineage.buffer.message import Message
from airflow_provider_dzlineage.forwarding.deadline import Clock

# How long a thread that waits for work does not look up; an event that is set by a signal handler wakes nobody.
_LOOK_UP_SECONDS = 0.5


@dataclass(frozen=True)
class Work:
    """One message on its way.

    :param body: the event as it is to be posted, UTF-8 JSON; None before it was decoded.
    :param attempts: posts so far.
    :param failing_since: monotonic seconds of the first attempt that DataZone failed otherwise than by throttling.
    """

    message: Message
    body: bytes | None = None
    attempts: int = 0
    failing_since: float = math.inf


class Worklist:
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
        self._due: list[tuple[float, int, Work]] = []
        self._sequence = itertools.count()
        # The messages behind the one of their group that is due or worked at.
        self._behind: dict[str, deque[Work]] = {}
        self._waiting_groups: set[str] = set()
        self._unsettled = 0
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
                    self._behind[group].append(Work(message))
                    continue
                if group:
                    self._behind[group] = deque()
                self._push(Work(message), self._clock.now())
        return refused

    def take(self) -> Work | None:
        """Wait for something to do.

        :return: what is due first; None when there will be nothing any more.
        """
        with self._work_there:
            while not self._closed:
                wait = self._due[0][0] - self._clock.now() if self._due else _LOOK_UP_SECONDS
                if wait <= 0:
                    return heapq.heappop(self._due)[2]
                self._clock.wait(self._work_there, min(wait, _LOOK_UP_SECONDS))
        return None

    def put_off(self, work: Work, seconds: float) -> None:
        """Do it again later; its group waits meanwhile."""
        with self._work_there:
            self._push(work, self._clock.now() + seconds)

    def settled(self, work: Work) -> None:
        """Let the next message of the group follow."""
        with self._work_there:
            self._leave(1)
            if group := self._group(work.message):
                if behind := self._behind[group]:
                    self._push(behind.popleft(), self._clock.now())
                else:
                    del self._behind[group]

    def give_up(self, work: Work) -> list[Message]:
        """Leave a message to the next drain, and all of its group with it.

        :return: the messages behind it.
        """
        with self._work_there:
            behind: deque[Work] = deque()
            if group := self._group(work.message):
                behind = self._behind.pop(group)
                self._waiting_groups.add(group)
            self._leave(1 + len(behind))
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
            due, self._due = [work for _, _, work in self._due], []
            untouched = [*due, *(work for behind in self._behind.values() for work in behind)]
            for behind in self._behind.values():
                behind.clear()
            self._leave(len(untouched))
            return [work.message for work in untouched]

    def _push(self, work: Work, due: float) -> None:
        heapq.heappush(self._due, (due, next(self._sequence), work))
        self._work_there.notify()

    def _leave(self, messages: int) -> None:
        self._unsettled -= messages
        if self._unsettled < self._room_below:
            self._room_there.notify()

    def _group(self, message: Message) -> str:
        # A standard queue may have groups too, which share it fairly and have no order.
        return (message.group or "") if self._ordered else ""
