"""What could lose events in a queue's settings, and which actions on it are denied."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from airflow_provider_dzlineage.buffer.queue import Queue, QueueState
from airflow_provider_dzlineage.errors import QueueDeniedError, QueueError, QueueUnavailableError

# SQS's own default; below it a consumer that sets nothing itself can hardly finish a message.
_SHORT_VISIBILITY_SECONDS = 30
_SHORT_RETENTION_SECONDS = 24 * 3600
# A drain that stops early has received what it gives back; an outage of some hours is many of them.
_FEW_RECEIVES = 50


@dataclass(frozen=True)
class QueueRisk:
    """A setting of a queue that can lose events.

    :param detail: the setting, and what may follow from it.
    :param fix: what to change.
    """

    detail: str
    fix: str

    def __str__(self) -> str:
        return f"{self.detail} -- To fix: {self.fix}"


def unsafe_settings(buffer: QueueState, dead_letters: QueueState | None) -> list[QueueRisk]:
    """Return the settings that can lose events; empty when all is well.

    :param buffer: the queue that is drained.
    :param dead_letters: its dead-letter queue; None when there is none.
    """
    risks = []
    if dead_letters is None:
        risks.append(
            QueueRisk(
                "There is no dead-letter queue: messages that can never be posted stay in the queue",
                "create one, and name it in the setting 'dead_letter_queue_url' or in a redrive policy of the queue",
            )
        )
    elif dead_letters.retention_seconds < _SHORT_RETENTION_SECONDS:
        risks.append(
            QueueRisk(
                f"The dead-letter queue's retention is {dead_letters.retention_seconds} s: "
                "dead letters vanish before anybody looks",
                "set MessageRetentionPeriod to 1209600, 14 days",
            )
        )
    if buffer.retention_seconds < _SHORT_RETENTION_SECONDS:
        risks.append(
            QueueRisk(
                f"The queue's retention is {buffer.retention_seconds} s: an outage that lasts longer loses events",
                "set MessageRetentionPeriod to 1209600, 14 days",
            )
        )
    if buffer.visibility_seconds < _SHORT_VISIBILITY_SECONDS:
        risks.append(
            QueueRisk(
                f"The queue's visibility time-out is {buffer.visibility_seconds} s: "
                "a consumer that does not set its own would receive messages twice",
                "set VisibilityTimeout to 120",
            )
        )
    if buffer.max_receives is not None and buffer.max_receives < _FEW_RECEIVES:
        risks.append(
            QueueRisk(
                f"The queue's redrive policy moves messages after {buffer.max_receives} receives (maxReceiveCount): "
                "an outage can move good events to the dead letters, without a reason",
                "set it to 1000",
            )
        )
    return risks


# SQS refuses an empty batch and a count of zero, so that no message is sent, hidden or deleted. Who may not do it at
# all is told that instead. Source: EmptyBatchRequest and MaxNumberOfMessages in the Amazon SQS API reference.
SENDING = "sqs:SendMessage"
RECEIVING = "sqs:ReceiveMessage"
_REFUSED_ANYHOW: Mapping[str, tuple[str, dict[str, Any]]] = {
    SENDING: ("SendMessageBatch", {"Entries": []}),
    RECEIVING: ("ReceiveMessage", {"MaxNumberOfMessages": 0}),
    "sqs:DeleteMessage": ("DeleteMessageBatch", {"Entries": []}),
    "sqs:ChangeMessageVisibility": ("ChangeMessageVisibilityBatch", {"Entries": []}),
}


def denied_actions(queue: Queue, tried: Collection[str] = tuple(_REFUSED_ANYHOW)) -> Iterator[str]:
    """Yield the IAM actions that the caller may not do, such as ``sqs:SendMessage``.

    :param tried: the actions to try; all that sending and forwarding need by default.
    :raises QueueUnavailableError: when SQS does not answer.
    """
    for action, (operation, parameters) in _REFUSED_ANYHOW.items():
        if action in tried and _is_denied(queue, operation, parameters):
            yield action


def _is_denied(queue: Queue, operation: str, parameters: Mapping[str, Any]) -> bool:
    try:
        queue.call(operation, **parameters)
    except QueueUnavailableError:
        raise
    except QueueError as error:
        return isinstance(error, QueueDeniedError)
    return False
