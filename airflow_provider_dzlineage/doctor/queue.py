"""Checks of the buffer: it exists, we may use it, and its settings lose nothing. They change nothing."""

from __future__ import annotations

from collections.abc import Iterator

from airflow_provider_dzlineage.buffer.queue import Queue
from airflow_provider_dzlineage.buffer.queue_settings import RECEIVING, SENDING, denied_actions, unsafe_settings
from airflow_provider_dzlineage.doctor.finding import Finding, failed, failed_with, passed, warned
from airflow_provider_dzlineage.errors import QueueDeniedError, QueueError, QueueUnavailableError


def check_queue(queue: Queue, dead_letter_queue_url: str | None) -> Iterator[Finding]:
    """Check the queue and its dead-letter queue.

    :param dead_letter_queue_url: of the settings; None for that of the redrive policy.
    """
    try:
        state = queue.state()
    except QueueDeniedError as error:
        yield failed_with("queue", error)
        yield _permissions(_denied(queue))
        return
    kind = "FIFO" if queue.is_fifo else "standard"
    yield passed(
        "queue",
        f"{kind}, {state.backlog} messages, visibility {state.visibility_seconds} s, "
        f"retention {state.retention_seconds // 86_400} days",
    )
    denied = _denied(queue)
    yield _permissions(denied)
    try:
        dead_letters = queue.sibling(dead_letter_queue_url) if dead_letter_queue_url else queue.dead_letter_queue()
        dlq_state = dead_letters.state() if dead_letters else None
    except QueueError as error:
        fix = "" if isinstance(error, QueueUnavailableError) else "check the setting 'dead_letter_queue_url'"
        yield failed_with("dead-letter queue", error, fix)
        return
    if dead_letters and dead_letters.is_fifo != queue.is_fifo:
        yield failed("dead-letter queue", "one queue is FIFO and the other is not", "make both of one kind")
    elif dlq_state:
        yield passed("dead-letter queue", f"{dlq_state.backlog} messages")
        if dlq_state.backlog:
            yield warned("dead letters", f"{dlq_state.backlog} are waiting", "dzlineage dead-letters list says why")
    if dead_letters:
        yield from _permission_to_dead_letter(dead_letters, denied)
    for risk in unsafe_settings(state, dlq_state):
        yield warned("queue's settings", risk.detail, risk.fix)
    if state.is_encrypted:
        yield passed("queue's encryption")
    else:
        yield warned("queue's encryption", "there is none", "turn on SSE-SQS, which costs nothing, or SSE-KMS")


def _denied(queue: Queue, *actions: str) -> list[str] | QueueError:
    """Return the denied ones of some IAM actions, by default of all; the error when SQS does not answer."""
    try:
        return list(denied_actions(queue, actions) if actions else denied_actions(queue))
    except QueueError as error:
        return error


def _permissions(denied: list[str] | QueueError) -> Finding:
    check = "queue's permissions"
    if isinstance(denied, QueueError):
        return failed_with(check, denied)
    if not denied:
        return passed(check, "to send, to receive and to delete are not denied")
    actions = ", ".join(denied)
    detail, fix = f"denied: {actions}", f"allow {actions} on the queue to the role that runs this"
    if denied == [SENDING]:
        return warned(check, detail, f"{fix}, if it is to send events too")
    if SENDING not in denied:
        return warned(check, detail, f"{fix}, if it is to forward events too")
    return failed(check, detail, fix)


def _permission_to_dead_letter(dead_letters: Queue, denied: list[str] | QueueError) -> Iterator[Finding]:
    """Check that we may send to the dead-letter queue, which only forwarding does.

    :param denied: actions on the buffer; who may not receive does not forward.
    """
    check = "dead-letter queue's permissions"
    refused = _denied(dead_letters, SENDING)
    if isinstance(refused, QueueError):
        yield failed_with(check, refused)
    elif refused:
        forwards = not (isinstance(denied, list) and RECEIVING in denied)
        fix = f"allow {SENDING} on the dead-letter queue to the role that forwards"
        yield (failed if forwards else warned)(check, f"denied: {SENDING}", fix)
