"""Account for a pipeline's lineage: what its tasks must have sent against what the catalog holds."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from airflow_provider_dzlineage.lineage.identifiers import dataset_identifier

Expected = Counter[tuple[str, str]]

_END_OF_STATE = {"success": "COMPLETE", "failed": "FAIL"}


def expected_events(
    dag_id: str, runs: Iterable[Mapping[str, Any]], task_instances: Iterable[Mapping[str, Any]]
) -> Expected:
    """Derive from what Airflow says it ran which events its OpenLineage listener must have sent.

    :param runs: of the DAG, each with its ``state``.
    :param task_instances: of these runs, each with ``task_id`` and ``state``; a mapped task is several.
    :return: how often each (job name, event type) must be there: a START and an end for each that ran.
    """
    ended = [(dag_id, run["state"]) for run in runs]
    ended += [(f"{dag_id}.{instance['task_id']}", instance["state"]) for instance in task_instances]
    expected: Expected = Counter()
    for job, state in ended:
        if state in _END_OF_STATE:
            expected[job, "START"] += 1
            expected[job, _END_OF_STATE[state]] += 1
    return expected


def posted_events(summaries: Iterable[Mapping[str, Any]]) -> Expected:
    """Count what the catalog holds.

    :param summaries: items of ListLineageEvents.
    :return: how often each (job name, event type) is there.
    """
    runs = (summary["eventSummary"]["openLineageRunEventSummary"] for summary in summaries)
    return Counter((run["job"]["name"], run["eventType"]) for run in runs)


def column_sources(node: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return from which columns each column of a table is made.

    :param node: answer of GetLineageNode.
    :return: by column, ``<sourceIdentifier of the table>.<column>`` of each source.
    """
    forms = {form["formName"]: form["content"] for form in node["formsOutput"]}
    fields = json.loads(forms.get("ColumnLineage", "{}")).get("fields", {})
    return {
        column: tuple(f"{dataset_identifier(source, {})}.{source['field']}" for source in field["inputFields"])
        for column, field in fields.items()
    }
