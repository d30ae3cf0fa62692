"""Merges several events of one run into one, so that the graph that results is the same.

An event has one time, and so has a merged one: the facets of an older event get the newest time. They have to be the
newest that any event contains, and no event in between may be missing: merge what follows each other.
"""

from __future__ import annotations

import json
import threading
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from typing import Any, NamedTuple

from airflow_provider_dzlineage.lineage.datasets import DATASET_FACETS, SIDES, Dataset, dataset_of
from airflow_provider_dzlineage.lineage.event import FacetVersion, RunEvent, RunKey, event_timestamp, run_of

_TERMINAL = ("COMPLETE", "FAIL", "ABORT")
# The facets with the sources of a dataset.
_LINEAGE = {"columnLineage", "lineage"}
# Some 30 MiB; of a drain with more, the first versions are forgotten.
_MAX_VERSIONS = 100_000


class _Dated(NamedTuple):
    """An event or a part of one, with the event's time in seconds since the epoch."""

    time: float
    value: Mapping[str, Any]


def merge(events: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Merge run events of one run, in any order.

    The newest time wins, and so does a terminal state; datasets are united by identity and facets by name, of which the
    newest wins. Of two at the same time the greater text wins, so that the order of the events never counts.

    :param events: parsed run events of one run, at least one; they stay as they are.
    """
    if len(events) == 1:
        return events[0]
    dated = _newest_first(events)
    merged = dict(dated[0].value)
    for owner in ("run", "job"):
        merged[owner] = _united([_Dated(time, event[owner]) for time, event in dated])
    if state := _state(dated):
        merged["eventType"] = state
    return merged | _united_sides(dated)


def unite_datasets(event: dict[str, Any]) -> dict[str, Any]:
    """Unite the datasets of one event that have one identity, as those that have been renamed to the same table.

    The one dataset is made of all that any of them was made of. Of other facets, which hold for a part of it only, the
    greatest text wins.

    :return: the same object when all identities differ.
    """
    for side in SIDES:
        datasets = event.get(side) or ()
        if len({dataset_of(dataset) for dataset in datasets}) < len(datasets):
            break
    else:
        return event
    joined = {side: list(_with_joined_lineage(event[side])) for side in SIDES if event.get(side)}
    return event | _united_sides([_Dated(0.0, event | joined)])


def _with_joined_lineage(datasets: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Give the first dataset of each identity the lineage facets of all of them, joined."""
    parts: dict[Dataset, dict[str, list[Any]]] = {}
    for dataset in datasets:
        for name in _LINEAGE & (dataset.get("facets") or {}).keys():
            parts.setdefault(dataset_of(dataset), {}).setdefault(name, []).append(dataset["facets"][name])
    for dataset in datasets:
        joined = {name: reduce(_joined, facets) for name, facets in parts.pop(dataset_of(dataset), {}).items()}
        others = {name: facet for name, facet in (dataset.get("facets") or {}).items() if name not in _LINEAGE}
        yield {**dataset, "facets": others | joined} if "facets" in dataset or joined else dataset


def _joined(one: Any, other: Any) -> Any:
    """Join what two facets list; of single values the greater text wins."""
    if isinstance(one, dict) and isinstance(other, dict):
        return {**one, **other} | {key: _joined(one[key], other[key]) for key in one.keys() & other.keys()}
    if isinstance(one, list) and isinstance(other, list):
        return [*one, *(item for item in other if item not in one)]
    return max(one, other, key=_text)


def _newest_first(events: Sequence[Mapping[str, Any]]) -> list[_Dated]:
    dated = [(-event_timestamp(event), event.get("eventType") or "", event) for event in events]
    alike = Counter((time, state) for time, state, _ in dated)
    # Only the text distinguishes all events, and it is expensive to make.
    dated.sort(key=lambda each: (*each[:2], json.dumps(each[2]) if alike[each[:2]] > 1 else ""))
    return [_Dated(-time, event) for time, _, event in dated]


def _state(events: Iterable[_Dated]) -> str | None:
    states = [
        (event["eventType"] in _TERMINAL, time, event["eventType"]) for time, event in events if event.get("eventType")
    ]
    return max(states)[2] if states else None


def _united_sides(events: Sequence[_Dated]) -> dict[str, list[dict[str, Any]]]:
    sides = {side: _by_identity(events, side) for side in SIDES}
    for identity in {identity: None for datasets in sides.values() for identity in datasets}:
        versions = [dated for datasets in sides.values() for dated in datasets.get(identity, ())]
        if len(versions) > 1:
            # A facet of one kind, or on one side, may be outdated by one of another kind or on the other side.
            newest = _newest_facets(versions)
            for datasets in sides.values():
                if identity in datasets:
                    datasets[identity] = [_without_outdated(dated, newest) for dated in datasets[identity]]
    return {side: [_united(same) for same in datasets.values()] for side, datasets in sides.items() if datasets}


def _by_identity(events: Sequence[_Dated], side: str) -> dict[Dataset, list[_Dated]]:
    found: dict[Dataset, list[_Dated]] = {}
    for time, event in events:
        for dataset in event.get(side) or ():
            found.setdefault(dataset_of(dataset), []).append(_Dated(time, dataset))
    return found


def _newest_facets(versions: Iterable[_Dated]) -> dict[str, float]:
    newest: dict[str, float] = {}
    for time, owner in versions:
        for kind in DATASET_FACETS:
            for name in owner.get(kind) or ():
                newest[name] = max(newest.get(name, time), time)
    return newest


def _without_outdated(dated: _Dated, newest: Mapping[str, float]) -> _Dated:
    time, owner = dated
    kinds = {
        kind: {name: facet for name, facet in owner[kind].items() if newest[name] <= time}
        for kind in DATASET_FACETS
        if owner.get(kind)
    }
    return _Dated(time, {**owner, **kinds})


def _united(versions: Sequence[_Dated]) -> dict[str, Any]:
    """Unite the versions of a run, a job or a dataset, the newest first."""
    united = dict(versions[0].value)
    for kind in DATASET_FACETS:
        facets: dict[str, _Dated] = {}
        for time, owner in versions:
            for name, facet in (owner.get(kind) or {}).items():
                before = facets.get(name)
                if before is None or (time == before.time and _text(facet) > _text(before.value)):
                    facets[name] = _Dated(time, facet)
        if facets:
            united[kind] = {name: dated.value for name, dated in facets.items()}
    return united


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


class FacetHistory:
    """The facets that each run has sent, so that none is merged over one that another run has sent in between.

    Safe to share between threads.
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
