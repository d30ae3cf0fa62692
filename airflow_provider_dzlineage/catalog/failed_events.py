"""Find the events that DataZone accepted and then failed to process, each once.

DataZone lists events by status and by a timestamp of which the service model says only that it is "of a lineage
event": of the event itself, or of its acceptance. So a time bound is only ever used to keep a list short, and what is
new is decided here, by ``createdAt`` and id.

What makes that right, with little to remember between two looks:

* An event may fail long after it was accepted. Up to :data:`SETTLED_SECONDS` after its acceptance it counts as not
  settled, is looked for again, and is told from those of earlier looks by its id.
* Every failed event that was accepted before the *floor* has been handled. A look lists what has a timestamp since
  then, and what is older, the newest first, since that may have been sent late. When there is much that is older,
  most looks list only some of it, and do not let the floor rise.
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
# How often a full look is worth any number of pages.
FULL_LOOK_SECONDS = 3600.0
# So many ids are remembered: 17 bytes each. Events that fail beyond that are handled once they are settled.
MAX_KNOWN = 1_000
# Where nothing is remembered: long enough for the failures of a night, short enough not to tell old stories.
FIRST_LOOK_SECONDS = 24 * 3600.0
# What a look lists below the floor, at most: 10 pages; and when a full look is due: 200, ten seconds of the quota.
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
class Memory:
    """What has to be remembered between two looks at one domain.

    :param domain_id: the domain.
    :param floor: every failed event that was accepted before has been handled; seconds since the epoch.
    :param known: ids of those that have been handled and were accepted since.
    """

    domain_id: str
    floor: float
    known: frozenset[str] = frozenset()

    @classmethod
    def first(cls, domain_id: str, now: float) -> Memory:
        """Return where to begin.

        :param now: seconds since the epoch.
        """
        return cls(domain_id, now - FIRST_LOOK_SECONDS)

    @classmethod
    def from_dict(cls, value: object, domain_id: str) -> Memory | None:
        """Read what :meth:`to_dict` returned; None when it is something else, or of another domain."""
        match value:
            case {"domain_id": str(found), "floor": int() | float() as floor, "known": list(known)} if (
                found == domain_id
            ):
                return cls(domain_id, float(floor), frozenset(map(str, known)))
        return None

    def to_dict(self) -> dict[str, Any]:
        """Return it as a JSON value."""
        return {"domain_id": self.domain_id, "floor": self.floor, "known": sorted(self.known)}


@dataclass(frozen=True)
class Look:
    """One look at the failed events of a domain.

    :param memory: what was known before.
    :param ceiling: how far the floor can rise, when all that is found is handled; seconds since the epoch.
    :param found: failed events that are not known yet, the oldest first.
    :param met: known ids that were listed again, with ``created``; for a look that is not full, all known ids.
    """

    memory: Memory
    ceiling: float
    found: Sequence[FailedEvent]
    met: Mapping[str, float]

    @property
    def due(self) -> Sequence[FailedEvent]:
        """The events to handle now, the oldest first: all that are settled, and others as far as memory goes."""
        settled = sum(event.created < self.ceiling for event in self.found)
        room = MAX_KNOWN - sum(created >= self.ceiling for created in self.met.values())
        return self.found[: settled + max(0, room)]

    def after(self, handled: Collection[str]) -> Memory:
        """Return what has to be remembered when some of the events have been handled.

        :param handled: ids of events of :attr:`due`.
        """
        open_since = min((event.created for event in self.found if event.id not in handled), default=self.ceiling)
        floor = max(self.memory.floor, min(self.ceiling, open_since))
        created = {event.id: event.created for event in self.found if event.id in handled}
        known = {event_id for event_id, moment in {**self.met, **created}.items() if moment >= floor}
        return Memory(self.memory.domain_id, floor, frozenset(known))


def look_for_failed_events(catalog: Catalog, memory: Memory, now: float) -> Look:
    """List the failed events of a domain.

    :param memory: what the last look returned.
    :param now: seconds since the epoch.
    :raises CatalogError: when DataZone does not answer; then nothing is known that was not known before.
    """
    floor = memory.floor
    is_due = now - floor >= SETTLED_SECONDS + FULL_LOOK_SECONDS or len(memory.known) >= MAX_KNOWN
    at_most = MAX_OLD if is_due else FEW_OLD
    # What fails while this goes on comes at the end, and moves nothing from one page to another.
    recent = _list(catalog, timestampAfter=_moment(floor - _MARGIN_SECONDS), sortOrder="ASCENDING")
    old = _list(catalog, at_most, timestampBefore=_moment(floor), sortOrder="DESCENDING")
    is_cut = len(old) == at_most
    if is_due and is_cut:
        log.warning("There are more than %s old failed events; those beyond are not looked at", f"{at_most:,}")
    listed = recent | old
    new = [FailedEvent(event_id, created) for event_id, created in listed.items() if created >= floor]
    found = sorted((event for event in new if event.id not in memory.known), key=lambda event: event.created)
    if is_due or not is_cut:
        met = {event_id: listed[event_id] for event_id in memory.known & listed.keys()}
        return Look(memory, max(floor, now - SETTLED_SECONDS), found, met)
    return Look(memory, floor, found, dict.fromkeys(memory.known, floor))


def _list(catalog: Catalog, at_most: int | None = None, **filters: Any) -> dict[str, float]:
    summaries = catalog.list_events(processingStatus="FAILED", **filters)
    return {summary["id"]: summary["createdAt"].timestamp() for summary in islice(summaries, at_most)}


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, timezone.utc)
