"""A walk over all dead letters, with plain receives: SQS offers no other way to look into a queue."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import TracebackType

from airflow_provider_dzlineage.buffer.batches import MAX_BATCH_ENTRIES
from airflow_provider_dzlineage.buffer.dead_letter_queue import DeadLetterQueue, DlqMessage
from airflow_provider_dzlineage.buffer.message import Message
from airflow_provider_dzlineage.errors import QueueError

log = logging.getLogger(__name__)

# After a walk that was killed, so long its letters stay hidden; each walk adds what its length asks for.
VISIBILITY_SECONDS = 120
_LETTERS_A_SECOND = 100
# SQS lets 120,000 messages of a queue be in flight. Source: "Amazon SQS message quotas".
_MAX_HELD = 100_000
# How long an empty receive waits before the queue counts as empty.
POLL_SECONDS = 1
_DELETE_ATTEMPTS = 3
# A FIFO queue takes 300 calls a second of each action. Source: "Amazon SQS message quotas".
_CALLS_AT_ONCE = 4


class DlqScan:
    """Shows every dead letter once and keeps it hidden from others until it is deleted or the walk ends.

    A context manager: however it is left, what was not deleted goes back at once. A FIFO queue shows at most ten
    letters of a message group, and the next ones only when these are deleted.

    :param queue: the dead-letter queue.
    :param stop: set it, from any thread or signal handler, to end the walk after the batch in hand.
    :param now: monotonic seconds.
    """

    def __init__(
        self,
        queue: DeadLetterQueue,
        *,
        stop: threading.Event | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._queue = queue
        self._stop = stop or threading.Event()
        self._now = now
        # By message id; without the text, as there may be many.
        self._held: dict[str, Message] = {}
        self._extend_at = math.inf
        self._seen: set[str] = set()
        self._deleted: set[str] = set()
        self._cut_groups: set[str | None] = set()
        self._last_turn = (0, 0)
        self._is_complete = False
        self.total = 0

    def __enter__(self) -> DlqScan:
        self.total = self._queue.state().backlog
        self._visibility_seconds = VISIBILITY_SECONDS + self.total // _LETTERS_A_SECOND
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._release(list(self._held))

    @property
    def examined(self) -> int:
        """Number of letters shown so far."""
        return len(self._seen)

    @property
    def unseen(self) -> int:
        """Number of letters, as SQS counts them, that a walk to the end did not get to see.

        They are in other hands, or behind others of their message group.
        """
        return max(0, self.total - self.examined) if self._is_complete else 0

    def __iter__(self) -> Iterator[list[DlqMessage]]:
        while not self._stop.is_set():
            self._extend()
            letters = self._receive() if len(self._held) < _MAX_HELD else []
            if letters:
                new = [letter for letter in letters if letter.id not in self._seen]
                self._seen.update(letter.id for letter in new)
                yield new
            elif not self._turn_back():
                self._is_complete = True
                return

    def matching(self, is_meant: Callable[[DlqMessage], bool], limit: int | None = None) -> Iterator[list[DlqMessage]]:
        """Yield the letters that are meant as they are received, and an empty list where a receive brought none.

        :param is_meant: tells it of each letter.
        :param limit: after so many the walk ends.
        """
        left = math.inf if limit is None else limit
        for letters in self:
            found = [letter for letter in letters if is_meant(letter)]
            found = found if len(found) <= left else found[: int(left)]
            yield found
            left -= len(found)
            if left == 0:
                return

    def delete(self, letters: Sequence[DlqMessage]) -> set[str]:
        """Delete letters.

        :return: the ids of those that SQS did not delete.
        """
        left = [self._held[letter.id] for letter in letters]
        for _ in range(_DELETE_ATTEMPTS):
            if left:
                left = self._queue.delete(left)
        stay = {message.id for message in left}
        for letter in letters:
            if letter.id not in stay:
                del self._held[letter.id]
                self._deleted.add(letter.id)
        return stay

    def _receive(self) -> list[DlqMessage]:
        asked = self._now()
        letters = self._queue.receive_letters(wait_seconds=POLL_SECONDS, visibility_seconds=self._visibility_seconds)
        for letter in letters:
            self._held[letter.id] = replace(letter.message, text="")
        self._extend_at = min(self._extend_at, asked + self._visibility_seconds / 2)
        # Standard queues deliver a deleted message again now and then.
        self.delete([letter for letter in letters if letter.id in self._deleted])
        # A receive takes as many of a group as possible before it goes on to the next one, so that only the last can be
        # cut off. Source: "FIFO delivery logic" in the Amazon SQS developer guide.
        if self._queue.is_fifo and len(letters) == MAX_BATCH_ENTRIES:
            first, last = letters[0].message.group, letters[-1].message.group
            if first != last:
                self._cut_groups.add(last)
        return letters

    def _turn_back(self) -> bool:
        """Give back the groups that a full receive has cut off: received again, they are shown to their tenth letter.

        :return: whether there is more to receive.
        """
        cut = [message_id for message_id, message in self._held.items() if message.group in self._cut_groups]
        self._cut_groups.clear()
        # Each turn has fewer groups to give back, unless the one before has brought something new.
        turn = (len(self._seen), -len(cut))
        if not cut or turn <= self._last_turn:
            return False
        self._last_turn = turn
        self._release(cut)
        return True

    def _extend(self) -> None:
        if self._now() < self._extend_at:
            return
        self._extend_at = self._now() + self._visibility_seconds / 2
        self._hide(list(self._held.values()), self._visibility_seconds)

    def _release(self, ids: Sequence[str]) -> None:
        self._hide([self._held.pop(message_id) for message_id in ids], 0)

    def _hide(self, messages: Sequence[Message], seconds: int) -> None:
        """Keep messages hidden for ``seconds`` from now; what fails is logged, since nothing is lost by it."""

        def extend(start: int) -> QueueError | None:
            try:
                self._queue.extend(messages[start : start + MAX_BATCH_ENTRIES], seconds)
            except QueueError as error:
                return error
            return None

        with ThreadPoolExecutor(_CALLS_AT_ONCE) as pool:
            errors = [error for error in pool.map(extend, range(0, len(messages), MAX_BATCH_ENTRIES)) if error]
        if errors:
            meaning = "may be seen twice" if seconds else f"come back only after {self._visibility_seconds} s"
            log.warning("Some dead letters %s: %s", meaning, errors[0])
