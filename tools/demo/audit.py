"""The audit of a pipeline's lineage: the events that its tasks must have sent, against those in the catalog."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from airflow_provider_dzlineage.catalog.graph import Graph
from airflow_provider_dzlineage.lineage.identifiers import dataset_identifier

EventCounts = Counter[tuple[str, str]]

_END_OF_STATE = {"success": "COMPLETE", "failed": "FAIL"}


@dataclass(frozen=True)
class LineageAudit:
    """A pipeline's lineage in the catalog, and its faults.

    :param expected: number of events that the pipeline's tasks and its run must have sent.
    :param problems: events, edges and columns that are missing or too many, one line each; empty when all is well.
    :param report: the drains' reports, summed.
    :param reasons: why messages were not simply posted, summed.
    :param graph: around the final table; None when it is not there.
    :param columns: of the final table, and from which others each is made.
    """

    expected: int
    problems: tuple[str, ...]
    report: Mapping[str, int]
    reasons: Mapping[str, int]
    graph: Graph | None
    columns: Mapping[str, Sequence[str]]


def expected_events(
    dag_id: str, runs: Iterable[Mapping[str, Any]], task_instances: Iterable[Mapping[str, Any]]
) -> EventCounts:
    """Return the events that Airflow's OpenLineage listener must have sent for what Airflow ran.

    :param runs: of the DAG, each with its ``state``.
    :param task_instances: of these runs, each with ``task_id`` and ``state``; a mapped task is several.
    :return: how often each (job name, event type) must be there: a START and an end for each that ran.
    """
    ended = [(dag_id, run["state"]) for run in runs]
    ended += [(f"{dag_id}.{instance['task_id']}", instance["state"]) for instance in task_instances]
    expected: EventCounts = Counter()
    for job, state in ended:
        if state in _END_OF_STATE:
            expected[job, "START"] += 1
            expected[job, _END_OF_STATE[state]] += 1
    return expected


def posted_events(summaries: Iterable[Mapping[str, Any]]) -> EventCounts:
    """Count the events in the catalog.

    :param summaries: items of ListLineageEvents.
    :return: how often each (job name, event type) is there.
    """
    runs = (summary["eventSummary"]["openLineageRunEventSummary"] for summary in summaries)
    return Counter((run["job"]["name"], run["eventType"]) for run in runs)


def column_sources(node: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return the source columns of each column of a table.

    :param node: answer of GetLineageNode.
    :return: by column, ``<sourceIdentifier of the table>.<column>`` of each source.
    """
    forms = {form["formName"]: form["content"] for form in node["formsOutput"]}
    fields = json.loads(forms.get("ColumnLineage", "{}")).get("fields", {})
    return {
        column: tuple(f"{dataset_identifier(source, {})}.{source['field']}" for source in field["inputFields"])
        for column, field in fields.items()
    }
