"""The dead-letter queue (DLQ): a copy of each message that can never be posted, with the reason."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any

from airflow_provider_dzlineage.buffer.codec import (
    ENCODING_ATTRIBUTE,
    EVENT_ID_ATTRIBUTE,
    SENT_AT_ATTRIBUTE,
    escape_refused,
    fifo_parameters,
    text_attributes,
)
from airflow_provider_dzlineage.buffer.message import Message, text_values
from airflow_provider_dzlineage.buffer.queue import MAX_BATCH_ENTRIES, Queue
from airflow_provider_dzlineage.errors import ConfigurationError, InvalidEventError

# SQS's own redrive policy moves messages as they are and gives no reason.
MOVED_BY_SQS = "redrive_policy"
_MAX_ATTRIBUTE_CHARACTERS = 1_000
_COUNT = re.compile(r"\d{1,9}")


@dataclass(frozen=True)
class DeadLetter:
    """A message that goes to the dead-letter queue, and why it cannot be posted.

    :param reason: a short stable word.
    :param detail: the reason in a sentence.
    :param code: DataZone's error code, where it said one.
    :param request_id: the AWS request id that belongs to it.
    :param event_id: DataZone's id of the event, where it accepted it and then failed to process it.
    """

    message: Message
    reason: str
    detail: str = ""
    code: str = ""
    request_id: str = ""
    event_id: str = ""

    def attributes(self) -> dict[str, dict[str, str]]:
        """Return it as message attributes."""
        message = self.message
        # SQS takes no more than ten.
        values = {
            ENCODING_ATTRIBUTE: message.encoding,
            "reason": self.reason,
            "detail": self.detail,
            "error_code": self.code,
            "request_id": self.request_id,
            "message_id": message.id,
            SENT_AT_ATTRIBUTE: message.sent_at,
            "receive_count": message.receive_count,
            "job": _job_of(message),
            EVENT_ID_ATTRIBUTE: self.event_id or message.retry_of,
        }
        texts = {name: str(value)[:_MAX_ATTRIBUTE_CHARACTERS] for name, value in values.items() if value}
        return text_attributes({name: escape_refused(text) for name, text in texts.items()})


@dataclass(frozen=True)
class DlqMessage:
    """A message received from the dead-letter queue; what is not listed is as in a :class:`DeadLetter`.

    :param message: as it lies there, with that queue's message id; its ``sent_at`` and ``retry_of`` are the event's.
    :param reason: a short stable word; ``redrive_policy`` when nobody has written one.
    :param job: the job that sent it, ``<namespace>.<name>``; empty when the message does not say.
    :param message_id: the id that it had in the buffer; empty when it is not known.
    :param receive_count: how often it was received from the buffer; 0 when it is not known.
    :param written_at: when the dead-letter queue took it, milliseconds since the epoch.
    :param received_at: when it was received, by the clock of SQS, rounded down to a second, in milliseconds since the
        epoch; 0 when SQS did not say.
    """

    message: Message
    reason: str
    detail: str
    error_code: str
    request_id: str
    job: str
    message_id: str
    receive_count: int
    written_at: int
    received_at: int

    @classmethod
    def from_response(cls, response: Mapping[str, Any], received_at: int) -> DlqMessage:
        """Read one entry of the ``Messages`` of a ReceiveMessage response."""
        message, attributes = Message.from_response(response), text_values(response)
        receive_count = attributes.get("receive_count", "")
        return cls(
            message=message,
            reason=attributes.get("reason") or MOVED_BY_SQS,
            detail=attributes.get("detail", ""),
            error_code=attributes.get("error_code", ""),
            request_id=attributes.get("request_id", ""),
            job=attributes.get("job") or _job_of(message),
            message_id=attributes.get("message_id", ""),
            receive_count=int(receive_count) if _COUNT.fullmatch(receive_count) else 0,
            written_at=int(response.get("Attributes", {}).get("SentTimestamp", 0)),
            received_at=received_at,
        )

    @property
    def id(self) -> str:
        """Its message id in the dead-letter queue."""
        return self.message.id

    def event(self) -> Any:
        """Return the event, parsed; None when that is not possible."""
        return _event_of(self.message)

    def namespace(self) -> str:
        """Return the namespace of the job that sent it; empty when the event does not say."""
        try:
            return str(self.event()["job"]["namespace"])
        except (LookupError, TypeError):
            return ""

    def to_dict(self) -> dict[str, Any]:
        """Return what is known of it, without the event, as a JSON value."""
        return {
            "id": self.id,
            "reason": self.reason,
            "detail": self.detail,
            "error_code": self.error_code,
            "request_id": self.request_id,
            "job": self.job,
            "sent_at": _iso_time(self.message.sent_at),
            "written_at": _iso_time(self.written_at),
            "receive_count": self.receive_count,
            "message_id": self.message_id,
            "event_id": self.message.retry_of,
            "group": self.message.group,
            "content_encoding": self.message.encoding,
        }


class DeadLetterQueue(Queue):
    """A queue that holds dead letters."""

    @classmethod
    def of(cls, queue: Queue) -> DeadLetterQueue:
        """Return the same queue as a dead-letter queue."""
        return cls(queue.client, queue.url)

    def write(self, dead_letters: Sequence[DeadLetter]) -> list[DeadLetter]:
        """Write copies of messages.

        :return: those that SQS refused, whose originals must stay.
        :raises QueueError: when SQS does not answer; then none counts as written.
        """
        refused = self.send([self._entry(dead_letter) for dead_letter in dead_letters])
        return [dead_letters[entry.index] for entry in refused]

    def receive_dead_letters(self, *, wait_seconds: int, visibility_seconds: int) -> list[DlqMessage]:
        """Receive some dead letters, ten at most; see :meth:`.Queue.receive`."""
        response = self._receive(wait_seconds, visibility_seconds, MAX_BATCH_ENTRIES, attributes=["All"])
        date = response.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
        received_at = int(parsedate_to_datetime(date).timestamp() * 1000) if date else 0
        return [DlqMessage.from_response(message, received_at) for message in response.get("Messages", [])]

    def _entry(self, dead_letter: DeadLetter) -> dict[str, Any]:
        message = dead_letter.message
        entry: dict[str, Any] = {"MessageBody": message.text, "MessageAttributes": dead_letter.attributes()}
        if self.is_fifo:
            # An event that was read back from DataZone has no message id.
            origin = message.id or dead_letter.event_id
            entry |= fifo_parameters(message.group or origin, deduplicate_by=origin)
        return entry


def find_dead_letter_queue(buffer: Queue, url: str | None) -> DeadLetterQueue | None:
    """Return the dead-letter queue of a buffer; None when there is none.

    :param url: the setting ``dead_letter_queue_url``; None to take what the buffer's redrive policy names.
    """
    queue = buffer.sibling(url) if url else buffer.dead_letter_queue()
    return DeadLetterQueue.of(queue) if queue else None


def dead_letter_queue_of(buffer: Queue, url: str | None) -> DeadLetterQueue:
    """Return the dead-letter queue of a buffer, as :func:`find_dead_letter_queue` does.

    :raises ConfigurationError: when there is none.
    """
    queue = find_dead_letter_queue(buffer, url)
    if queue is None:
        raise ConfigurationError(
            "there is no dead-letter queue", fix="set 'dead_letter_queue_url', or give the queue a redrive policy"
        )
    return queue


def _event_of(message: Message) -> Any:
    try:
        return json.loads(message.event())
    except (InvalidEventError, RecursionError, ValueError):
        return None


def _job_of(message: Message) -> str:
    try:
        job = _event_of(message)["job"]
        return f"{job['namespace']}.{job['name']}"
    except (LookupError, TypeError):
        return ""


def _iso_time(milliseconds: int) -> str:
    try:
        return datetime.fromtimestamp(milliseconds / 1000, timezone.utc).isoformat(timespec="milliseconds")
    except (OSError, OverflowError, ValueError):
        return ""
