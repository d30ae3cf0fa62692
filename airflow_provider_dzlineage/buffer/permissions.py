"""Which actions on a queue are denied, found out by requests that SQS refuses in any case."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from airflow_provider_dzlineage.buffer.queue import Queue
from airflow_provider_dzlineage.errors import QueueDeniedError, QueueError, QueueUnavailableError

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
