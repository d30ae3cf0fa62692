"""Accepted is not processed: find the events that DataZone failed to process, and dead-letter them."""

from __future__ import annotations

import json
import logging
import math
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timezone
from functools import partial
from typing import Any

from airflow_provider_dzlineage.aws.deadline import Clock, Deadline
from airflow_provider_dzlineage.buffer.codec import encode_body
from airflow_provider_dzlineage.buffer.dead_letter_queue import DeadLetter, DeadLetterQueue
from airflow_provider_dzlineage.buffer.message import Message
from airflow_provider_dzlineage.catalog.client import Catalog, RateLimitedCatalog
from airflow_provider_dzlineage.catalog.failed_events import (
    Checkpoint,
    FailedEvent,
    FailedEventScan,
    scan_failed_events,
)
from airflow_provider_dzlineage.catalog.rate_limiter import RateLimiter
from airflow_provider_dzlineage.errors import NotFoundError, QueueError, UnavailableError
from airflow_provider_dzlineage.lineage.raw_event import message_group
from airflow_provider_dzlineage.settings.site import DEFAULT_RATE, Settings

log = logging.getLogger(__name__)

REASON = "processing_failed"
# One batch of SQS. So many requests at once reach the default rate where each takes half a second.
_BATCH_SIZE = 10


@dataclass(frozen=True)
class ReconciliationReport:
    """The result of one scan for failed events of a domain.

    :param failed: events that DataZone failed to process, each counted by one scan only.
    :param dead_lettered: those of them that were written to the dead-letter queue.
    :param gone: those of them that DataZone listed and then did not have any more.
    :param left: further ones, which the next scan will count.
    :param already_known: failed events that an earlier scan has handled, and that the checkpoint still holds.
    :param looked_from: events that DataZone accepted since then were scanned, ISO 8601; empty without a scan.
    :param looked_until: when they were scanned, ISO 8601.
    :param requests: requests sent to DataZone, retries included.
    :param throttled: requests that DataZone throttled.
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
            f"gone {self.gone}; left for the next scan {self.left}; already known {self.already_known}; accepted since "
            f"{self.looked_from or '-'}; {self.requests} requests, {self.throttled} throttled, {self.seconds:.1f} s"
        )


class Reconciliation:
    """One scan for the failed events of a domain, each of which is written to the dead-letter queue.

    :param catalog: the domain; its client is used from several threads at once.
    :param dead_letters: where the failed events are written; None only counts them.
    :param settings: ``rate`` counts here.
    :param state: :attr:`state` of the last scan; None for the first one.
    :param stop: set it, from any thread or signal handler, to end early and in order.
    :param clock: tells the time and waits.
    :ivar report: what was found and done so far.
    """

    def __init__(
        self,
        catalog: Catalog,
        dead_letters: DeadLetterQueue | None,
        settings: Settings,
        *,
        state: object = None,
        stop: threading.Event | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._catalog = catalog
        self._dead_letters = dead_letters
        # Raised quotas are quotas of posts.
        self._rate_limiter = RateLimiter(min(settings.rate, DEFAULT_RATE))
        self._stop = stop
        self._clock = clock or Clock()
        self._now = time.time()
        self._checkpoint = Checkpoint.from_dict(state, catalog.domain_id) or Checkpoint.first(
            catalog.domain_id, self._now
        )
        self._previous_state = state or self._checkpoint.to_dict()
        self._scan: FailedEventScan | None = None
        self._handled_ids: set[str] = set()
        self.report = ReconciliationReport()

    @property
    def state(self) -> object:
        """Where the next scan goes on: a small JSON value. A scan that failed leaves it as it was."""
        return self._scan.checkpoint_after(self._handled_ids).to_dict() if self._scan else self._previous_state

    def run(self, max_seconds: float = math.inf) -> None:
        """Scan once, and write the failed events to the dead-letter queue.

        However it ends, :attr:`state` and :attr:`report` say how far it came.

        :param max_seconds: the deadline, from now.
        :raises CatalogError: when DataZone does not answer, or no request can succeed until somebody changes something.
        :raises QueueError: when SQS does not take the dead letters.
        """
        started = self._clock.now()
        deadline = Deadline(max_seconds, self._stop, self._clock)
        catalog = RateLimitedCatalog(self._catalog, self._rate_limiter, deadline)
        try:
            self._scan = scan = scan_failed_events(catalog, self._checkpoint, self._now)
            self.report = replace(
                self.report,
                left=len(scan.new),
                already_known=len(self._checkpoint.handled_ids),
                looked_from=_iso(self._checkpoint.watermark),
                looked_until=_iso(self._now),
            )
            self._handle(scan.due, catalog, deadline)
        finally:
            self.report = replace(
                self.report,
                requests=catalog.requests,
                throttled=catalog.throttled,
                seconds=round(self._clock.now() - started, 3),
            )

    def _handle(self, due: Sequence[FailedEvent], catalog: Catalog, deadline: Deadline) -> None:
        with ThreadPoolExecutor(_BATCH_SIZE) as pool:
            for start in range(0, len(due), _BATCH_SIZE):
                batch = due[start : start + _BATCH_SIZE]
                if deadline.passed():
                    return
                if self._dead_letters is None:
                    self._count(batch, dead_lettered=0, gone=0)
                    continue
                try:
                    fetched = list(pool.map(partial(_dead_letter, catalog), batch))
                except UnavailableError as error:
                    log.warning("The other failed events are left for the next scan: %s", error)
                    return
                dead_letters = [dead_letter for dead_letter in fetched if dead_letter]
                if refused := self._dead_letters.write(dead_letters):
                    message = f"SQS refused {len(refused)} of {len(dead_letters)} dead letters"
                    raise QueueError(f"{message}; the next scan writes them")
                self._count(batch, dead_lettered=len(dead_letters), gone=len(batch) - len(dead_letters))

    def _count(self, batch: Sequence[FailedEvent], *, dead_lettered: int, gone: int) -> None:
        self._handled_ids.update(event.id for event in batch)
        self.report = replace(
            self.report,
            failed=self.report.failed + len(batch),
            dead_lettered=self.report.dead_lettered + dead_lettered,
            gone=self.report.gone + gone,
            left=self.report.left - len(batch),
        )


def _dead_letter(catalog: Catalog, event: FailedEvent) -> DeadLetter | None:
    """Return a failed event with its body as a dead letter; None when DataZone does not have it any more."""
    try:
        body = catalog.get_event(event.id)["event"].decode("utf-8", errors="replace")
    except NotFoundError:
        log.warning("DataZone listed the failed event %s and does not have it any more", event.id)
        return None
    text, encoding = encode_body(body)
    sent_at, group = int(event.created * 1000), _message_group(body)
    message = Message(
        id="", receipt_handle="", text=text, encoding=encoding, group=group, sent_at=sent_at, receive_count=0
    )
    detail = f"DataZone accepted the event at {_iso(event.created)} and could not process it; it does not say why"
    return DeadLetter(message, REASON, detail, event_id=event.id)


def _message_group(body: str) -> str | None:
    try:
        event = json.loads(body)
    except (RecursionError, ValueError):
        return None
    return message_group(event) if isinstance(event, dict) else None


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="seconds")
