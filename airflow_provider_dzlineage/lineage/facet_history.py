"""The facets that each run has sent, so that none is merged over one that another run has sent in between."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence

from airflow_provider_dzlineage.lineage.event import FacetVersion, RunEvent, RunKey, event_timestamp, run_of

# Some 30 MiB; of a drain with more, the first versions are forgotten.
_MAX_VERSIONS = 100_000


class FacetHistory:
    """The versions of facets that a drain has seen. Safe to share between threads.

    :param max_versions: how many to remember.
    """

    def __init__(self, max_versions: int = _MAX_VERSIONS) -> None:
        self._max_versions = max_versions
        self._lock = threading.Lock()
        self._versions: dict[tuple[str, str, str, str], deque[tuple[RunKey, FacetVersion]]] = {}
        self._order: deque[tuple[str, str, str, str]] = deque()

    def note(self, event: RunEvent) -> None:
        """Remember the facets of an event."""
        run, versions = run_of(event.data), event.facet_versions
        with self._lock:
            for version in versions:
                self._versions.setdefault(version.facet, deque()).append((run, version))
                self._order.append(version.facet)
            while len(self._order) > self._max_versions:
                self._forget(self._order.popleft())

    def contradicts(self, events: Sequence[RunEvent]) -> bool:
        """Return whether a merged event would repeat a facet that another run has replaced since.

        An event has one time, so that a merged one gives the facets of an older event the time of the newest.

        :param events: of one run.
        """
        run = run_of(events[0].data)
        latest: dict[tuple[str, str, str, str], FacetVersion] = {}
        for event in events:
            for version in event.facet_versions:
                if version.time >= latest.setdefault(version.facet, version).time:
                    latest[version.facet] = version
        newest = max(event_timestamp(event.data) for event in events)
        with self._lock:
            return any(self._is_replaced(version, run, newest) for version in latest.values())

    def _is_replaced(self, own: FacetVersion, run: RunKey, newest: float) -> bool:
        return own.time < newest and any(
            other_run != run and own.time <= other.time <= newest and other.fingerprint != own.fingerprint
            for other_run, other in self._versions.get(own.facet, ())
        )

    def _forget(self, facet: tuple[str, str, str, str]) -> None:
        versions = self._versions[facet]
        versions.popleft()
        if not versions:
            del self._versions[facet]
