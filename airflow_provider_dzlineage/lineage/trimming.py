"""Trim an event until DataZone takes it, cheapest losses first, and note in the event what was lost.

Inputs, outputs, job, run, parent and symlinks are never lost. Which facets DataZone draws: the guide "Data lineage" of
Amazon SageMaker Unified Studio names schema, column lineage, SQL, source code and the times and state of the run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from airflow_provider_dzlineage import __version__
from airflow_provider_dzlineage.errors import InvalidEventError
from airflow_provider_dzlineage.lineage.datasets import DATASET_FACETS
from airflow_provider_dzlineage.lineage.event import MAX_EVENT_BYTES, RunEvent, json_bytes, json_copy
from airflow_provider_dzlineage.lineage.identifiers import runs_on_glue

# The run facet with the note; users' programs read it by this name.
TRIM_FACET = "dzlineage_fit"
_PRODUCER = f"urn:airflow-provider-dzlineage:{__version__}"
# The $id of schemas/DzLineageFitRunFacet.json.
_SCHEMA = "urn:airflow-provider-dzlineage:facets:1-0-0:DzLineageFitRunFacet"
# Kinds of losses that are named one by one; the rest is summed up.
_NAMED_LOSSES = 20
_NAME_CHARACTERS = 100
# The size of the note itself, at most.
_NOTE_BYTES = 4_000
_BIGGEST_PARTS = 3

# Known to be huge, and drawn by nothing.
_HUGE = {
    *("spark.logicalPlan", "spark_unknown", "spark_properties", "spark_jobDetails", "spark_applicationDetails"),
    *("debug", "airflow", "airflowDagRun", "unknownSourceAttribute", "environmentVariables", "environment-properties"),
}
_KNOWN = {
    *("nominalTime", "errorMessage", "processing_engine", "externalQuery", "extractionError", "tags", "test"),
    *("jobType", "ownership", "documentation", "sourceCodeLocation", "sourceCode", "sql", "lineage", "jobDependencies"),
    *("schema", "dataSource", "columnLineage", "lifecycleStateChange", "version", "storage", "datasetType", "catalog"),
    *("hierarchy", "dataQualityMetrics", "dataQualityAssertions", "outputStatistics", "inputStatistics"),
}
_NEVER_LOST = {"parent", "symlinks"}
_TEXTS = (
    *(("sql", "query"), ("sourceCode", "sourceCode"), ("documentation", "description")),
    *(("errorMessage", "stackTrace"), ("errorMessage", "message")),
)
_DRAWN = {"columnLineage", "lineage", "schema", "nominalTime", "sourceCodeLocation", *(name for name, _ in _TEXTS)}
_KEPT_CHARACTERS = 2_000
# A facet that is smaller makes no room for columns.
_BIG_BYTES = 10_000


@dataclass(frozen=True)
class _Cut:
    """One thing that can be taken out of an event; ``apply`` does it and returns the bytes that are saved."""

    what: str
    size: int
    apply: Callable[[], int]


def trimmed(event: RunEvent) -> RunEvent:
    """Return the same event if DataZone takes its body, else one that is trimmed to what it takes; see :func:`trim`.

    :raises InvalidEventError: with reason ``too_large``, the size and the biggest parts.
    """
    return event if len(event.body) <= MAX_EVENT_BYTES else RunEvent.of(trim(event.data))


def trim(event: dict[str, Any], limit: int = MAX_EVENT_BYTES) -> dict[str, Any]:
    """Take things out of an event until its compact JSON has at most ``limit`` bytes, and note them in a run facet.

    :return: the event itself when it is small enough, else a smaller copy.
    :raises InvalidEventError: with reason ``too_large``, the size and the biggest parts.
    """
    size = len(json_bytes(event))
    if size <= limit:
        return event
    smaller = json_copy(event)
    lost: dict[str, Counter[str]] = {}
    for step in _STEPS:
        excess = len(json_bytes(smaller)) + _NOTE_BYTES - limit
        for cut in sorted(step(smaller), key=lambda cut: cut.size, reverse=True):
            if excess <= 0:
                break
            saved = cut.apply()
            excess -= saved
            lost.setdefault(cut.what, Counter()).update(count=1, bytes=saved)
        with_note = _with_note(smaller, size, lost)
        if len(json_bytes(with_note)) <= limit:
            return with_note
    raise InvalidEventError(
        "too_large", f"{size:,} bytes, DataZone takes {limit:,}; the biggest parts: {_biggest_parts(event)}"
    )


def _with_note(event: dict[str, Any], size: int, lost: Mapping[str, Counter[str]]) -> dict[str, Any]:
    largest = sorted(lost.items(), key=lambda item: item[1]["bytes"], reverse=True)
    named = [{"what": what[:_NAME_CHARACTERS], **counts} for what, counts in largest[:_NAMED_LOSSES]]
    others: Counter[str] = sum((counts for _, counts in largest[_NAMED_LOSSES:]), Counter())
    note = {
        "_producer": _PRODUCER,
        "_schemaURL": _SCHEMA,
        "originalBytes": size,
        "lost": [*named, {"what": "others", **others}] if others else named,
    }
    run = event["run"]
    return {**event, "run": {**run, "facets": {**(run.get("facets") or {}), TRIM_FACET: note}}}


def _biggest_parts(event: Mapping[str, Any]) -> str:
    parts = {f"/{name}": part for name, part in event.items() if name not in ("run", "job")}
    for owner in ("run", "job"):
        parts |= {f"/{owner}/{name}": part for name, part in event[owner].items() if name != "facets"}
        parts |= {f"/{owner}/facets/{name}": facet for name, facet in (event[owner].get("facets") or {}).items()}
    sizes = sorted(((len(json_bytes(part)), path) for path, part in parts.items()), reverse=True)
    return ", ".join(f"{path[:_NAME_CHARACTERS]} {size:,}" for size, path in sizes[:_BIGGEST_PARTS])


def _facets(event: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every holder of facets, each after its owner's kind."""
    for owner in ("run", "job"):
        if isinstance(facets := event[owner].get("facets"), dict):
            yield owner, facets
    for side, owner in (("inputs", "input"), ("outputs", "output")):
        for dataset in event.get(side) or ():
            for kind in DATASET_FACETS:
                if isinstance(facets := dataset.get(kind), dict):
                    yield owner, facets


