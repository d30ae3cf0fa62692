"""Actions on the dead letters that a filter selects: send them through the buffer again, or delete them."""

from __future__ import annotations

import hashlib
import threading
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from airflow_provider_dzlineage.buffer.codec import (
    ENCODING_ATTRIBUTE,
    EVENT_ID_ATTRIBUTE,
    MAX_MESSAGE_BYTES,
    SENT_AT_ATTRIBUTE,
    entry_bytes,
    fifo_parameters,
    text_attributes,
)
from airflow_provider_dzlineage.buffer.dead_letter_filter import DlqFilter
from airflow_provider_dzlineage.buffer.dead_letter_queue import DeadLetterQueue, DlqMessage
from airflow_provider_dzlineage.buffer.dead_letter_scan import DlqScan
from airflow_provider_dzlineage.buffer.queue import Queue
from airflow_provider_dzlineage.errors import ConfigurationError
from airflow_provider_dzlineage.lineage.raw_event import message_group

# The message itself is wrong. Unchanged, it would become a dead letter again, for the same reason.
NOT_REDRIVABLE_REASONS = frozenset({"not_json", "undecodable", "not_an_event", "too_large"})


@dataclass(frozen=True)
class DlqReport:
    """The result of an action; each number is one of dead letters.

    After a redrive ``matched = sent + duplicates + failed_again + refused``; after a drop
    ``matched = dropped + undeleted``.

    :param examined: that were looked at.
    :param matched: of them, that the filter selected.
    :param sent: that are in the buffer again.
    :param duplicates: that were deleted because another one with the same event was sent.
    :param not_redrivable: that did not count as matched because they would fail again unchanged, and were not asked for
        by reason or id.
    :param failed_again: that stay because this redrive had sent the same event already: it failed again meanwhile.
    :param refused: that stay because SQS did not take them into the buffer.
    :param dropped: that were deleted without being sent.
    :param undeleted: that SQS did not delete; those of them that were sent will be sent again as the same event.
    :param unseen: that SQS counts and did not deliver: in flight elsewhere, or behind others of their message group.
    :param dry_run: nothing was sent or deleted; the numbers say what would have been.
    """

    examined: int = 0
    matched: int = 0
    sent: int = 0
    duplicates: int = 0
    not_redrivable: int = 0
    failed_again: int = 0
    refused: int = 0
    dropped: int = 0
    undeleted: int = 0
    unseen: int = 0
    dry_run: bool = False

    @property
    def needs_a_look(self) -> bool:
        """True when something that was selected is still there and should not be."""
        return bool(self.failed_again or self.refused or self.undeleted)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as a JSON value."""
        return asdict(self)

    def line(self) -> str:
        """Return the report for a person, without what did not happen."""
        always_shown = ("examined", "matched", "dry_run")
        counts = {name: count for name, count in asdict(self).items() if count and name not in always_shown}
        details = ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in counts.items())
        would_be = "dry run: " if self.dry_run else ""
        return f"{would_be}examined {self.examined}, matched {self.matched}: {details or 'nothing to do'}"


@dataclass(eq=False)
class DlqAction(ABC):
    """One scan of the dead letters that does something with those that a filter selects.

    :param limit: at most so many.
    :param dry_run: only count.
    :param stop: set it, from any thread or signal handler, to end in order.
    """

    dlq: DeadLetterQueue
    dlq_filter: DlqFilter
    limit: int | None = field(default=None, kw_only=True)
    dry_run: bool = field(default=False, kw_only=True)
    stop: threading.Event | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        self._scan = DlqScan(self.dlq, stop=self.stop)
        self._counts: Counter[str] = Counter()

    def run(self, on_progress: Callable[[DlqReport, int], None] = lambda report, total: None) -> None:
        """Scan once. However it ends, :meth:`report` says what has been done.

        :param on_progress: called after every receive with the report so far and with SQS's count of the dead letters.
        :raises QueueError: when SQS does not answer; every dead letter is then still in one of the queues.
        """
        with self._scan:
            for dead_letters in self._scan.matching(self._matches, self.limit):
                self._counts["matched"] += len(dead_letters)
                if dead_letters:
                    self._apply(dead_letters)
                on_progress(self.report(), self._scan.total)

    def report(self) -> DlqReport:
        """Return what became of the dead letters so far."""
        return DlqReport(**self._counts, examined=self._scan.examined, unseen=self._scan.unseen, dry_run=self.dry_run)

    def _matches(self, dead_letter: DlqMessage) -> bool:
        return self.dlq_filter.matches(dead_letter)

    @abstractmethod
    def _apply(self, dead_letters: Sequence[DlqMessage]) -> None:
        """Carry out the action on a batch, and count it."""

    def _delete(self, dead_letters: Sequence[DlqMessage]) -> int:
        """Delete dead letters and return how many stay."""
        undeleted = 0 if self.dry_run else len(self._scan.delete(dead_letters))
        self._counts["undeleted"] += undeleted
        return undeleted


class Drop(DlqAction):
    """Deletes dead letters."""

    def _apply(self, dead_letters: Sequence[DlqMessage]) -> None:
        self._counts["dropped"] += len(dead_letters) - self._delete(dead_letters)


@dataclass(eq=False)
class Redrive(DlqAction):
    """Sends dead letters to the buffer, unchanged, and deletes each when SQS has taken it there.

    Interrupted anywhere, even killed, it loses nothing: at worst a dead letter is sent once more by the next redrive,
    and posted once more as the same request. Those with one of :data:`NOT_REDRIVABLE_REASONS` stay, unless the filter
    names them by reason or id, or is empty.

    :param buffer: where they are sent.
    :raises ConfigurationError: when both queues are one.
    """

    buffer: Queue

    def __post_init__(self) -> None:
        if self.dlq.url == self.buffer.url:
            raise ConfigurationError("the settings 'queue_url' and 'dead_letter_queue_url' name the same queue")
        super().__post_init__()
        chosen = self.dlq_filter
        self._redrives_all = chosen.reason is not None or chosen.ids is not None or chosen.is_empty
        # Of every event that was sent.
        self._sent: set[str] = set()
        self._started = 0

    def _matches(self, dead_letter: DlqMessage) -> bool:
        if not super()._matches(dead_letter):
            return False
        if dead_letter.reason in NOT_REDRIVABLE_REASONS and not self._redrives_all:
            self._counts["not_redrivable"] += 1
            return False
        return True

    def _apply(self, dead_letters: Sequence[DlqMessage]) -> None:
        if not self._sent:
            self._started = dead_letters[0].received_at
        new: dict[str, list[DlqMessage]] = {}
        for dead_letter in dead_letters:
            fingerprint = _fingerprint(dead_letter)
            if fingerprint not in self._sent:
                new.setdefault(fingerprint, []).append(dead_letter)
            elif dead_letter.written_at < self._started:
                self._counts["duplicates"] += 1
                self._delete([dead_letter])
            else:
                # The forwarder may have refused what was sent a moment ago: then this is its only copy.
                self._counts["failed_again"] += 1
        self._send(list(new.values()))

    def _send(self, events: Sequence[Sequence[DlqMessage]]) -> None:
        """Send each event once and delete all its dead letters."""
        entries = [] if self.dry_run else [self._entry(copies[0]) for copies in events]
        refused = {entry.index for entry in self.buffer.send(entries)}
        sent = [copies for index, copies in enumerate(events) if index not in refused]
        self._sent |= {_fingerprint(copies[0]) for copies in sent}
        self._counts["refused"] += sum(len(events[index]) for index in refused)
        self._counts["sent"] += len(sent)
        self._counts["duplicates"] += sum(len(copies) - 1 for copies in sent)
        self._delete([dead_letter for copies in sent for dead_letter in copies])

    def _entry(self, dead_letter: DlqMessage) -> dict[str, Any]:
        message = dead_letter.message
        attributes = {
            ENCODING_ATTRIBUTE: message.encoding,
            SENT_AT_ATTRIBUTE: str(message.sent_at),
            EVENT_ID_ATTRIBUTE: message.retry_of,
        }
        entry: dict[str, Any] = {"MessageBody": message.text, "MessageAttributes": text_attributes(attributes)}
        if entry_bytes(entry) > MAX_MESSAGE_BYTES:
            # Without its first time even the largest message fits, as it did when it was sent first.
            entry["MessageAttributes"].pop(SENT_AT_ATTRIBUTE)
        if self.buffer.is_fifo:
            # Sent again after an interruption, SQS drops it as a duplicate for five minutes.
            entry |= fifo_parameters(message.group or _group_of(dead_letter), deduplicate_by=dead_letter.id)
        return entry


def _fingerprint(dead_letter: DlqMessage) -> str:
    """Return what two dead letters share when they would be posted as the same request."""
    message = dead_letter.message
    text = "\n".join((message.encoding or "", message.retry_of, message.text))
    return hashlib.sha256(text.encode("utf-8", errors="surrogatepass")).hexdigest()


def _group_of(dead_letter: DlqMessage) -> str:
    event = dead_letter.event()
    return message_group(event) if isinstance(event, Mapping) else dead_letter.id
