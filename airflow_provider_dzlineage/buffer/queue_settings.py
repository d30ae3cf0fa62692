"""Checks of a queue: settings that can lose events, and actions that are denied."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from airflow_provider_dzlineage.buffer.queue import Queue, QueueState
from airflow_provider_dzlineage.errors import QueueDeniedError, QueueError, QueueUnavailableError

# SQS's own default; below it a consumer that sets nothing itself can hardly finish a message.
_SHORT_VISIBILITY_SECONDS = 30
_SHORT_RETENTION_SECONDS = 24 * 3600
# A drain that stops early has received what it releases; an outage of some hours is many of them.
_FEW_RECEIVES = 50


@dataclass(frozen=True)
class QueueRisk:
    """A setting of a queue that can lose events, and what to change."""

    detail: str
    fix: str

    def __str__(self) -> str:
        return f"{self.detail} -- To fix: {self.fix}"


def unsafe_settings(buffer: QueueState, dead_letters: QueueState | None) -> Iterator[QueueRisk]:
    """Yield the settings of the buffer and its dead-letter queue that can lose events."""
    if dead_letters is None:
        yield QueueRisk(
            "There is no dead-letter queue: messages that can never be posted stay in the queue",
            "create one, and name it in the setting 'dead_letter_queue_url' or in a redrive policy of the queue",
        )
    elif dead_letters.retention_seconds < _SHORT_RETENTION_SECONDS:
        yield QueueRisk(
            f"The dead-letter queue's retention is {dead_letters.retention_seconds} s: "
            "dead letters vanish before anybody looks",
            "set MessageRetentionPeriod to 1209600, 14 days",
        )
    if buffer.retention_seconds < _SHORT_RETENTION_SECONDS:
        yield QueueRisk(
            f"The queue's retention is {buffer.retention_seconds} s: an outage that lasts longer loses events",
            "set MessageRetentionPeriod to 1209600, 14 days",
        )
    if buffer.visibility_seconds < _SHORT_VISIBILITY_SECONDS:
        yield QueueRisk(
            f"The queue's visibility time-out is {buffer.visibility_seconds} s: "
            "a consumer that does not set its own would receive messages twice",
            "set VisibilityTimeout to 120",
        )
    if buffer.max_receives is not None and buffer.max_receives < _FEW_RECEIVES:
        yield QueueRisk(
            f"The queue's redrive policy moves messages after {buffer.max_receives} receives (maxReceiveCount): "
            "an outage can move good events to the dead letters, without a reason",
            "set it to 1000",
        )


# SQS refuses an empty batch and a count of zero, so that no message is sent, hidden or deleted; whoever may not do it
# at all is denied instead. Source: EmptyBatchRequest and MaxNumberOfMessages in the Amazon SQS API reference.
SENDING = "sqs:SendMessage"
RECEIVING = "sqs:ReceiveMessage"
_PROBES: Mapping[str, tuple[str, dict[str, Any]]] = {
    SENDING: ("SendMessageBatch", {"Entries": []}),
    RECEIVING: ("ReceiveMessage", {"MaxNumberOfMessages": 0}),
    "sqs:DeleteMessage": ("DeleteMessageBatch", {"Entries": []}),
    "sqs:ChangeMessageVisibility": ("ChangeMessageVisibilityBatch", {"Entries": []}),
}


def denied_actions(queue: Queue, actions: Collection[str] = tuple(_PROBES)) -> Iterator[str]:
    """Yield the IAM actions that are denied to the caller, such as ``sqs:SendMessage``.

    :param actions: those to try; all that sending and forwarding need by default.
    :raises QueueUnavailableError: when SQS does not answer.
    """
    for action in actions:
        operation, parameters = _PROBES[action]
        try:
            queue.call(operation, **parameters)
        except QueueDeniedError:
            yield action
        except QueueUnavailableError:
            raise
        except QueueError:
            continue
