"""Messages in hand: kept invisible to others for as long as it takes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from airflow_provider_dzlineage.buffer.message import Message
from airflow_provider_dzlineage.buffer.queue import Queue
from airflow_provider_dzlineage.errors import QueueError

log = logging.getLogger(__name__)

# A multiple of what one post can take (its connect and read time-outs), so that an extension comes in time.
VISIBILITY_SECONDS = 120


class Hand:
    """One received batch.

    :param queue: where it came from.
    :param messages: received just now, invisible for :data:`VISIBILITY_SECONDS`.
    :param clock: monotonic seconds.
    """

    def __init__(self, queue: Queue, messages: Sequence[Message], clock: Callable[[], float]) -> None:
        self._queue = queue
        self._messages = messages
        self._clock = clock
        self._extended = clock()

    def hold(self) -> None:
        """Extend the visibility time-out of the batch once half of it has passed."""
        if self._clock() - self._extended < VISIBILITY_SECONDS / 2:
            return
        self._extended = self._clock()
        try:
            self._queue.extend(self._messages, VISIBILITY_SECONDS)
        except QueueError as error:
            log.warning("Messages in hand may be delivered again: %s", error)
