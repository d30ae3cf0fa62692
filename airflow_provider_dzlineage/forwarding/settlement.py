"""Carry out what became of messages, and count each once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from airflow_provider_dzlineage.buffer.dead_letters import DeadLetter, DeadLetters
from airflow_provider_dzlineage.buffer.deletions import Deletions
from airflow_provider_dzlineage.buffer.hand import Hand
from airflow_provider_dzlineage.buffer.message import Message
from airflow_provider_dzlineage.errors import QueueError
from airflow_provider_dzlineage.forwarding.delivery import Result
from airflow_provider_dzlineage.forwarding.report import Outcome, Tally

log = logging.getLogger(__name__)


class Settlement:
    """Dead letters, deletions and what goes back. Safe to share between threads.

    :param hand: the messages in hand.
    :param deletions: deletes those that are settled.
    :param dead_letters: where messages go that can never be posted; None leaves them in the buffer.
    :param tally: counts each message.
    :param redact_text: takes the secrets out of what becomes a dead letter.
    """

    def __init__(
        self,
        hand: Hand,
        deletions: Deletions,
        dead_letters: DeadLetters | None,
        tally: Tally,
        redact_text: Callable[[str], str],
    ) -> None:
        self._hand = hand
        self._deletions = deletions
        self._dead_letters = dead_letters
        self._tally = tally
        self._redact_text = redact_text

    def bury(self, message: Message, result: Result) -> Result:
        """Write a dead letter.

        :return: the result; to be released when the letter is not written, since then the message has to stay.
        """
        if self._dead_letters is None:
            return replace(result, outcome=Outcome.RELEASED, reason="no_dead_letter_queue")
        detail = self._redact_text(result.detail)
        letter = DeadLetter(message.cleaned(self._redact_text), result.reason, detail, result.code, result.request_id)
        try:
            unwritten: Sequence[DeadLetter] = self._dead_letters.write([letter])
        except QueueError as error:
            log.error("A dead letter cannot be written, its message stays in the queue: %s", error)
            unwritten = [letter]
        return replace(result, outcome=Outcome.RELEASED, reason="dead_letter_not_written") if unwritten else result

    def finish(self, message: Message, result: Result) -> None:
        """Count a message whose work is done, and delete it."""
        self._tally.count(result.outcome, result.reason)
        self._deletions.add(self._hand.newest(message))

    def hold_back(self, messages: Iterable[Message], reason: str) -> None:
        """Count messages that go back to the queue; not before the drain ends, or it would receive them again."""
        for message in messages:
            self._tally.count(Outcome.RELEASED, reason)
            self._hand.hold_back(message)

    def release(self, messages: Sequence[Message], reason: str) -> None:
        """Count messages and give them back at once."""
        self.hold_back(messages, reason)
        self._hand.release(messages)

    def end(self, sleep: Callable[[float], None]) -> None:
        """Delete what is left to delete, and give back all that is in hand.

        :param sleep: waits for so many seconds.
        """
        self._deletions.finish(sleep)
        self._hand.release()
