"""Read the graph as it was at a moment."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from airflow_provider_dzlineage.local.datazone.processing import JOB_RUN, STATE_KEY
from airflow_provider_dzlineage.local.datazone.shapes import utc_datetime
from airflow_provider_dzlineage.local.datazone.store import Store

_FOREVER = float("inf")
# Source: the LineageNodeReferenceList shape of the service model.
_MOST_NEIGHBOURS = 100


class GraphView:
    """The lineage graph of one domain.

    :param domain: its id.
    """

    def __init__(self, store: Store, domain: str) -> None:
        self._store = store
        self._domain = domain

    def find(self, identifier: str) -> sqlite3.Row | None:
        """Return a node's row by its id or its source identifier."""
        return self._store.one(
            "SELECT * FROM nodes WHERE domain = ? AND (identifier = ? OR id = ?)", self._domain, identifier, identifier
        )

    def node(self, row: sqlite3.Row, moment: float | None = None) -> dict[str, Any]:
        """Return a node with its neighbours and forms.

        :param row: of the node.
        :param moment: seconds since the epoch; None for now.
        """
        until = _FOREVER if moment is None else moment
        summary = self.summary(row, self.last_version(row, until))
        return {
            **summary,
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

    def versions(self, row: sqlite3.Row, since: float, until: float) -> list[float]:
        """Return the event times of a node, the oldest first, both ends included."""
        rows = self._store.all(
            "SELECT time FROM versions WHERE domain = ? AND node = ? AND time BETWEEN ? AND ? ORDER BY time",
            *(self._domain, row["identifier"], since, until),
        )
        return [version["time"] for version in rows]

    def last_version(self, row: sqlite3.Row, until: float) -> float | None:
        """Return the newest event time of a node that is not after a moment."""
        versions = self.versions(row, -_FOREVER, until)
        return versions[-1] if versions else None

    def neighbours(self, row: sqlite3.Row, here: str, there: str, until: float) -> list[dict[str, Any]]:
        """Return the nodes on one side; datasets have jobs there, jobs and runs have datasets."""
        rows = self._store.all(
            f"SELECT n.id AS id, MAX(e.time) AS time FROM edges e JOIN nodes n ON n.domain = e.domain "  # noqa: S608
            f"AND n.identifier = e.{there} WHERE e.domain = ? AND e.{here} = ? AND e.time <= ? AND n.type <> ? "
            f"GROUP BY n.id ORDER BY n.identifier LIMIT ?",
            *(self._domain, row["identifier"], until, JOB_RUN, _MOST_NEIGHBOURS),
        )
        return [{"id": found["id"], "eventTimestamp": utc_datetime(found["time"])} for found in rows]

    def _forms(self, row: sqlite3.Row, until: float) -> list[dict[str, Any]]:
        newest_last = self._store.all(
            "SELECT key, value FROM facts WHERE domain = ? AND node = ? AND time <= ? ORDER BY rank, time, value",
            *(self._domain, row["identifier"], until),
        )
        facts = {fact["key"]: json.loads(fact["value"]) for fact in newest_last}
        state = facts.pop(STATE_KEY, None)
        forms = {"OpenLineageFacets": facts}
        if row["type"] == JOB_RUN:
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
