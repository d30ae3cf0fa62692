"""Send messages to SQS while there is time, and say of each whether SQS has confirmed it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from airflow_provider_dzlineage.aws.arns import queue_region
from airflow_provider_dzlineage.aws.clients import client_config, make_client
from airflow_provider_dzlineage.aws.deadline import Clock, Deadline, DeadlineExceededError
from airflow_provider_dzlineage.buffer.queue import Queue, pack
from airflow_provider_dzlineage.errors import QueueError, QueueUnavailableError
from airflow_provider_dzlineage.settings.site import Settings

log = logging.getLogger(__name__)

MAX_SENDERS = 4
# A call that begins so late and then takes all its time is still over within the four seconds of an answer.
_LAST_CALL_SECONDS = 0.9
# The time-outs of a client are for each wait: a response that comes byte by byte, or a name that no server resolves,
# outlasts them all.
_SEND_SECONDS = 3.0
# The least that is left of it for a request that had to wait for something else before.
_MIN_SEND_SECONDS = 1.0
_BACKOFF_SECONDS = 0.2
_LOG_SECONDS = 10.0
# Source: BatchResultErrorEntry and the errors of SendMessage in the Amazon SQS API reference: what is in the message.
_PERMANENT_CODES = {"InvalidMessageContents", "BatchRequestTooLong"}


@dataclass(frozen=True)
class Unsent:
    """Why a message is not in the queue, as far as we know.

    :param reason: a short stable word.
    :param is_retriable: whether it may work in a moment.
    """

    reason: str
    is_retriable: bool = True


UNAVAILABLE = Unsent("buffer_unavailable")
_REFUSED = Unsent("refused_by_queue", is_retriable=False)


class Sender:
    """Sends to one queue. Safe to share between threads.

    :param queue: the buffer; its client ought to be that of :func:`open_queue`.
    """

    def __init__(self, queue: Queue, clock: Clock | None = None) -> None:
        self._queue = queue
        self._clock = clock or Clock()
        self._quiet = Deadline(0, clock=self._clock)
        self._log_lock = threading.Lock()

    @property
    def is_fifo(self) -> bool:
        """True when the queue keeps order."""
        return self._queue.is_fifo

    def send(self, messages: Sequence[Mapping[str, Any]]) -> list[Unsent | None]:
        """Send messages in as few calls as SQS allows; what may pass is retried for a moment.

        After a failure on a FIFO queue, the later messages of its group are not sent either. No call begins after a
        second, and a call that hangs ends by the client's time-outs.

        :param messages: parameters of SendMessage.
        :return: for each, None when SQS has confirmed it, or why it has not.
        """
        return self._send_into([], messages)

    def send_in_time(self, messages: Sequence[Mapping[str, Any]], spent: float = 0.0) -> list[Unsent | None]:
        """Send messages as :meth:`send` does, and return within three seconds, whatever SQS does.

        For callers without a loop of their own. What SQS has not confirmed by then may be in the queue all the same;
        its client repeats it, which draws the same graph.

        :param spent: seconds since the request came; they are taken off, down to one second.
        """
        outcomes: list[Unsent | None] = []
        deadline = Deadline(max(_SEND_SECONDS - spent, _MIN_SEND_SECONDS), clock=self._clock)
        try:
            deadline.call(lambda: self._send_into(outcomes, messages), "dzlineage-send")
        except DeadlineExceededError:
            # The thread may go on; what it learns later is lost.
            pass
        except Exception as error:
            # Without its text, which may repeat something of the event.
            log.error("Sending failed: %s", type(error).__name__)
        confirmed = outcomes[: len(messages)]
        return confirmed + [UNAVAILABLE] * (len(messages) - len(confirmed))

    def _send_into(self, outcomes: list[Unsent | None], messages: Sequence[Mapping[str, Any]]) -> list[Unsent | None]:
        deadline = Deadline(_LAST_CALL_SECONDS, clock=self._clock)
        broken_groups: set[str] = set()
        for batch in pack(messages):
            held_back = {index for index, entry in enumerate(batch) if entry.get("MessageGroupId") in broken_groups}
            pending = [index for index in range(len(batch)) if index not in held_back]
            unsent = dict.fromkeys(held_back, UNAVAILABLE) | self._send_batch(batch, pending, deadline)
            outcomes += [unsent.get(index) for index in range(len(batch))]
            broken_groups |= {batch[index]["MessageGroupId"] for index in unsent if "MessageGroupId" in batch[index]}
        return outcomes

    def _send_batch(
        self, batch: Sequence[Mapping[str, Any]], pending: Sequence[int], deadline: Deadline
    ) -> dict[int, Unsent]:
        unsent = dict.fromkeys(pending, UNAVAILABLE)

        def attempt() -> None:
            waiting = [index for index, problem in unsent.items() if problem.is_retriable]
            codes = {waiting[entry.index]: entry.code for entry in self._queue.send([batch[i] for i in waiting])}
            for index in waiting:
                if index not in codes:
                    del unsent[index]
                elif codes[index] in _PERMANENT_CODES:
                    unsent[index] = _REFUSED
            for code in sorted(set(codes.values())):
                self._log(f"SQS refused messages: {code}")
            if any(problem.is_retriable for problem in unsent.values()):
                raise QueueUnavailableError("SQS refused messages")

        if pending and not deadline.passed():
            try:
                deadline.retry(
                    attempt,
                    is_retryable=lambda error: isinstance(error, QueueUnavailableError),
                    first_seconds=_BACKOFF_SECONDS,
                )
            except QueueError as error:
                self._log(error)
        return unsent

    def _log(self, problem: object) -> None:
        """Log one line, not one for each of a thousand requests."""
        with self._log_lock:
            if self._quiet.passed():
                self._quiet = Deadline(_LOG_SECONDS, clock=self._clock)
                log.error("Events are not taken: %s", problem)


def open_queue(settings: Settings) -> Queue:
    """Return the buffer that the settings name, with a client that answers or fails within three seconds.

    :raises ConfigurationError: when it is not known, or its Region.
    """
    (url,) = settings.required("queue_url")
    config = client_config(
        connect_seconds=1.0,
        read_seconds=1.9,
        connections=MAX_SENDERS,
        # What is sent is of our own making.
        validates_parameters=False,
    )
    client = make_client("sqs", settings.region_name or queue_region(url), config)
    return Queue(client, url)
