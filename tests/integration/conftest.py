"""What all tests with servers share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from airflow_provider_dzlineage.buffer.dead_letter_queue import DeadLetterQueue
from airflow_provider_dzlineage.buffer.queue import Queue


@pytest.fixture(autouse=True)
def _no_long_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Receive without waiting for messages: unlike SQS, one server knows at once whether it has some.

    Programs that tests start poll as they do elsewhere.
    """

    def without_waiting(receive: Callable[..., Any]) -> Callable[..., Any]:
        return lambda queue, **parameters: receive(queue, **{**parameters, "wait_seconds": 0})

    monkeypatch.setattr(Queue, "receive", without_waiting(Queue.receive))
    monkeypatch.setattr(DeadLetterQueue, "receive_dead_letters", without_waiting(DeadLetterQueue.receive_dead_letters))
