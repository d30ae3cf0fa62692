"""What is done with the dead letters that a filter selects, and the report of it."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from airflow_provider_dzlineage.buffer.dead_letter_filter import DlqFilter
from airflow_provider_dzlineage.buffer.dead_letter_queue import DeadLetterQueue, DlqMessage
from airflow_provider_dzlineage.buffer.dead_letter_scan import DlqScan

_ALWAYS_SAID = ("examined", "matched", "dry_run")


@dataclass(frozen=True)
class DlqReport:
    """What became of the dead letters; each number is one of letters.

    After a redrive ``matched = sent + duplicates + came_back + refused``; after a drop
    ``matched = dropped + undeleted``.

    :param examined: that were looked at.
    :param matched: of them, that were meant.
    :param sent: that are in the buffer again.
    :param duplicates: that were deleted because another one with the same event was sent.
    :param hopeless: that did not count as meant because they would only come back, and nobody asked for them by reason.
    :param came_back: that stay because this redrive had sent the same event already: it failed again meanwhile.
    :param refused: that stay because SQS did not take them into the buffer.
    :param dropped: that were deleted without being sent.
    :param undeleted: that SQS did not delete; those of them that were sent will be sent again as the same event.
    :param unseen: that could not be looked at, as SQS counts them: in other hands, or behind others of their group.
    :param dry_run: nothing was sent or deleted; the numbers say what would have been.
    """

    examined: int = 0
    matched: int = 0
    sent: int = 0
    duplicates: int = 0
    hopeless: int = 0
    came_back: int = 0
    refused: int = 0
    dropped: int = 0
    undeleted: int = 0
    unseen: int = 0
    dry_run: bool = False

    @property
    def needs_a_look(self) -> bool:
        """Whether something that was meant is still there and should not be."""
        return bool(self.came_back or self.refused or self.undeleted)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as a JSON value."""
        return asdict(self)

    def line(self) -> str:
        """Return the report for a person: what happened at all."""
        counts = {name: count for name, count in asdict(self).items() if count and name not in _ALWAYS_SAID}
        details = ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in counts.items())
        would_be = "dry run: " if self.dry_run else ""
        return f"{would_be}examined {self.examined}, matched {self.matched}: {details or 'nothing to do'}"


class DlqAction(ABC):
    """One walk over the dead letters that does something with those that are meant.

    :param letters: the dead-letter queue.
    :param wanted: which are meant.
    :param limit: at most so many.
    :param dry_run: only count.
    :param stop: set it, from any thread or signal handler, to end in order.
    """

    def __init__(
        self,
        letters: DeadLetterQueue,
        wanted: DlqFilter,
        *,
        limit: int | None = None,
        dry_run: bool = False,
        stop: threading.Event | None = None,
    ) -> None:
        self._wanted = wanted
        self._limit = limit
        self._dry_run = dry_run
        self._walk = DlqScan(letters, stop=stop)
        self._counts: Counter[str] = Counter()

    def run(self, on_progress: Callable[[DlqReport, int], None] = lambda report, total: None) -> None:
        """Walk once. However it ends, :meth:`report` says what has been done.

        :param on_progress: called after every receive with the report so far and with SQS's count of the letters.
        :raises QueueError: when SQS does not answer; every letter is then still in one of the queues.
        """
        with self._walk:
            for letters in self._walk.matching(self._is_meant, self._limit):
                self._counts["matched"] += len(letters)
                if letters:
                    self._settle(letters)
                on_progress(self.report(), self._walk.total)

    def report(self) -> DlqReport:
        """Say what became of the letters so far."""
        return DlqReport(**self._counts, examined=self._walk.examined, unseen=self._walk.unseen, dry_run=self._dry_run)

    def _is_meant(self, letter: DlqMessage) -> bool:
        return self._wanted.matches(letter)

    @abstractmethod
    def _settle(self, letters: Sequence[DlqMessage]) -> None:
        """Do it, and count it."""

    def _delete(self, letters: Sequence[DlqMessage]) -> int:
        """Delete letters and return how many stay."""
        undeleted = 0 if self._dry_run else len(self._walk.delete(letters))
        self._counts["undeleted"] += undeleted
        return undeleted


class Drop(DlqAction):
    """Deletes dead letters."""

    def _settle(self, letters: Sequence[DlqMessage]) -> None:
        self._counts["dropped"] += len(letters) - self._delete(letters)
