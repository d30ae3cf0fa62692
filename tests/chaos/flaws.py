"""Forwarders that break the promise, to see that the kill tests and the chaos run find them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from airflow_provider_dzlineage.buffer.dead_letter_queue import DeadLetter, DeadLetterQueue
from airflow_provider_dzlineage.buffer.in_flight import InFlightMessages
from airflow_provider_dzlineage.buffer.queue import Queue
from airflow_provider_dzlineage.catalog import client as datazone
from airflow_provider_dzlineage.forwarding.scheduler import Scheduler

_receive, _write, _scheduler = InFlightMessages.receive, DeadLetterQueue.write, Scheduler.__init__


def deletes_what_it_receives() -> None:
    """Delete before the post."""

    def receive(self: InFlightMessages, **parameters: Any) -> Any:
        messages = _receive(self, **parameters)
        self._queue.delete(messages)
        return messages

    InFlightMessages.receive = receive


def deletes_before_the_dead_letter() -> None:
    """Delete a message of which a dead letter is about to be written."""
    queues: list[Queue] = []

    def receive(self: InFlightMessages, **parameters: Any) -> Any:
        queues.append(self._queue)
        return _receive(self, **parameters)

    def write(self: DeadLetterQueue, dead_letters: Sequence[DeadLetter]) -> Any:
        queues[0].delete([dead_letter.message for dead_letter in dead_letters])
        return _write(self, dead_letters)

    InFlightMessages.receive, DeadLetterQueue.write = receive, write


def invents_tokens() -> None:
    """Post each time under a token of its own."""
    datazone.client_token = lambda *_: uuid.uuid4().hex


def knows_no_groups() -> None:
    """Post the messages of a group side by side."""
    Scheduler.__init__ = lambda self, clock, *, ordered: _scheduler(self, clock, ordered=False)


FLAWS = {
    flaw.__name__: flaw
    for flaw in (deletes_what_it_receives, deletes_before_the_dead_letter, invents_tokens, knows_no_groups)
}
