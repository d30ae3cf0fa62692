"""Do something with the dead letters that are meant."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Sequence

from airflow_provider_dzlineage.buffer.found_letter import DeadLetterQueue, FoundLetter
from airflow_provider_dzlineage.buffer.letter_filter import LetterFilter
from airflow_provider_dzlineage.buffer.letter_report import LetterReport
from airflow_provider_dzlineage.buffer.letter_walk import Walk


class Round(ABC):
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
        wanted: LetterFilter,
        *,
        limit: int | None = None,
        dry_run: bool = False,
        stop: threading.Event | None = None,
    ) -> None:
        self._wanted = wanted
        self._limit = limit
        self._dry_run = dry_run
        self._walk = Walk(letters, stop=stop)
        self._counts: Counter[str] = Counter()

    def run(self, on_progress: Callable[[LetterReport, int], None] = lambda report, total: None) -> None:
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

    def report(self) -> LetterReport:
        """Say what became of the letters so far."""
        return LetterReport(
            **self._counts, examined=self._walk.examined, unseen=self._walk.unseen, dry_run=self._dry_run
        )

    def _is_meant(self, letter: FoundLetter) -> bool:
        return self._wanted.matches(letter)

    @abstractmethod
    def _settle(self, letters: Sequence[FoundLetter]) -> None:
        """Do it, and count it."""

    def _delete(self, letters: Sequence[FoundLetter]) -> int:
        """Delete letters and return how many stay."""
        undeleted = 0 if self._dry_run else len(self._walk.delete(letters))
        self._counts["undeleted"] += undeleted
        return undeleted


class Drop(Round):
    """Deletes dead letters."""

    def _settle(self, letters: Sequence[FoundLetter]) -> None:
        self._counts["dropped"] += len(letters) - self._delete(letters)
