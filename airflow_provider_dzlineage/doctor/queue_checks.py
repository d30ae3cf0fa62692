"""Whether the buffer is there, we may use it, and it is set so that nothing is lost. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

from airflow_provider_dzlineage.buffer.queue import Queue
from airflow_provider_dzlineage.buffer.queue_settings import RECEIVING, SENDING, denied_actions, unsafe_settings
from airflow_provider_dzlineage.doctor.finding import Finding, failed, failure_of, parted, passed, warned
from airflow_provider_dzlineage.errors import QueueDeniedError, QueueError, QueueUnavailableError


def check_queue(queue: Queue, dead_letters: Queue | None) -> Iterator[Finding]:
    """Look at the queue and its dead-letter queue.

    :param dead_letters: the one that the settings name; without it, that of the redrive policy.
    """
    try:
        state = queue.state()
    except QueueDeniedError as error:
        yield failure_of("queue", error)
        yield from _permissions(_denied(queue))
        return
    kind = "FIFO" if queue.is_fifo else "standard"
    yield passed(
        "queue",
        f"{kind}, {state.backlog} messages, visibility {state.visibility_seconds} s, "
        f"retention {state.retention_seconds // 86_400} days",
    )
    denied = _denied(queue)
    yield from _permissions(denied)
    try:
        dead_letters = dead_letters or queue.dead_letter_queue()
        dead_state = dead_letters.state() if dead_letters else None
    except QueueError as error:
        unavailable = isinstance(error, QueueUnavailableError)
        yield failure_of("dead-letter queue", error, "" if unavailable else "check the setting 'dead_letter_queue_url'")
        return
    if dead_letters and dead_letters.is_fifo != queue.is_fifo:
        yield failed("dead-letter queue", "one queue is FIFO and the other is not", "make both of one kind")
    elif dead_state:
        yield passed("dead-letter queue", f"{dead_state.backlog} messages")
        if dead_state.backlog:
            yield warned("dead letters", f"{dead_state.backlog} are waiting", "dzlineage dead-letters list says why")
    if dead_letters:
        yield from _permission_to_dead_letter(dead_letters, denied)
    for finding in unsafe_settings(state, dead_state):
        yield warned("queue's settings", *parted(finding))
    if state.is_encrypted:
        yield passed("queue's encryption")
    else:
        yield warned("queue's encryption", "there is none", "turn on SSE-SQS, which costs nothing, or SSE-KMS")


def _denied(queue: Queue, *tried: str) -> list[str] | QueueError:
    try:
        return list(denied_actions(queue, tried) if tried else denied_actions(queue))
    except QueueError as error:
        return error


def _permission_to_dead_letter(dead_letters: Queue, denied: list[str] | QueueError) -> Iterator[Finding]:
    """Try whether what can never be posted may be put away, which only forwarding does."""
    check = "dead-letter queue's permissions"
    refused = _denied(dead_letters, SENDING)
    if isinstance(refused, QueueError):
        yield failure_of(check, refused)
    elif refused:
        forwards = not (isinstance(denied, list) and RECEIVING in denied)
        fix = f"allow {SENDING} on the dead-letter queue to the role that forwards"
        yield (failed if forwards else warned)(check, f"denied: {SENDING}", fix)


def _permissions(denied: list[str] | QueueError) -> Iterator[Finding]:
    if isinstance(denied, QueueError):
        yield failure_of("queue's permissions", denied)
        return
    if not denied:
        yield passed("queue's permissions", "to send, to receive and to delete are not denied")
        return
    actions = ", ".join(denied)
    fix = f"allow {actions} on the queue to the role that runs this"
    if denied == [SENDING]:
        yield warned("queue's permissions", f"denied: {actions}", f"{fix}, if it is to send events too")
    elif SENDING not in denied:
        yield warned("queue's permissions", f"denied: {actions}", f"{fix}, if it is to forward events too")
    else:
        yield failed("queue's permissions", f"denied: {actions}", fix)
