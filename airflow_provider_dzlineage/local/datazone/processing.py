"""The processing of an accepted event: the nodes, attributes and edges that it adds to the graph."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any

from airflow_provider_dzlineage.lineage.identifiers import dataset_identifier, job_identifier, run_identifier
from airflow_provider_dzlineage.local.datazone.store import Fact, GraphChange, Store

DATASET, JOB, JOB_RUN = (f"amazon.datazone.{kind}LineageNodeType" for kind in ("Dataset", "Job", "JobRun"))
STATE_KEY = "state"
_TERMINAL = ("COMPLETE", "FAIL", "ABORT")


def derive(event: Mapping[str, Any]) -> GraphChange:
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
    return GraphChange(nodes, frozenset(facts), frozenset(edges))


def _facets(node: str, thing: Mapping[str, Any], member: str) -> Iterator[Fact]:
    for key, facet in (thing.get(member) or {}).items():
        yield Fact(node, key, 0, json.dumps(facet, sort_keys=True))


logger = logging.getLogger(__name__)


def process_due(store: Store, now: float, limit: int = 50) -> bool:
    """Draw the events whose time has come into the graph, except those that are to fail.

    :param now: seconds since the epoch.
    :param limit: events at most, so that nobody waits for long.
    :return: whether there may be more.
    """
    rows = store.waiting(now, limit)
    for row in rows:
        if row["fails"]:
            store.mark_processed(row["sequence"], failed=True)
            continue
        try:
            _draw(store, row)
        except Exception:
            # One event must not keep all others from being processed.
            logger.exception("event %s cannot be drawn", row["id"])
            store.mark_processed(row["sequence"], failed=True)
    return len(rows) == limit


def _draw(store: Store, row: sqlite3.Row) -> None:
    change = derive(json.loads(row["body"]))
    with store.begin():
        store.apply(row["domain"], change, row["event_time"], row["due"])
        store.mark_processed(row["sequence"], failed=False)