def _facets_that(may_go: Callable[[str], bool], min_bytes: int = 0) -> Callable[[Mapping[str, Any]], Iterator[_Cut]]:
    def cuts(event: Mapping[str, Any]) -> Iterator[_Cut]:
        protected = _NEVER_LOST | ({"environment-properties"} if runs_on_glue(event["run"]) else set())
        for owner, facets in _facets(event):
            for name in list(facets):
                if name not in protected and may_go(name):
                    cut = _removal(f"{owner} facet {name}", [(facets, name)])
                    if cut.size >= min_bytes:
                        yield cut

    return cuts


def _long_texts(event: Mapping[str, Any]) -> Iterator[_Cut]:
    for owner, facets in _facets(event):
        for name, key in _TEXTS:
            facet = facets.get(name)
            text = facet.get(key) if isinstance(facet, dict) else None
            if isinstance(facet, dict) and isinstance(text, str) and len(text) > _KEPT_CHARACTERS:
                yield _shortening(f"end of {owner} facet {name}", facet, key)


def _shortening(what: str, facet: dict[str, Any], key: str) -> _Cut:
    text = facet[key]
    before = len(json_bytes(text))

    def shorten() -> int:
        facet[key] = f"{text[:_KEPT_CHARACTERS]} … [{len(text) - _KEPT_CHARACTERS:,} more characters left out]"
        return before - len(json_bytes(facet[key]))

    return _Cut(what, before, shorten)


def _column_details(event: Mapping[str, Any]) -> Iterator[_Cut]:
    for owner, facets in _facets(event):
        for name, members in (("columnLineage", _members_of_column_lineage), ("schema", _members_of_schema)):
            details = list(members(facets.get(name)))
            if details:
                yield _removal(f"column details of {owner} facet {name}", details)


def _members_of_column_lineage(facet: Any) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield how columns are made, not of what: every member with its holder."""
    columns = facet.get("fields") if isinstance(facet, dict) else None
    for column in columns.values() if isinstance(columns, dict) else ():
        inputs = column.get("inputFields") if isinstance(column, dict) else None
        yield from _present([column], ("transformationDescription", "transformationType"))
        yield from _present(inputs, ("transformations",))


def _members_of_schema(facet: Any) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield the descriptions of columns, of nested ones too."""
    levels = [facet]
    while levels:
        columns = levels.pop()
        columns = columns.get("fields") if isinstance(columns, dict) else None
        if isinstance(columns, list):
            yield from _present(columns, ("description",))
            levels += columns


def _present(holders: Any, names: tuple[str, ...]) -> Iterator[tuple[dict[str, Any], str]]:
    for holder in holders if isinstance(holders, list) else ():
        if isinstance(holder, dict):
            yield from ((holder, name) for name in names if name in holder)


def _removal(what: str, members: list[tuple[dict[str, Any], str]]) -> _Cut:
    size = sum(len(json_bytes({name: holder[name]})) - 1 for holder, name in members)

    def remove() -> int:
        for holder, name in members:
            # A transform may have used one object twice.
            holder.pop(name, None)
        return size

    return _Cut(what, size, remove)


# Each yields what can be taken out next; what a step leaves is taken out only if the following ones do not suffice.
_STEPS: tuple[Callable[[Mapping[str, Any]], Iterator[_Cut]], ...] = (
    _facets_that(_HUGE.__contains__),
    _facets_that(lambda name: name not in _KNOWN),
    _long_texts,
    _facets_that(lambda name: name not in _DRAWN, min_bytes=_BIG_BYTES),
    _column_details,
    _facets_that({"columnLineage", "lineage"}.__contains__),
    _facets_that({"schema"}.__contains__),
    _facets_that(lambda _: True),
)
