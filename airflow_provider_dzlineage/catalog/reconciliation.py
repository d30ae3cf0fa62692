"""Accepted is not processed: find the events that DataZone failed to process, and write them to the dead letters."""

from __future__ import annotations

import json
import logging
import math
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timezone
from typing import Any

from airflow_provider_dzlineage.aws.deadline import Clock, Deadline
from airflow_provider_dzlineage.buffer import codec as sqs_text
from airflow_provider_dzlineage.buffer.dead_letters import DeadLetter, DeadLetters
from airflow_provider_dzlineage.buffer.message import Message
from airflow_provider_dzlineage.catalog.client import Catalog
from airflow_provider_dzlineage.catalog.failed_events import FailedEvent, Look, Memory, look_for_failed_events
from airflow_provider_dzlineage.catalog.paced_client import PacedCatalog
from airflow_provider_dzlineage.catalog.rate_limiter import RateLimiter
from airflow_provider_dzlineage.errors import QueueError, StopError, UnavailableError
from airflow_provider_dzlineage.lineage.raw_event import message_group
from airflow_provider_dzlineage.settings import DEFAULT_RATE, Settings

log = logging.getLogger(__name__)

REASON = "processing_failed"
# As many as fit into one batch of SQS; together they reach the default rate where an answer takes half a second.
_AT_ONCE = 10


@dataclass(frozen=True)
class ReconciliationReport:
    """What one look at the failed events of a domain brought.

    :param failed: events that DataZone failed to process, each counted by one look only.
    :param dead_lettered: those of them that were written to the dead-letter queue.
    :param gone: those of them that DataZone listed and then did not have any more.
    :param left: further ones, which the next look will count.
    :param already_known: failed events that an earlier look has handled, and that are still remembered.
    :param looked_from: events that DataZone accepted since then were looked at, ISO 8601; empty without a look.
    :param looked_until: when they were looked at.
    :param requests: requests sent to DataZone, again ones included.
    :param throttled: requests that DataZone answered with a throttle.
    :param seconds: how long it took.
    """

    failed: int = 0
    dead_lettered: int = 0
    gone: int = 0
    left: int = 0
    already_known: int = 0
    looked_from: str = ""
    looked_until: str = ""
    requests: int = 0
    throttled: int = 0
    seconds: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """Return the report as a JSON value."""
        return asdict(self)

    def line(self) -> str:
        """Return the report for a log."""
        return (
            f"DataZone failed to process {self.failed} more events: dead-lettered {self.dead_lettered}, "
            f"gone {self.gone}; left for the next look {self.left}; already known {self.already_known}; accepted since "
            f"{self.looked_from or '-'}; {self.requests} requests, {self.throttled} throttled, {self.seconds:.1f} s"
        )


