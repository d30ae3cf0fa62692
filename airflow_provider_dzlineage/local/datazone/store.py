"""The state of the emulator in SQLite: domains, events, and the lineage graph as it is at any moment."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from airflow_provider_dzlineage.errors import DzLineageError
from airflow_provider_dzlineage.lineage.identifiers import dataset_identifier, job_identifier, run_identifier
from airflow_provider_dzlineage.local.datazone.shapes import utc_datetime

_DATASET, _JOB, _JOB_RUN = (f"amazon.datazone.{kind}LineageNodeType" for kind in ("Dataset", "Job", "JobRun"))
_STATE_KEY = "state"
_TERMINAL = ("COMPLETE", "FAIL", "ABORT")
_FOREVER = float("inf")
# Source: the LineageNodeReferenceList shape of the service model.
_MOST_NEIGHBOURS = 100
_SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
CREATE TABLE IF NOT EXISTS domains (id TEXT PRIMARY KEY, created REAL, value TEXT);
CREATE TABLE IF NOT EXISTS events (
    sequence INTEGER PRIMARY KEY, domain TEXT, id TEXT, token TEXT, body BLOB, event_time REAL, created REAL,
    created_by TEXT, due REAL, fails INTEGER, processed INTEGER DEFAULT 0, UNIQUE (domain, id), UNIQUE (domain, token));
CREATE INDEX IF NOT EXISTS events_waiting ON events (processed, due);
CREATE INDEX IF NOT EXISTS events_by_time ON events (domain, event_time);
CREATE TABLE IF NOT EXISTS nodes (
    domain TEXT, identifier TEXT, id TEXT, type TEXT, name TEXT, created REAL, updated REAL,
    PRIMARY KEY (domain, identifier));
CREATE UNIQUE INDEX IF NOT EXISTS nodes_by_id ON nodes (domain, id);
CREATE TABLE IF NOT EXISTS versions (domain TEXT, node TEXT, time REAL, PRIMARY KEY (domain, node, time));
CREATE TABLE IF NOT EXISTS facts (
    domain TEXT, node TEXT, key TEXT, rank INTEGER, time REAL, value TEXT,
    PRIMARY KEY (domain, node, key, rank, time, value));
CREATE TABLE IF NOT EXISTS edges (
    domain TEXT, source TEXT, target TEXT, time REAL, PRIMARY KEY (domain, source, target, time));
CREATE INDEX IF NOT EXISTS edges_by_target ON edges (domain, target);
"""


class Store(sqlite3.Connection):
    """One SQLite database; used by one thread at a time.

    :param path: the file; None keeps everything in memory.
    :raises DzLineageError: when the file cannot be opened or is something else.
    """

    def __init__(self, path: Path | None) -> None:
        try:
            super().__init__(path or ":memory:", check_same_thread=False, isolation_level=None)
            self.row_factory = sqlite3.Row
            self.executescript(_SCHEMA)
        except sqlite3.Error as error:
            raise DzLineageError(f"the state cannot be kept in {path}: {error}") from None


