"""Find the events that DataZone accepted and then failed to process, each once.

DataZone lists events by status and by a timestamp of which the service model says only that it is "of a lineage
event": of the event itself, or of its acceptance. So a time bound is only ever used to keep a list short, and what is
new is decided here, by ``createdAt`` and id.

What makes that right, with a small checkpoint between two scans:

* An event may fail long after it was accepted. Up to :data:`SETTLED_SECONDS` after its acceptance it counts as not
  settled: each scan lists it again, and recognises by its id that it was handled.
* Every failed event that was accepted before the *watermark* has been handled. A scan lists what has a timestamp since
  then, and what is older, the newest first, since that may have been sent late. When there is much that is older,
  most scans list only some of it, and do not advance the watermark.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from itertools import islice
from typing import Any

from airflow_provider_dzlineage.catalog.client import Catalog

log = logging.getLogger(__name__)

# Processing takes minutes. Six hours bear a bad day of DataZone's and the clock of this machine, which AWS's signatures
# keep within five minutes of AWS's own.
SETTLED_SECONDS = 6 * 3600.0
# How often a full scan is worth any number of pages.
FULL_SCAN_SECONDS = 3600.0
# A checkpoint holds so many ids, 17 bytes each. Events that fail beyond that are handled once they are settled.
MAX_HANDLED_IDS = 1_000
# Without a checkpoint: long enough for the failures of a night, short enough to leave out history.
FIRST_SCAN_SECONDS = 24 * 3600.0
# Events older than the watermark that a scan lists, at most: 10 pages; and when a full scan is due: 200, ten seconds of
# the quota.
FEW_OLD = 500
MAX_OLD = 10_000
# Whether the time bound of a list is inclusive, and how exact, is not documented.
_MARGIN_SECONDS = 1.0


@dataclass(frozen=True)
class FailedEvent:
    """One event that DataZone failed to process.

    :param id: DataZone's id of it.
    :param created: when DataZone accepted it, seconds since the epoch.
    """

    id: str
    created: float


@dataclass(frozen=True)
class Checkpoint:
    """Where the next scan of a domain goes on.

    :param domain_id: the domain.
    :param watermark: every failed event that was accepted before has been handled; seconds since the epoch.
    :param handled_ids: failed events that were accepted since, and have been handled.
    """

    domain_id: str
    watermark: float
    handled_ids: frozenset[str] = frozenset()

    @classmethod
    def first(cls, domain_id: str, now: float) -> Checkpoint:
        """Return the checkpoint of a first scan.

        :param now: seconds since the epoch.
        """
        return cls(domain_id, now - FIRST_SCAN_SECONDS)

    @classmethod
    def from_dict(cls, value: object, domain_id: str) -> Checkpoint | None:
        """Return the checkpoint that :meth:`to_dict` wrote; None for anything else, and for one of another domain."""
        match value:
            case {"domain_id": str(found), "floor": int() | float() as floor, "known": list(known)} if (
                found == domain_id
            ):
                return cls(domain_id, float(floor), frozenset(map(str, known)))
        return None

    def to_dict(self) -> dict[str, Any]:
        """Return the checkpoint as a JSON value, in the form that the XComs of every release have."""
        return {"domain_id": self.domain_id, "floor": self.watermark, "known": sorted(self.handled_ids)}


@dataclass(frozen=True)
class FailedEventScan:
    """The result of one scan of a domain.

    :param checkpoint: where the scan went on from.
    :param next_watermark: how far the watermark can advance when all new events are handled; seconds since the epoch.
    :param new: failed events that have not been handled, the oldest first.
    :param handled: acceptance times of the handled events that the next scan may list again, by id.
    """

    checkpoint: Checkpoint
    next_watermark: float
    new: Sequence[FailedEvent]
    handled: Mapping[str, float]

    @property
    def due(self) -> Sequence[FailedEvent]:
        """The events to handle now, the oldest first: all that are settled, others as far as a checkpoint has room."""
        settled = sum(event.created < self.next_watermark for event in self.new)
        room = MAX_HANDLED_IDS - sum(created >= self.next_watermark for created in self.handled.values())
        return self.new[: settled + max(0, room)]

    def checkpoint_after(self, handled_ids: Collection[str]) -> Checkpoint:
        """Return where the next scan goes on when some of the events have been handled.

        :param handled_ids: of events of :attr:`due`.
        """
        open_times = [event.created for event in self.new if event.id not in handled_ids]
        watermark = max(self.checkpoint.watermark, min([self.next_watermark, *open_times]))
        handled = {**self.handled, **{event.id: event.created for event in self.new if event.id in handled_ids}}
        unsettled = {event_id for event_id, created in handled.items() if created >= watermark}
        return Checkpoint(self.checkpoint.domain_id, watermark, frozenset(unsettled))


def scan_failed_events(catalog: Catalog, checkpoint: Checkpoint, now: float) -> FailedEventScan:
    """List the failed events of a domain.

    :param checkpoint: what the last scan left.
    :param now: seconds since the epoch.
    :raises CatalogError: when DataZone does not answer; then the next scan goes on from the same checkpoint.
    """
    watermark, handled_ids = checkpoint.watermark, checkpoint.handled_ids
    is_due = now - watermark >= SETTLED_SECONDS + FULL_SCAN_SECONDS or len(handled_ids) >= MAX_HANDLED_IDS
    max_old = MAX_OLD if is_due else FEW_OLD
    # What fails while this goes on comes at the end, and moves nothing from one page to another.
    recent = _list(catalog, timestampAfter=_utc(watermark - _MARGIN_SECONDS), sortOrder="ASCENDING")
    old = _list(catalog, max_old, timestampBefore=_utc(watermark), sortOrder="DESCENDING")
    is_cut = len(old) == max_old
    if is_due and is_cut:
        log.warning("There are more than %s old failed events; those beyond are not handled", f"{max_old:,}")
    listed = recent | old
    new = sorted(
        (
            FailedEvent(event_id, created)
            for event_id, created in listed.items()
            if created >= watermark and event_id not in handled_ids
        ),
        key=lambda event: event.created,
    )
    if is_due or not is_cut:
        handled = {event_id: listed[event_id] for event_id in handled_ids & listed.keys()}
        return FailedEventScan(checkpoint, max(watermark, now - SETTLED_SECONDS), new, handled)
    return FailedEventScan(checkpoint, watermark, new, dict.fromkeys(handled_ids, watermark))


def _list(catalog: Catalog, limit: int | None = None, **filters: Any) -> dict[str, float]:
    summaries = catalog.list_events(processingStatus="FAILED", **filters)
    return {summary["id"]: summary["createdAt"].timestamp() for summary in islice(summaries, limit)}


def _utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, timezone.utc)
