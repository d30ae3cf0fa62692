"""A scan of all dead letters with plain receives: SQS offers no other way to look into a queue."""

from __future__ import annotations

import logging
import math
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from airflow_provider_dzlineage.buffer.dead_letter_queue import DeadLetterQueue, DlqMessage
from airflow_provider_dzlineage.buffer.message import Message
from airflow_provider_dzlineage.buffer.queue import MAX_BATCH_ENTRIES
from airflow_provider_dzlineage.errors import QueueError

log = logging.getLogger(__name__)

# So long the messages of a killed scan stay invisible; each scan adds what its length asks for.
SCAN_VISIBILITY_SECONDS = 120
_MESSAGES_PER_SECOND = 100
# SQS lets 120,000 messages of a queue be in flight. Source: "Amazon SQS message quotas".
_MAX_IN_FLIGHT = 100_000
# How long an empty receive waits before the queue counts as empty.
POLL_SECONDS = 1
_DELETE_ATTEMPTS = 3
# A FIFO queue takes 300 calls a second of each action. Source: "Amazon SQS message quotas".
_PARALLEL_CALLS = 4


class DlqScan:
    """Yields every dead letter once and keeps it invisible to others until it is deleted or the scan ends.

    A context manager: however it is left, what was not deleted is released at once. A FIFO queue delivers at most ten
    messages of a message group, and the next ones only when these are deleted.

    :param stop: set it, from any thread or signal handler, to end the scan after the current batch.
    """

    def __init__(self, queue: DeadLetterQueue, *, stop: threading.Event | None = None) -> None:
        self._queue = queue
        self._stop = stop or threading.Event()
        # By message id; without the text, as there may be many.
        self._in_flight: dict[str, Message] = {}
        self._extend_at = math.inf
        self._seen: set[str] = set()
        self._deleted: set[str] = set()
        self._cut_groups: set[str | None] = set()
        self._last_progress = (0, 0)
        self._is_complete = False
        self.total = 0

    def __enter__(self) -> DlqScan:
        self.total = self._queue.state().backlog
        self._visibility_seconds = SCAN_VISIBILITY_SECONDS + self.total // _MESSAGES_PER_SECOND
        return self

    def __exit__(self, *_: object) -> None:
        self._release(list(self._in_flight))

    @property
    def examined(self) -> int:
        """Number of dead letters seen so far."""
        return len(self._seen)

    @property
    def unseen(self) -> int:
        """Number of dead letters, as SQS counts them, that a complete scan did not get to see.

        They are in flight elsewhere, or behind others of their message group.
        """
        return max(0, self.total - self.examined) if self._is_complete else 0

    def __iter__(self) -> Iterator[list[DlqMessage]]:
        while not self._stop.is_set():
            self._extend_visibility()
            dead_letters = self._receive() if len(self._in_flight) < _MAX_IN_FLIGHT else []
            if dead_letters:
                new = [dead_letter for dead_letter in dead_letters if dead_letter.id not in self._seen]
                self._seen.update(dead_letter.id for dead_letter in new)
                yield new
            elif not self._release_cut_groups():
                self._is_complete = True
                return

    def matching(self, matches: Callable[[DlqMessage], bool], limit: int | None = None) -> Iterator[list[DlqMessage]]:
        """Yield those that match, at most ``limit``, as they are received; an empty list for a receive without any."""
        left = sys.maxsize if limit is None else limit
        for dead_letters in self:
            found = [dead_letter for dead_letter in dead_letters if matches(dead_letter)][:left]
            yield found
            left -= len(found)
            if left == 0:
                return

    def delete(self, dead_letters: Sequence[DlqMessage]) -> set[str]:
        """Delete dead letters; return the ids of those that SQS did not delete."""
        left = [self._in_flight[dead_letter.id] for dead_letter in dead_letters]
        for _ in range(_DELETE_ATTEMPTS):
            if left:
                left = self._queue.delete(left)
        undeleted = {message.id for message in left}
        for dead_letter in dead_letters:
            if dead_letter.id not in undeleted:
                del self._in_flight[dead_letter.id]
                self._deleted.add(dead_letter.id)
        return undeleted

    def _receive(self) -> list[DlqMessage]:
        started = time.monotonic()
        received = self._queue.receive_dead_letters(
            wait_seconds=POLL_SECONDS, visibility_seconds=self._visibility_seconds
        )
        for dead_letter in received:
            self._in_flight[dead_letter.id] = replace(dead_letter.message, text="")
        self._extend_at = min(self._extend_at, started + self._visibility_seconds / 2)
        # Standard queues deliver a deleted message again now and then.
        self.delete([dead_letter for dead_letter in received if dead_letter.id in self._deleted])
        # A receive takes as many of a group as possible before it goes on to the next one, so that only the last can be
        # cut off. Source: "FIFO delivery logic" in the Amazon SQS developer guide.
        if self._queue.is_fifo and len(received) == MAX_BATCH_ENTRIES:
            first, last = received[0].message.group, received[-1].message.group
            if first != last:
                self._cut_groups.add(last)
        return received

    def _release_cut_groups(self) -> bool:
        """Release the groups that a full receive has cut off, to receive them whole; return whether there are any."""
        cut = [message_id for message_id, message in self._in_flight.items() if message.group in self._cut_groups]
        self._cut_groups.clear()
        # Each time there are fewer groups to release, unless the receives since have brought something new.
        progress = (len(self._seen), -len(cut))
        if not cut or progress <= self._last_progress:
            return False
        self._last_progress = progress
        self._release(cut)
        return True

    def _extend_visibility(self) -> None:
        if time.monotonic() < self._extend_at:
            return
        self._extend_at = time.monotonic() + self._visibility_seconds / 2
        self._change_visibility(list(self._in_flight.values()), self._visibility_seconds)

    def _release(self, ids: Sequence[str]) -> None:
        self._change_visibility([self._in_flight.pop(message_id) for message_id in ids], 0)

    def _change_visibility(self, messages: Sequence[Message], seconds: int) -> None:
        """Keep messages invisible for ``seconds`` from now; a failure is logged, since nothing is lost by it."""

        def change(start: int) -> QueueError | None:
            try:
                self._queue.extend(messages[start : start + MAX_BATCH_ENTRIES], seconds)
            except QueueError as error:
                return error
            return None

        with ThreadPoolExecutor(_PARALLEL_CALLS) as pool:
            errors = [error for error in pool.map(change, range(0, len(messages), MAX_BATCH_ENTRIES)) if error]
        if errors:
            effect = "may be seen twice" if seconds else f"become visible only after {self._visibility_seconds} s"
            log.warning("Some dead letters %s: %s", effect, errors[0])
