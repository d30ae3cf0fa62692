"""Forwarders that break the promise, to see that the kill tests and the chaos run tell."""

from __future__ import annotations

import uuid
from typing import Any

from airflow_provider_dzlineage.buffer.hand import Hand
from airflow_provider_dzlineage.catalog import datazone
from airflow_provider_dzlineage.forwarding.delivery import Result
from airflow_provider_dzlineage.forwarding.drain import Drain

_receive, _bury = Hand.receive, Drain._bury


def deletes_what_it_receives() -> None:
    """Delete before the post."""

    def receive(self: Hand, **parameters: Any) -> Any:
        messages = _receive(self, **parameters)
        self._queue.delete(messages)
        return messages

    Hand.receive = receive  # type: ignore[method-assign]


def deletes_before_the_dead_letter() -> None:
    """Delete a message of which a dead letter is about to be written."""

    def bury(self: Drain, message: Any, result: Result) -> Result:
        self._hand._queue.delete([message])
        return _bury(self, message, result)

    Drain._bury = bury  # type: ignore[method-assign]


def invents_tokens() -> None:
    """Post each time under a token of its own."""
    datazone.client_token = lambda *_: uuid.uuid4().hex


FLAWS = {
    flaw.__name__: flaw
    for flaw in (
        deletes_what_it_receives,
        deletes_before_the_dead_letter,
        invents_tokens,
    )
}
