"""Make one event of several events of one run, so that the graph that results is the same.

An event has one time, and so has a merged one: what an older event says is then said at the newest time. It has to be
the newest that was said of its thing, and nothing said in between may be missing: merge what follows each other.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import reduce
from typing import Any, NamedTuple, TypeAlias

from dateutil.parser import isoparse

from airflow_provider_dzlineage.lineage.datasets import Dataset, dataset_of

# Job namespace, job name, run id: what events must share to be merged.
RunKey: TypeAlias = tuple[str, str, str]

_TERMINAL = ("COMPLETE", "FAIL", "ABORT")
_SIDES = ("inputs", "outputs")
_FACETS = ("facets", "inputFacets", "outputFacets")
# What a dataset is made of.
_LINEAGE = {"columnLineage", "lineage"}


class Dated(NamedTuple):
    """Something that an event says, with the event's time in seconds since the epoch."""

    moment: float
    value: Mapping[str, Any]


def run_of(event: Mapping[str, Any]) -> RunKey:
    """Return what events must share to be merged: job namespace, job name, run id."""
    return event["job"]["namespace"], event["job"]["name"], event["run"]["runId"]


def merge(events: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Merge run events of one run, in any order.

    The newest time wins, and so does a terminal state; datasets are united by identity and facets by name, of which the
    newest wins. Of what was said at one moment the greater text wins, so that the order of the events never counts.

    :param events: parsed run events with the same :func:`run_of`, at least one; they stay as they are.
    :return: one run event; the only one when there is one.
    """
    if len(events) == 1:
        return events[0]
    dated = _newest_first(events)
    merged = dict(dated[0].value)
    for owner in ("run", "job"):
        merged[owner] = _united([Dated(moment, event[owner]) for moment, event in dated])
    if state := _state(dated):
        merged["eventType"] = state
    return merged | _united_sides(dated)


def unite_datasets(event: dict[str, Any]) -> dict[str, Any]:
    """Unite the datasets of one event that have one identity, as those that have been renamed to the same table.

    The one dataset is made of all that any of them was made of. Of other facets, which hold for a part of it only, the
    greatest text wins.
    """
    doubled = any(
        len({dataset_of(dataset) for dataset in event.get(side) or ()}) < len(event.get(side) or ()) for side in _SIDES
    )
    if not doubled:
        return event
    joined = {side: list(_with_joined_lineage(event[side])) for side in _SIDES if event.get(side)}
    return event | _united_sides([Dated(0.0, event | joined)])


def _with_joined_lineage(datasets: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Give the first dataset of each identity what the lineage facets of all of them say."""
    said: dict[Dataset, dict[str, list[Any]]] = {}
    for dataset in datasets:
        for name in _LINEAGE & (dataset.get("facets") or {}).keys():
            said.setdefault(dataset_of(dataset), {}).setdefault(name, []).append(dataset["facets"][name])
    for dataset in datasets:
        joined = {name: reduce(_joined, parts) for name, parts in said.pop(dataset_of(dataset), {}).items()}
        others = {name: facet for name, facet in (dataset.get("facets") or {}).items() if name not in _LINEAGE}
        yield {**dataset, "facets": others | joined} if "facets" in dataset or joined else dataset


def _joined(one: Any, other: Any) -> Any:
    """Join what two facets list; of single values the greater text wins."""
    if isinstance(one, dict) and isinstance(other, dict):
        return {**one, **other} | {key: _joined(one[key], other[key]) for key in one.keys() & other.keys()}
    if isinstance(one, list) and isinstance(other, list):
        return [*one, *(item for item in other if item not in one)]
    return max(one, other, key=_text)


def _newest_first(events: Sequence[Mapping[str, Any]]) -> list[Dated]:
    dated = [(-moment_of(event), event.get("eventType") or "", event) for event in events]
    alike = Counter((moment, state) for moment, state, _ in dated)
    # Only a text tells all events apart, and it is expensive to make.
    dated.sort(key=lambda each: (*each[:2], json.dumps(each[2]) if alike[each[:2]] > 1 else ""))
    return [Dated(-moment, event) for moment, _, event in dated]


def moment_of(event: Mapping[str, Any]) -> float:
    """Return the time of a valid event, seconds since the epoch."""
    text = event["eventTime"].upper().replace(" ", "T")
    try:
        # Much quicker; older Pythons do not know all forms.
        return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
    except ValueError:
        moment: datetime = isoparse(text)
        return moment.timestamp()


def _state(events: Iterable[Dated]) -> str | None:
    states = [
        (event["eventType"] in _TERMINAL, moment, event["eventType"])
        for moment, event in events
        if event.get("eventType")
    ]
    return max(states)[2] if states else None


def _united_sides(events: Sequence[Dated]) -> dict[str, list[dict[str, Any]]]:
    sides = {side: _by_identity(events, side) for side in _SIDES}
    for identity in {identity: None for datasets in sides.values() for identity in datasets}:
        said = [dated for datasets in sides.values() for dated in datasets.get(identity, ())]
        if len(said) > 1:
            # What is said in one kind of facets, or on one side, may be out of date by another.
            newest = _newest_facets(said)
            for datasets in sides.values():
                if identity in datasets:
                    datasets[identity] = [_current(dated, newest) for dated in datasets[identity]]
    return {side: [_united(same) for same in datasets.values()] for side, datasets in sides.items() if datasets}


def _by_identity(events: Sequence[Dated], side: str) -> dict[Dataset, list[Dated]]:
    found: dict[Dataset, list[Dated]] = {}
    for moment, event in events:
        for dataset in event.get(side) or ():
            found.setdefault(dataset_of(dataset), []).append(Dated(moment, dataset))
    return found


def _newest_facets(things: Iterable[Dated]) -> dict[str, float]:
    newest: dict[str, float] = {}
    for moment, thing in things:
        for kind in _FACETS:
            for name in thing.get(kind) or ():
                newest[name] = max(newest.get(name, moment), moment)
    return newest


def _current(dated: Dated, newest: Mapping[str, float]) -> Dated:
    """Leave out the facets of which something newer is said."""
    moment, thing = dated
    kinds = {
        kind: {name: facet for name, facet in thing[kind].items() if newest[name] <= moment}
        for kind in _FACETS
        if thing.get(kind)
    }
    return Dated(moment, {**thing, **kinds})


def _united(things: Sequence[Dated]) -> dict[str, Any]:
    """Unite what is said of one thing, the newest first."""
    united = dict(things[0].value)
    for kind in _FACETS:
        said: dict[str, Dated] = {}
        for moment, thing in things:
            for name, facet in (thing.get(kind) or {}).items():
                before = said.get(name)
                if before is None or (moment == before.moment and _text(facet) > _text(before.value)):
                    said[name] = Dated(moment, facet)
        if said:
            united[kind] = {name: dated.value for name, dated in said.items()}
    return united


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
