"""What is to be done with the messages in hand."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

from airflow_provider_dzlineage.buffer.message import Message
from airflow_provider_dzlineage.lineage.event import RunEvent
from airflow_provider_dzlineage.lineage.merge import run_of

Run: TypeAlias = tuple[str, str, str]


@dataclass(frozen=True)
class Work:
    """One message on its way, and those that travel with it.

    :param event: None before the message was prepared.
    :param companions: messages of the same run whose events are posted as one with this message's.
    :param is_alone: whether it must not travel with others.
    :param body: what is posted, UTF-8 JSON; None before that is known.
    :param attempts: posts so far.
    :param failing_since: monotonic seconds of the first attempt that DataZone failed otherwise than by throttling.
    """

    message: Message
    event: RunEvent | None = None
    companions: tuple[Work, ...] = ()
    is_alone: bool = False
    body: bytes | None = None
    attempts: int = 0
    failing_since: float = math.inf

    @property
    def all(self) -> tuple[Work, ...]:
        """The work on each message, the own one first."""
        return (self, *self.companions)

    @property
    def run(self) -> Run | None:
        """What it has to share with others to travel with them; None when it travels alone."""
        # What DataZone failed to process is posted under a token of its own.
        if self.is_alone or self.event is None or self.message.retry_of:
            return None
        return run_of(self.event.data)
