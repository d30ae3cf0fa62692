"""The dead-letter queue: a copy of each message that can never be posted, with the reason."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from airflow_provider_dzlineage.buffer.codec import (
    ENCODING_ATTRIBUTE,
    EVENT_ID_ATTRIBUTE,
    SENT_AT_ATTRIBUTE,
    escape_refused,
    fifo_parameters,
    text_attribute,
)
from airflow_provider_dzlineage.buffer.message import Message
from airflow_provider_dzlineage.buffer.queue import Queue
from airflow_provider_dzlineage.errors import InvalidEventError

_MAX_ATTRIBUTE_CHARACTERS = 1_000


@dataclass(frozen=True)
class DeadLetter:
    """A message and why it cannot be posted.

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


def dead_letters_of(queue: Queue, url: str | None) -> DeadLetters | None:
    """Find the dead-letter queue of a buffer.

    :param queue: the buffer.
    :param url: the setting ``dead_letter_queue_url``; None to take what the buffer's redrive policy names.
    :return: None when there is none.
    """
    found = queue.sibling(url) if url else queue.dead_letter_queue()
    return DeadLetters(found) if found else None


class DeadLetters:
    """Writes dead letters.

    :param queue: the dead-letter queue.
    """

    def __init__(self, queue: Queue) -> None:
        self.queue = queue

    def write(self, letters: Sequence[DeadLetter]) -> list[DeadLetter]:
        """Write copies of messages.

        :return: those that SQS refused, whose originals must stay.
        :raises QueueError: when SQS does not answer; then none counts as written.
        """
        entries = [self._entry(letter) for letter in letters]
        return [letters[refused.index] for refused in self.queue.send(entries)]

    def _entry(self, letter: DeadLetter) -> dict[str, Any]:
        message = letter.message
        entry: dict[str, Any] = {"MessageBody": message.text, "MessageAttributes": _attributes(letter)}
        if self.queue.is_fifo:
            # An event that was read back from DataZone has no message id.
            origin = message.id or letter.event_id
            entry |= fifo_parameters(message.group or origin, deduplicate_by=origin)
        return entry


def _attributes(letter: DeadLetter) -> Mapping[str, Any]:
    message = letter.message
    # SQS takes no more than ten.
    values = {
        ENCODING_ATTRIBUTE: message.encoding,
        "reason": letter.reason,
        "detail": letter.detail,
        "error_code": letter.code,
        "request_id": letter.request_id,
        "message_id": message.id,
        SENT_AT_ATTRIBUTE: message.sent_at,
        "receive_count": message.receive_count,
        "job": job_of(message),
        EVENT_ID_ATTRIBUTE: letter.event_id or message.retry_of,
    }
    return {
        name: text_attribute(escape_refused(str(value)[:_MAX_ATTRIBUTE_CHARACTERS]))
        for name, value in values.items()
        if value
    }


def job_of(message: Message) -> str:
    """Return the job that sent a message as ``<namespace>.<name>``; empty when the message does not tell."""
    try:
        job = json.loads(message.event())["job"]
        return f"{job['namespace']}.{job['name']}"
    except (InvalidEventError, KeyError, RecursionError, TypeError, ValueError):
        return ""
