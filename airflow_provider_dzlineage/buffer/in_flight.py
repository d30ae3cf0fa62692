"""Messages in flight: invisible to others while they are worked on, and deleted in batches when that is done."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace

from airflow_provider_dzlineage.buffer.message import Message
from airflow_provider_dzlineage.buffer.queue import MAX_BATCH_ENTRIES, Queue
from airflow_provider_dzlineage.errors import QueueError

log = logging.getLogger(__name__)

# A multiple of what one post can take (its connect and read time-outs), so that an extension comes in time.
VISIBILITY_SECONDS = 120
_LAST_DELETE_ATTEMPTS = 5


class InFlightMessages:
    """Every message that was received and neither deleted nor released. Safe to share between threads.

    A message whose deletion fails is only delivered again, and then posted again as the same request.
    """

    def __init__(self, queue: Queue, now: Callable[[], float]) -> None:
        self._queue = queue
        self._now = now
        self._lock = threading.Lock()
        # By message id: the message with its newest receipt handle, and until when it is invisible.
        self._messages: dict[str, tuple[Message, float]] = {}
        self._held_back: set[str] = set()
        self._acknowledged: dict[str, Message] = {}
        self._failed_deletes = 0

    def receive(self, *, at_most: int, wait_seconds: int) -> list[Message]:
        """Receive messages, see :meth:`.Queue.receive`, and keep them invisible from now on.

        :return: those that were not in flight yet; of the others only the newer receipt handle is kept.
        :raises QueueError: when SQS does not answer.
        """
        started = self._now()
        received = self._queue.receive(
            at_most=at_most, wait_seconds=wait_seconds, visibility_seconds=VISIBILITY_SECONDS
        )
        with self._lock:
            new = [message for message in received if message.id not in self._messages]
            for message in received:
                self._messages[message.id] = (message, started + VISIBILITY_SECONDS)
        return new

    def extend_visibility(self) -> None:
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
            log.warning("Messages in flight may be delivered again: %s", error)

    def acknowledge(self, message: Message) -> None:
        """Delete a message, soon: together with others."""
        with self._lock:
            self._acknowledged[message.id] = self._messages.get(message.id, (message, 0.0))[0]
            is_batch = len(self._acknowledged) % MAX_BATCH_ENTRIES == 0
        if is_batch:
            self.delete_acknowledged()

    def delete_acknowledged(self) -> None:
        """Delete the acknowledged messages now; what fails is tried again the next time."""
        with self._lock:
            batch, self._acknowledged = list(self._acknowledged.values()), {}
        if not batch:
            return
        try:
            failed = self._queue.delete(batch)
        except QueueError as error:
            log.warning("Messages cannot be deleted for now: %s", error)
            failed = batch
        undeleted = {message.id: message for message in failed}
        with self._lock:
            for message in batch:
                if message.id not in undeleted:
                    self._messages.pop(message.id, None)
            self._acknowledged = undeleted | self._acknowledged
            self._failed_deletes = self._failed_deletes + 1 if failed else 0

    @property
    def can_delete(self) -> bool:
        """True while deletions succeed, or have failed only now and then."""
        return self._failed_deletes < _LAST_DELETE_ATTEMPTS

    def hold_back(self, message: Message) -> None:
        """Keep a message invisible until it is released; its text is needed no more."""
        with self._lock:
            if message.id in self._messages:
                newest, end = self._messages[message.id]
                self._messages[message.id] = (replace(newest, text=""), end)
                self._held_back.add(message.id)

    @property
    def is_busy(self) -> bool:
        """True while some are worked on or being deleted, rather than held back."""
        with self._lock:
            return any(message_id not in self._held_back for message_id in self._messages)

    def release(self, messages: Iterable[Message] | None = None) -> None:
        """Make messages visible to others at once; without an argument, all in flight."""
        with self._lock:
            ids = list(self._messages) if messages is None else [message.id for message in messages]
            released = [self._messages.pop(message_id)[0] for message_id in ids if message_id in self._messages]
            self._held_back.difference_update(ids)
        try:
            self._queue.extend(released, 0)
        except QueueError as error:
            log.warning("Messages become visible only after their visibility time-out: %s", error)

    def close(self, sleep: Callable[[float], None]) -> None:
        """Delete the last acknowledged messages, trying again for a while, and release all others."""
        for attempt in range(_LAST_DELETE_ATTEMPTS):
            self.delete_acknowledged()
            if not self._acknowledged:
                break
            sleep(2.0**attempt / 4)
        else:
            log.warning(
                "SQS did not delete %d messages; they will be delivered again, and posted again as the same requests",
                len(self._acknowledged),
            )
            for message_id in self._acknowledged:
                self._messages.pop(message_id, None)
        self.release()
