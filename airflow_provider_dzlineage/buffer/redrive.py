"""Send dead letters through the buffer again."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from airflow_provider_dzlineage.buffer.codec import (
    ENCODING_ATTRIBUTE,
    EVENT_ID_ATTRIBUTE,
    MAX_MESSAGE_BYTES,
    SENT_AT_ATTRIBUTE,
    entry_bytes,
    fifo_parameters,
    text_attribute,
)
from airflow_provider_dzlineage.buffer.dead_letter_actions import DlqAction
from airflow_provider_dzlineage.buffer.dead_letter_filter import DlqFilter
from airflow_provider_dzlineage.buffer.dead_letter_queue import DeadLetterQueue, DlqMessage
from airflow_provider_dzlineage.buffer.queue import Queue
from airflow_provider_dzlineage.errors import ConfigurationError
from airflow_provider_dzlineage.lineage.raw_event import message_group

# What is wrong with the message itself. Unchanged, it would come back with the same reason.
HOPELESS_REASONS = frozenset({"not_json", "undecodable", "not_an_event", "too_large"})


class Redrive(DlqAction):
    """Sends dead letters to the buffer, unchanged, and deletes each when SQS has taken it there.

    Interrupted anywhere, even killed, it loses nothing: at worst a letter is sent once more by the next redrive, and
    posted once more as the same request. Letters with one of :data:`HOPELESS_REASONS` stay, unless ``wanted`` names
    them by reason or id, or asks for everything.

    :param letters: the dead-letter queue.
    :param buffer: where they are sent.
    :param wanted: which are meant.
    :param limit: at most so many.
    :param dry_run: only count.
    :param stop: set it, from any thread or signal handler, to end in order.
    :raises ConfigurationError: when both queues are one.
    """

    def __init__(
        self,
        letters: DeadLetterQueue,
        buffer: Queue,
        wanted: DlqFilter,
        *,
        limit: int | None = None,
        dry_run: bool = False,
        stop: threading.Event | None = None,
    ) -> None:
        if letters.url == buffer.url:
            raise ConfigurationError("the settings 'queue_url' and 'dead_letter_queue_url' name the same queue")
        super().__init__(letters, wanted, limit=limit, dry_run=dry_run, stop=stop)
        self._buffer = buffer
        self._hopeless_too = wanted.reason is not None or wanted.ids is not None or wanted.asks_for_nothing
        # Of every event that was sent.
        self._sent: set[str] = set()
        self._started = 0

    def _is_meant(self, letter: DlqMessage) -> bool:
        if not super()._is_meant(letter):
            return False
        if letter.reason in HOPELESS_REASONS and not self._hopeless_too:
            self._counts["hopeless"] += 1
            return False
        return True

    def _settle(self, letters: Sequence[DlqMessage]) -> None:
        if not self._sent:
            self._started = letters[0].received_at
        fresh: dict[str, list[DlqMessage]] = {}
        for letter in letters:
            key = _identity(letter)
            if key not in self._sent:
                fresh.setdefault(key, []).append(letter)
            elif letter.written_at < self._started:
                self._counts["duplicates"] += 1
                self._delete([letter])
            else:
                # The forwarder may have refused what was sent a moment ago: then this is its only copy.
                self._counts["came_back"] += 1
        self._send(fresh)

    def _send(self, events: Mapping[str, Sequence[DlqMessage]]) -> None:
        """Send each event once and delete all its letters."""
        same = list(events.values())
        entries = [] if self._dry_run else [self._entry(letters[0]) for letters in same]
        refused = {entry.index for entry in self._buffer.send(entries)}
        taken = [letters for index, letters in enumerate(same) if index not in refused]
        self._sent |= {_identity(letters[0]) for letters in taken}
        self._counts["refused"] += sum(len(same[index]) for index in refused)
        self._counts["sent"] += len(taken)
        self._counts["duplicates"] += sum(len(letters) - 1 for letters in taken)
        self._delete([letter for letters in taken for letter in letters])

    def _entry(self, letter: DlqMessage) -> dict[str, Any]:
        message = letter.message
        attributes = {
            ENCODING_ATTRIBUTE: message.encoding,
            SENT_AT_ATTRIBUTE: str(message.sent_at),
            EVENT_ID_ATTRIBUTE: message.retry_of,
        }
        entry: dict[str, Any] = {
            "MessageBody": message.text,
            "MessageAttributes": {name: text_attribute(value) for name, value in attributes.items() if value},
        }
        if entry_bytes(entry) > MAX_MESSAGE_BYTES:
            # Without its first time even the largest message fits, as it did when it was sent first.
            entry["MessageAttributes"].pop(SENT_AT_ATTRIBUTE)
        if self._buffer.is_fifo:
            # Sent again after an interruption, it is swallowed by SQS for five minutes.
            entry |= fifo_parameters(message.group or _group(letter), deduplicate_by=letter.id)
        return entry


def _identity(letter: DlqMessage) -> str:
    """Return what two letters share when they would be posted as the same request."""
    message = letter.message
    text = "\n".join((message.encoding or "", message.retry_of, message.text))
    return hashlib.sha256(text.encode("utf-8", errors="surrogatepass")).hexdigest()


def _group(letter: DlqMessage) -> str:
    event = letter.event()
    return message_group(event) if isinstance(event, Mapping) else letter.id
