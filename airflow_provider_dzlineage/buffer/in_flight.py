"""Messages in flight: kept invisible to others while they are worked on, and deleted in batches when done."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from airflow_provider_dzlineage.buffer.batches import MAX_BATCH_ENTRIES
from airflow_provider_dzlineage.buffer.message import Message
from airflow_provider_dzlineage.buffer.queue import Queue
from airflow_provider_dzlineage.errors import QueueError

log = logging.getLogger(__name__)

# A multiple of what one post can take (its connect and read time-outs), so that an extension comes in time.
VISIBILITY_SECONDS = 120


class InFlightMessages:
    """Every message that was received and neither deleted nor given back. Safe to share between threads.

    :param queue: where they came from.
    :param now: monotonic seconds.
    """

    def __init__(self, queue: Queue, now: Callable[[], float]) -> None:
        self._queue = queue
        self._now = now
        self._lock = threading.Lock()
        # By message id: the message, and until when it is invisible.
        self._messages: dict[str, tuple[Message, float]] = {}

    def receive(self, *, at_most: int, wait_seconds: int) -> list[Message]:
        """Receive messages and keep them invisible from now on.

        :param at_most: how many, 1 to 10.
        :param wait_seconds: how long to poll for the first one, 0 to 5.
        :return: those that were not in hand yet; of the others only the newer receipt handle is kept.
        :raises QueueError: when SQS does not answer.
        """
        asked = self._now()
        received = self._queue.receive(
            at_most=at_most, wait_seconds=wait_seconds, visibility_seconds=VISIBILITY_SECONDS
        )
        with self._lock:
            new = [message for message in received if message.id not in self._messages]
            for message in received:
                self._messages[message.id] = (message, asked + VISIBILITY_SECONDS)
        return new

    def newest(self, message: Message) -> Message:
        """Return a message in hand with its newest receipt handle."""
        with self._lock:
            return self._messages.get(message.id, (message, 0.0))[0]

    def hold_back(self, message: Message) -> None:
        """Keep a message until it is given back; its text is needed no more."""
        with self._lock:
            if message.id in self._messages:
                newest, end = self._messages[message.id]
                self._messages[message.id] = (replace(newest, text=""), end)

    @property
    def is_busy(self) -> bool:
        """Whether some are worked at or being deleted, rather than held back until the end."""
        with self._lock:
            # Only what is held back has no text any more.
            return any(message.text for message, _ in self._messages.values())

    def let_go(self, messages: Iterable[Message]) -> None:
        """Forget messages that were deleted."""
        with self._lock:
            for message in messages:
                self._messages.pop(message.id, None)

    def hold(self) -> None:
        """Extend the visibility time-out of those of which half of it has passed."""
        now = self._now()
        with self._lock:
            due = [message for message, end in self._messages.values() if end - now < VISIBILITY_SECONDS / 2]
            for message in due:
                self._messages[message.id] = (message, now + VISIBILITY_SECONDS)
        if not due:
            return
        try:
            self._queue.extend(due, VISIBILITY_SECONDS)
        except QueueError as error:
            log.warning("Messages in hand may be delivered again: %s", error)

    def release(self, messages: Iterable[Message] | None = None) -> None:
        """Give messages back to the queue at once.

        :param messages: all in hand without it.
        """
        with self._lock:
            ids = list(self._messages) if messages is None else [message.id for message in messages]
            released = [self._messages.pop(message_id)[0] for message_id in ids if message_id in self._messages]
        try:
            self._queue.release(released)
        except QueueError as error:
            log.warning("Messages come back only after their visibility time-out: %s", error)


_LAST_ATTEMPTS = 5


class Deletions:
    """Collects settled messages and deletes them by the ten; what fails is tried again. Safe to share between threads.

    A message that stays is only delivered again, and then posted again as the same request.

    :param queue: where they came from.
    :param on_deleted: called with messages that need no more care.
    """

    def __init__(self, queue: Queue, on_deleted: Callable[[Sequence[Message]], None]) -> None:
        self._queue = queue
        self._on_deleted = on_deleted
        self._lock = threading.Lock()
        self._waiting: list[Message] = []
        self._failures = 0

    def add(self, message: Message) -> None:
        """Delete a message, soon."""
        with self._lock:
            self._waiting.append(message)
            is_batch = len(self._waiting) % MAX_BATCH_ENTRIES == 0
        if is_batch:
            self.flush()

    @property
    def are_worth_waiting_for(self) -> bool:
        """Whether they succeed, or have failed only now and then."""
        return self._failures < _LAST_ATTEMPTS

    def flush(self) -> None:
        """Delete what waits."""
        with self._lock:
            batch, self._waiting = self._waiting, []
        if not batch:
            return
        try:
            failed = self._queue.delete(batch)
        except QueueError as error:
            log.warning("Messages cannot be deleted for now: %s", error)
            failed = batch
        stay = {message.id for message in failed}
        self._on_deleted([message for message in batch if message.id not in stay])
        with self._lock:
            self._waiting += failed
            self._failures = self._failures + 1 if failed else 0

    def finish(self, sleep: Callable[[float], None]) -> None:
        """Delete the last ones, with patience.

        :param sleep: waits for so many seconds.
        """
        for attempt in range(_LAST_ATTEMPTS):
            self.flush()
            if not self._waiting:
                return
            sleep(2.0**attempt / 4)
        log.warning(
            "SQS did not delete %d messages; they will be delivered again, and posted again as the same requests",
            len(self._waiting),
        )
        self._on_deleted(self._waiting)
