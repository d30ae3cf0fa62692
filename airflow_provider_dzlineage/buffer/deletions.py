"""Delete what is settled, in batches."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

from airflow_provider_dzlineage.buffer.message import Message
from airflow_provider_dzlineage.buffer.packing import MAX_BATCH_ENTRIES
from airflow_provider_dzlineage.buffer.queue import Queue
from airflow_provider_dzlineage.errors import QueueError

log = logging.getLogger(__name__)

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
