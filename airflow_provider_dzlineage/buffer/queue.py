"""One SQS queue: send, receive, extend, release, delete, always reading what a batch call says of each entry."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore import xform_name

from airflow_provider_dzlineage.aws.arns import Arn, queue_region
from airflow_provider_dzlineage.aws.clients import client_config, make_client
from airflow_provider_dzlineage.buffer.codec import (
    ENCODING_ATTRIBUTE,
    EVENT_ID_ATTRIBUTE,
    MAX_MESSAGE_BYTES,
    SENT_AT_ATTRIBUTE,
    entry_bytes,
    is_fifo,
)
from airflow_provider_dzlineage.buffer.errors import queue_errors
from airflow_provider_dzlineage.buffer.message import Message
from airflow_provider_dzlineage.settings.site import Settings

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

log = logging.getLogger(__name__)

# Source: the SendMessageBatch page of the Amazon SQS API reference.
MAX_BATCH_ENTRIES = 10
MAX_BATCH_BYTES = MAX_MESSAGE_BYTES
# The read time-out is longer than the longest poll of this package, 5 seconds.
QUEUE_CLIENT_CONFIG = client_config(connect_seconds=5, read_seconds=12, attempts=3, connections=40)
_COUNTS = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed", "ApproximateNumberOfMessagesNotVisible")
_ENCRYPTIONS = ("KmsMasterKeyId", "SqsManagedSseEnabled")
_SETTINGS = ("VisibilityTimeout", "MessageRetentionPeriod", "RedrivePolicy", *_ENCRYPTIONS)


@dataclass(frozen=True)
class QueueState:
    """The backlog and the settings of a queue.

    :param backlog: messages in it: waiting, delayed and in flight. SQS calls its counts approximate.
    :param visibility_seconds: how long a receive that does not say so itself hides a message.
    :param retention_seconds: after so long SQS deletes a message.
    :param dead_letter_arn: ARN that the redrive policy names; None without one.
    :param max_receives: after so many receives SQS itself moves a message there; None without a policy.
    :param is_encrypted: whether messages lie encrypted, with a key of SQS or of KMS.
    """

    backlog: int
    visibility_seconds: int
    retention_seconds: int
    dead_letter_arn: str | None
    max_receives: int | None
    is_encrypted: bool = False


@dataclass(frozen=True)
class RefusedEntry:
    """An entry that a batch call did not carry out.

    :param index: its place in what was given to the call.
    :param code: SQS's error code.
    """

    index: int
    code: str


class Queue:
    """One SQS queue."""

    def __init__(self, client: SQSClient, url: str) -> None:
        self.client = client
        self.url = url
        self.is_fifo = is_fifo(url)

    def send(self, entries: Iterable[Mapping[str, Any]]) -> Iterator[RefusedEntry]:
        """Send entries in as few batches as fit.

        :param entries: parameters of SendMessage, as :func:`~.codec.send_parameters` returns them.
        :return: those that SQS refused, while sending goes on; reading to the end sends all.
        """
        offset = 0
        for batch in pack(entries):
            response = self.call("SendMessageBatch", Entries=_numbered(batch))
            for failed in response.get("Failed", []):
                yield RefusedEntry(offset + int(failed["Id"]), failed["Code"])
            offset += len(batch)

    def receive(self, *, wait_seconds: int, visibility_seconds: int, at_most: int = MAX_BATCH_ENTRIES) -> list[Message]:
        """Receive some messages.

        :param at_most: how many, 1 to 10.
        :param wait_seconds: how long to poll for the first one, 0 to 5.
        :param visibility_seconds: how long they stay invisible to others.
        :return: the messages, in order within each message group; empty when there are none.
        """
        attributes = [ENCODING_ATTRIBUTE, EVENT_ID_ATTRIBUTE, SENT_AT_ATTRIBUTE]
        response = self._receive(wait_seconds, visibility_seconds, at_most, attributes)
        return [Message.from_response(message) for message in response.get("Messages", [])]

    def extend(self, messages: Sequence[Message], seconds: int) -> None:
        """Keep messages invisible for ``seconds`` from now. One that SQS refuses is only delivered again sooner."""
        for batch in _batches(messages):
            entries = [{**handle, "VisibilityTimeout": seconds} for handle in _handles(batch)]
            response = self.call("ChangeMessageVisibilityBatch", Entries=entries)
            for failed in response.get("Failed", []):
                log.warning("SQS did not extend the visibility of a message: %s", failed["Code"])

    def delete(self, messages: Sequence[Message]) -> list[Message]:
        """Delete messages; return those that SQS did not delete and may delete when asked again."""
        left = []
        for batch in _batches(messages):
            failures = self.call("DeleteMessageBatch", Entries=_handles(batch)).get("Failed", [])
            left += [batch[int(failed["Id"])] for failed in failures if not failed["SenderFault"]]
            if unknown := {failed["Code"] for failed in failures if failed["SenderFault"]}:
                # Most of them were deleted by a call of which the answer said otherwise.
                log.info("SQS does not know messages that were to be deleted: %s", ", ".join(sorted(unknown)))
        return left

    def state(self) -> QueueState:
        """Return the queue's backlog and settings, as SQS says now."""
        attributes = self.call("GetQueueAttributes", AttributeNames=[*_COUNTS, *_SETTINGS])["Attributes"]
        policy = json.loads(attributes.get("RedrivePolicy", "{}"))
        return QueueState(
            backlog=sum(int(attributes.get(name, 0)) for name in _COUNTS),
            visibility_seconds=int(attributes["VisibilityTimeout"]),
            retention_seconds=int(attributes["MessageRetentionPeriod"]),
            dead_letter_arn=policy.get("deadLetterTargetArn"),
            max_receives=int(policy["maxReceiveCount"]) if "maxReceiveCount" in policy else None,
            is_encrypted=any(attributes.get(name) not in (None, "", "false") for name in _ENCRYPTIONS),
        )

    def dead_letter_queue(self) -> Queue | None:
        """Return the queue that the redrive policy names; None without a policy."""
        text = self.state().dead_letter_arn or ""
        arn = Arn.parse(text)
        if arn is None:
            return None
        with queue_errors("GetQueueUrl", text):
            response = self.client.get_queue_url(QueueName=arn.resource, QueueOwnerAWSAccountId=arn.account)
        return self.sibling(response["QueueUrl"])

    def sibling(self, url: str) -> Queue:
        """Return another queue of the same account and Region."""
        return Queue(self.client, url)

    def call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """Call any operation of the SQS API, by its name there, on the queue.

        :raises QueueError: when SQS does not carry it out.
        """
        call: Callable[..., dict[str, Any]] = getattr(self.client, xform_name(operation))
        with queue_errors(operation, self.url):
            return call(QueueUrl=self.url, **parameters)

    def _receive(
        self, wait_seconds: int, visibility_seconds: int, at_most: int, attributes: Sequence[str]
    ) -> dict[str, Any]:
        return self.call(
            "ReceiveMessage",
            MaxNumberOfMessages=at_most,
            WaitTimeSeconds=wait_seconds,
            VisibilityTimeout=visibility_seconds,
            # Older botocores do not know the newer name, MessageSystemAttributeNames.
            AttributeNames=["ApproximateReceiveCount", "MessageGroupId", "SentTimestamp"],
            MessageAttributeNames=attributes,
        )


