"""A dead letter as it lies in its queue, and how it is received."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any

from airflow_provider_dzlineage.buffer.batches import MAX_BATCH_ENTRIES
from airflow_provider_dzlineage.buffer.dead_letters import dead_letters_of, job_of
from airflow_provider_dzlineage.buffer.message import Message
from airflow_provider_dzlineage.buffer.queue import Queue
from airflow_provider_dzlineage.errors import ConfigurationError, InvalidEventError

# SQS's own redrive policy moves messages as they are and gives no reason.
MOVED_BY_SQS = "redrive_policy"
_COUNT = re.compile(r"\d{1,9}")


@dataclass(frozen=True)
class DlqMessage:
    """One received dead letter.

    :param message: as it lies in the dead-letter queue, with that queue's message id; its ``sent_at`` and ``retry_of``
        are those of the event.
    :param reason: a short stable word; ``redrive_policy`` when nobody has written one.
    :param detail: the reason in a sentence.
    :param error_code: DataZone's error code, where it said one.
    :param request_id: the AWS request id that belongs to it.
    :param job: the job that sent it, ``<namespace>.<name>``; empty when the message does not tell.
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
        message = Message.from_response(response)
        attributes = {
            name: attribute.get("StringValue", "") for name, attribute in response.get("MessageAttributes", {}).items()
        }
        receive_count = attributes.get("receive_count", "")
        return cls(
            message=message,
            reason=attributes.get("reason") or MOVED_BY_SQS,
            detail=attributes.get("detail", ""),
            error_code=attributes.get("error_code", ""),
            request_id=attributes.get("request_id", ""),
            job=attributes.get("job") or job_of(message),
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
        try:
            return json.loads(self.message.event())
        except (InvalidEventError, RecursionError, ValueError):
            return None

    def namespace(self) -> str:
        """Return the namespace of the job that sent it; empty when the event does not tell."""
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
            "sent_at": _moment(self.message.sent_at),
            "written_at": _moment(self.written_at),
            "receive_count": self.receive_count,
            "message_id": self.message_id,
            "event_id": self.message.retry_of,
            "group": self.message.group,
            "content_encoding": self.message.encoding,
        }


class DeadLetterQueue(Queue):
    """A queue, as the place where dead letters are found."""

    @classmethod
    def of(cls, queue: Queue) -> DeadLetterQueue:
        """Return the same queue."""
        return cls(queue._client, queue.url)

    def receive_letters(self, *, wait_seconds: int, visibility_seconds: int) -> list[DlqMessage]:
        """Receive some dead letters, ten at most.

        :param wait_seconds: how long to poll for the first one, 0 to 5.
        :param visibility_seconds: how long they stay invisible to others.
        """
        response = self.call(
            "ReceiveMessage",
            MaxNumberOfMessages=MAX_BATCH_ENTRIES,
            WaitTimeSeconds=wait_seconds,
            VisibilityTimeout=visibility_seconds,
            AttributeNames=["ApproximateReceiveCount", "MessageGroupId", "SentTimestamp"],
            MessageAttributeNames=["All"],
        )
        date = response.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
        received_at = int(parsedate_to_datetime(date).timestamp() * 1000) if date else 0
        return [DlqMessage.from_response(message, received_at) for message in response.get("Messages", [])]


def find_dead_letter_queue(queue: Queue, url: str | None) -> DeadLetterQueue:
    """Return the dead-letter queue of a buffer.

    :param queue: the buffer.
    :param url: the setting ``dead_letter_queue_url``; None to take what the buffer's redrive policy names.
    :raises ConfigurationError: when there is none.
    """
    found = dead_letters_of(queue, url)
    if found is None:
        raise ConfigurationError(
            "there is no dead-letter queue: set 'dead_letter_queue_url', or give the queue a redrive policy"
        )
    return DeadLetterQueue.of(found.queue)


def _moment(milliseconds: int) -> str:
    try:
        return datetime.fromtimestamp(milliseconds / 1000, timezone.utc).isoformat(timespec="milliseconds")
    except (OSError, OverflowError, ValueError):
        return ""
