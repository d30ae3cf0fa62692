"""What an event may lose, cheapest first. Inputs, outputs, job, run, parent and symlinks are not among it.

Which facets DataZone draws: the guide "Data lineage" of Amazon SageMaker Unified Studio names schema, column lineage,
SQL, source code and the times and state of the run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from airflow_provider_dzlineage.lineage.event import json_bytes
from airflow_provider_dzlineage.lineage.identifiers import runs_on_glue

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
_NEVER = {"parent", "symlinks"}
_TEXTS = (
    *(("sql", "query"), ("sourceCode", "sourceCode"), ("documentation", "description")),
    *(("errorMessage", "stackTrace"), ("errorMessage", "message")),
)
_DRAWN = {"columnLineage", "lineage", "schema", "nominalTime", "sourceCodeLocation", *(name for name, _ in _TEXTS)}
_KEPT_CHARACTERS = 2_000
# A facet that is smaller makes no room for columns.
_BIG_BYTES = 10_000
_DATASET_FACETS = ("facets", "inputFacets", "outputFacets")

Event: TypeAlias = dict[str, Any]
Rung: TypeAlias = Callable[[Event], Iterator["Cut"]]


@dataclass(frozen=True)
class Cut:
    """One thing that can be taken out of an event.

    :param what: the kind of thing, for a person.
    :param size: bytes that it takes.
    :param do: takes it out and returns the bytes that are saved.
    """

    what: str
    size: int
    do: Callable[[], int]


def _facets(event: Event) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every holder of facets, with whose they are."""
    for owner in ("run", "job"):
        if isinstance(facets := event[owner].get("facets"), dict):
            yield owner, facets
    for side, owner in (("inputs", "input"), ("outputs", "output")):
        for dataset in event.get(side) or ():
            for kind in _DATASET_FACETS:
                if isinstance(facets := dataset.get(kind), dict):
                    yield owner, facets


def _removal(what: str, holder: dict[str, Any], key: str) -> Cut:
    return _removals(what, [(holder, key)])


def _facets_that(event: Event, may_go: Callable[[str], bool]) -> Iterator[Cut]:
    protected = _NEVER | ({"environment-properties"} if runs_on_glue(event["run"]) else set())
    for owner, facets in _facets(event):
        for name in list(facets):
            if name not in protected and may_go(name):
                yield _removal(f"{owner} facet {name}", facets, name)


def _huge_facets(event: Event) -> Iterator[Cut]:
    return _facets_that(event, _HUGE.__contains__)


def _unknown_facets(event: Event) -> Iterator[Cut]:
    return _facets_that(event, lambda name: name not in _KNOWN)


def _long_texts(event: Event) -> Iterator[Cut]:
    for owner, facets in _facets(event):
        for name, key in _TEXTS:
            facet = facets.get(name)
            if not isinstance(facet, dict):
                continue
            text = facet.get(key)
            if isinstance(text, str) and len(text) > _KEPT_CHARACTERS:
                yield _shortening(f"end of {owner} facet {name}", facet, key)


def _shortening(what: str, facet: dict[str, Any], key: str) -> Cut:
    text = facet[key]
    before = len(json_bytes(text))

    def shorten() -> int:
        facet[key] = f"{text[:_KEPT_CHARACTERS]} … [{len(text) - _KEPT_CHARACTERS:,} more characters left out]"
        return before - len(json_bytes(facet[key]))

    return Cut(what, before, shorten)


def _big_facets_that_are_not_drawn(event: Event) -> Iterator[Cut]:
    return (cut for cut in _facets_that(event, lambda name: name not in _DRAWN) if cut.size >= _BIG_BYTES)


def _column_details(event: Event) -> Iterator[Cut]:
    for owner, facets in _facets(event):
        for name, members in (("columnLineage", _members_of_column_lineage), ("schema", _members_of_schema)):
            details = list(members(facets.get(name)))
            if details:
                yield _removals(f"column details of {owner} facet {name}", details)


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


def _removals(what: str, members: list[tuple[dict[str, Any], str]]) -> Cut:
    size = sum(len(json_bytes({name: holder[name]})) - 1 for holder, name in members)

    def remove() -> int:
        for holder, name in members:
            # A transform may have used one object twice.
            holder.pop(name, None)
        return size

    return Cut(what, size, remove)


def _columns(event: Event) -> Iterator[Cut]:
    for owner, facets in _facets(event):
        for name in ("columnLineage", "lineage"):
            if name in facets:
                yield _removal(f"{owner} facet {name}", facets, name)


def _schemas(event: Event) -> Iterator[Cut]:
    for owner, facets in _facets(event):
        if "schema" in facets:
            yield _removal(f"{owner} facet schema", facets, "schema")


def _all_other_facets(event: Event) -> Iterator[Cut]:
    return _facets_that(event, lambda _: True)


LADDER: tuple[Rung, ...] = (
    _huge_facets,
    _unknown_facets,
    _long_texts,
    _big_facets_that_are_not_drawn,
    _column_details,
    _columns,
    _schemas,
    _all_other_facets,
)