class Reconciliation:
    """One look at the failed events of a domain.

    :param catalog: the domain; its client is used from several threads at once.
    :param dead_letters: where the failed events are written; None only counts them.
    :param settings: ``rate`` counts here.
    :param state: what :attr:`state` was after the last look; None for the first one.
    :param stop: set it, from any thread or signal handler, to end early and in order.
    :param clock: tells the time and waits.
    :param today: seconds since the epoch.
    """

    def __init__(
        self,
        catalog: Catalog,
        dead_letters: DeadLetters | None,
        settings: Settings,
        *,
        state: object = None,
        stop: threading.Event | None = None,
        clock: Clock | None = None,
        today: Callable[[], float] = time.time,
    ) -> None:
        self._catalog = catalog
        self._dead_letters = dead_letters
        # Raised quotas are quotas of posts.
        self._rate_limiter = RateLimiter(min(settings.rate, DEFAULT_RATE))
        self._stop = stop
        self._clock = clock or Clock()
        self._now = today()
        self._memory = Memory.from_dict(state, catalog.domain_id) or Memory.first(catalog.domain_id, self._now)
        self._before = state or self._memory.to_dict()
        self._look: Look | None = None
        self._handled: set[str] = set()
        self._report = ReconciliationReport()

    def run(self, max_seconds: float = math.inf) -> None:
        """Look once, and write what has failed to the dead letters.

        However it ends, :attr:`state` and :attr:`report` tell how far it came.

        :param max_seconds: the deadline, from now.
        :raises CatalogError: when DataZone does not answer, or no request can succeed until somebody changes something.
        :raises QueueError: when SQS does not take the dead letters.
        """
        started = self._clock.now()
        deadline = Deadline(max_seconds, self._stop, self._clock)
        catalog = PacedCatalog(
            self._catalog, self._rate_limiter, now=self._clock.now, pause=deadline.pause, is_over=deadline.passed
        )
        try:
            self._look = look = look_for_failed_events(catalog, self._memory, self._now)
            self._report = replace(
                self._report,
                left=len(look.found),
                already_known=len(self._memory.known),
                looked_from=_iso(self._memory.floor),
                looked_until=_iso(self._now),
            )
            self._handle(look, catalog, deadline)
        finally:
            self._report = replace(
                self._report,
                requests=catalog.requests,
                throttled=catalog.throttled,
                seconds=round(self._clock.now() - started, 3),
            )

    @property
    def report(self) -> ReconciliationReport:
        """What was found and done so far."""
        return self._report

    @property
    def state(self) -> object:
        """What the next look has to be given: a small JSON value. A look that failed leaves it as it was."""
        return self._look.after(self._handled).to_dict() if self._look else self._before

    def _handle(self, look: Look, catalog: PacedCatalog, deadline: Deadline) -> None:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for start in range(0, len(look.due), _AT_ONCE):
                batch = look.due[start : start + _AT_ONCE]
                if deadline.passed():
                    return
                if self._dead_letters is None:
                    self._note(batch, dead_lettered=0, gone=0)
                    continue
                try:
                    letters = list(pool.map(lambda event: _read(catalog, event), batch))
                except UnavailableError as error:
                    # What has been found is not lost: the next look finds it again.
                    log.warning("The other failed events have to wait: %s", error)
                    return
                found = [letter for letter in letters if letter]
                self._write(self._dead_letters, found)
                self._note(batch, dead_lettered=len(found), gone=len(batch) - len(found))

    def _write(self, dead_letters: DeadLetters, letters: Sequence[DeadLetter]) -> None:
        refused = dead_letters.write(letters)
        if refused:
            raise QueueError(f"SQS refused {len(refused)} of {len(letters)} dead letters; the next look writes them")

    def _note(self, batch: Sequence[FailedEvent], *, dead_lettered: int, gone: int) -> None:
        self._handled.update(event.id for event in batch)
        self._report = replace(
            self._report,
            failed=self._report.failed + len(batch),
            dead_lettered=self._report.dead_lettered + dead_lettered,
            gone=self._report.gone + gone,
            left=self._report.left - len(batch),
        )


def _read(catalog: Catalog, event: FailedEvent) -> DeadLetter | None:
    """Fetch an event's body and say why it is dead; None when DataZone does not have it any more."""
    try:
        found = catalog.get_event(event.id)
    except StopError as error:
        if error.code != "ResourceNotFoundException":
            raise
        log.warning("DataZone listed the failed event %s and does not have it any more", event.id)
        return None
    body = found["event"].decode("utf-8", errors="replace")
    text, encoding = sqs_text.encode(body)
    message = Message(
        id="",
        receipt_handle="",
        text=text,
        encoding=encoding,
        group=_group(body),
        sent_at=int(event.created * 1000),
        receive_count=0,
    )
    detail = f"DataZone accepted the event at {_iso(event.created)} and could not process it; it does not say why"
    return DeadLetter(message, REASON, detail, event_id=event.id)


def _group(body: str) -> str | None:
    try:
        data = json.loads(body)
    except (RecursionError, ValueError):
        return None
    return message_group(data) if isinstance(data, dict) else None


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, timezone.utc).isoformat(timespec="seconds")
