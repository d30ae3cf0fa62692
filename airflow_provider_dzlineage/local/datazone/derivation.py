"""What one run event says about the graph. Pure: the same event says the same, whatever came before."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from airflow_provider_dzlineage.lineage.identifiers import dataset_identifier, job_identifier, run_identifier

DATASET, JOB, JOB_RUN = (f"amazon.datazone.{kind}LineageNodeType" for kind in ("Dataset", "Job", "JobRun"))
STATE_KEY = "state"
_TERMINAL = ("COMPLETE", "FAIL", "ABORT")


@dataclass(frozen=True)
class Fact:
    """One attribute of a node.

    :param node: the node's source identifier.
    :param key: name of the attribute: a facet's name, or ``state`` of a run.
    :param rank: decides between facts of one key before their times do: the end of a run outranks what came late.
    :param value: JSON text.
    """

    node: str
    key: str
    rank: int
    value: str


@dataclass(frozen=True)
class Statement:
    """What one event says.

    :param nodes: source identifier to (type, name).
    :param edges: pairs of source identifiers; data flows from the first to the second.
    """

    nodes: Mapping[str, tuple[str, str]]
    facts: frozenset[Fact]
    edges: frozenset[tuple[str, str]]


def derive(event: Mapping[str, Any]) -> Statement:
    """Derive nodes, attributes and edges.

    Datasets are linked with jobs, and a job run with the datasets of that run.

    :param event: a valid OpenLineage run event.
    """
    job, run = event["job"], event["run"]
    job_node, run_node = job_identifier(job), run_identifier(job, run)
    # A list, not a mapping: several datasets of an event, such as the partitions of a table, can be one node.
    inputs = [(dataset_identifier(dataset, run), dataset) for dataset in event.get("inputs") or []]
    outputs = [(dataset_identifier(dataset, run), dataset) for dataset in event.get("outputs") or []]
    nodes = {job_node: (JOB, str(job["name"])), run_node: (JOB_RUN, str(run["runId"]))}
    facts = {*_facets(job_node, job, "facets"), *_facets(run_node, run, "facets")}
    event_type = event.get("eventType")
    if event_type:
        facts.add(Fact(run_node, STATE_KEY, int(event_type in _TERMINAL), json.dumps(event_type)))
    for identifier, dataset in (*inputs, *outputs):
        nodes[identifier] = (DATASET, str(dataset["name"]))
        for facets in ("facets", "inputFacets", "outputFacets"):
            facts.update(_facets(identifier, dataset, facets))
    edges = {(identifier, node) for identifier, _ in inputs for node in (job_node, run_node)}
    edges |= {(node, identifier) for identifier, _ in outputs for node in (job_node, run_node)}
    return Statement(nodes, frozenset(facts), frozenset(edges))


def _facets(node: str, thing: Mapping[str, Any], member: str) -> Iterator[Fact]:
    for key, facet in (thing.get(member) or {}).items():
        yield Fact(node, key, 0, json.dumps(facet, sort_keys=True))