class DomainGraph:
    """The lineage graph of one domain.

    :param domain: its id.
    """

    def __init__(self, store: Store, domain: str) -> None:
        self._store = store
        self._domain = domain

    def add(self, event: Mapping[str, Any], time: float, now: float) -> None:
        """Add what an event says, in one transaction.

        Datasets are linked with jobs, and a job run with the datasets of that run.

        :param event: a valid OpenLineage run event.
        :param time: the event's, seconds since the epoch.
        :param now: seconds since the epoch.
        """
        job, run, domain = event["job"], event["run"], self._domain
        job_node, run_node = job_identifier(job), run_identifier(job, run)
        # A list, not a mapping: several datasets of an event, such as the partitions of a table, can be one node.
        inputs = [(dataset_identifier(dataset, run), dataset) for dataset in event.get("inputs") or []]
        outputs = [(dataset_identifier(dataset, run), dataset) for dataset in event.get("outputs") or []]
        datasets = (*inputs, *outputs)
        nodes = {job_node: (_JOB, str(job["name"])), run_node: (_JOB_RUN, str(run["runId"]))}
        nodes |= {node: (_DATASET, str(dataset["name"])) for node, dataset in datasets}
        members = ("facets", "inputFacets", "outputFacets")
        facets = [(job_node, job.get("facets")), (run_node, run.get("facets"))]
        facets += [(node, dataset.get(member)) for node, dataset in datasets for member in members]
        facts = [
            (domain, node, key, 0, time, json.dumps(facet, sort_keys=True))
            for node, by_key in facets
            for key, facet in (by_key or {}).items()
        ]
        if state := event.get("eventType"):
            # The end of a run outranks what came late.
            facts.append((domain, run_node, _STATE_KEY, int(state in _TERMINAL), time, json.dumps(state)))
        edges = [(domain, node, end, time) for node, _ in inputs for end in (job_node, run_node)]
        edges += [(domain, end, node, time) for node, _ in outputs for end in (job_node, run_node)]
        self._store.execute("BEGIN")
        with self._store:
            self._store.executemany(
                "INSERT INTO nodes VALUES (?, ?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (domain, identifier) DO UPDATE SET updated = excluded.updated",
                [(domain, node, _node_id(domain, node), kind, name, now, now) for node, (kind, name) in nodes.items()],
            )
            versions = [(domain, node, time) for node in nodes]
            self._store.executemany("INSERT OR IGNORE INTO versions VALUES (?, ?, ?)", versions)
            self._store.executemany("INSERT OR IGNORE INTO facts VALUES (?, ?, ?, ?, ?, ?)", facts)
            self._store.executemany("INSERT OR IGNORE INTO edges VALUES (?, ?, ?, ?)", edges)

    def find(self, identifier: str) -> sqlite3.Row | None:
        """Return a node's row by its id or its source identifier."""
        sql = "SELECT * FROM nodes WHERE domain = ? AND (identifier = ? OR id = ?)"
        row: sqlite3.Row | None = self._store.execute(sql, (self._domain, identifier, identifier)).fetchone()
        return row

    def node(self, row: sqlite3.Row, until: float = _FOREVER) -> dict[str, Any]:
        """Return a node with its neighbours and forms.

        :param row: of the node.
        :param until: seconds since the epoch; without it the present.
        """
        versions = self.versions(row, until=until)
        return {
            **self.summary(row, versions[-1] if versions else None),
            "formsOutput": self._forms(row, until),
            "upstreamNodes": self.neighbours(row, "target", "source", until),
            "downstreamNodes": self.neighbours(row, "source", "target", until),
        }

    def summary(self, row: sqlite3.Row, version: float | None) -> dict[str, Any]:
        """Return what every answer says of a node, at one of its versions."""
        return {
            "domainId": self._domain,
            "id": row["id"],
            "name": row["name"],
            "typeName": row["type"],
            "typeRevision": "1",
            "sourceIdentifier": row["identifier"],
            "createdAt": utc_datetime(row["created"]),
            "updatedAt": utc_datetime(row["updated"]),
            "eventTimestamp": None if version is None else utc_datetime(version),
        }

    def versions(self, row: sqlite3.Row, since: float = -_FOREVER, until: float = _FOREVER) -> list[float]:
        """Return the event times of a node, the oldest first, both ends included."""
        rows = self._store.execute(
            "SELECT time FROM versions WHERE domain = ? AND node = ? AND time BETWEEN ? AND ? ORDER BY time",
            (self._domain, row["identifier"], since, until),
        )
        return [version["time"] for version in rows]

    def neighbours(self, row: sqlite3.Row, here: str, there: str, until: float) -> list[dict[str, Any]]:
        """Return the nodes on one side; datasets have jobs there, jobs and runs have datasets."""
        rows = self._store.execute(
            f"SELECT n.id AS id, MAX(e.time) AS time FROM edges e JOIN nodes n ON n.domain = e.domain "  # noqa: S608
            f"AND n.identifier = e.{there} WHERE e.domain = ? AND e.{here} = ? AND e.time <= ? AND n.type <> ? "
            f"GROUP BY n.id ORDER BY n.identifier LIMIT ?",
            (self._domain, row["identifier"], until, _JOB_RUN, _MOST_NEIGHBOURS),
        )
        return [{"id": found["id"], "eventTimestamp": utc_datetime(found["time"])} for found in rows]

    def _forms(self, row: sqlite3.Row, until: float) -> list[dict[str, Any]]:
        newest_last = self._store.execute(
            "SELECT key, value FROM facts WHERE domain = ? AND node = ? AND time <= ? ORDER BY rank, time, value",
            (self._domain, row["identifier"], until),
        )
        facts = {fact["key"]: json.loads(fact["value"]) for fact in newest_last}
        state = facts.pop(_STATE_KEY, None)
        forms = {"OpenLineageFacets": facts}
        if row["type"] == _JOB_RUN:
            forms["JobRunDetails"] = {"runId": row["name"], "status": state}
        if "columnLineage" in facts:
            forms["ColumnLineage"] = facts["columnLineage"]
        return [
            {
                "formName": name,
                "typeName": f"amazon.datazone.{name}FormType",
                "typeRevision": "1",
                "content": json.dumps(content, sort_keys=True),
            }
            for name, content in forms.items()
        ]


def _node_id(domain: str, identifier: str) -> str:
    return hashlib.sha256(f"{domain}/{identifier}".encode()).hexdigest()[:14]