def pack(entries: Iterable[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    """Yield batches of at most ten entries and 1 MiB, in their order; the entries are read as they are needed."""
    batch: list[Mapping[str, Any]] = []
    batch_bytes = 0
    for entry in entries:
        size = entry_bytes(entry)
        if batch and (len(batch) == MAX_BATCH_ENTRIES or batch_bytes + size > MAX_BATCH_BYTES):
            yield batch
            batch, batch_bytes = [], 0
        batch.append(entry)
        batch_bytes += size
    if batch:
        yield batch


def _numbered(entries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{"Id": str(index), **entry} for index, entry in enumerate(entries)]


def _handles(batch: Sequence[Message]) -> list[dict[str, Any]]:
    return _numbered([{"ReceiptHandle": message.receipt_handle} for message in batch])


def _batches(messages: Sequence[Message]) -> Iterator[Sequence[Message]]:
    for start in range(0, len(messages), MAX_BATCH_ENTRIES):
        yield messages[start : start + MAX_BATCH_ENTRIES]


def queue_of(settings: Settings) -> Queue:
    """Return the queue that the settings name.

    :raises ConfigurationError: when they name none, or there is no client for it.
    """
    (url,) = settings.required("queue_url")
    return Queue(make_client("sqs", settings.region_name or queue_region(url), QUEUE_CLIENT_CONFIG), url)
