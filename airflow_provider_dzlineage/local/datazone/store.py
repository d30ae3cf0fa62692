"""The state of the emulator: domains, events and the graph, in SQLite."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from airflow_provider_dzlineage.errors import DzLineageError

_SCHEMA = """
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
class GraphChange:
    """What one event says.

    :param nodes: source identifier to (type, name).
    :param edges: pairs of source identifiers; data flows from the first to the second.
    """

    nodes: Mapping[str, tuple[str, str]]
    facts: frozenset[Fact]
    edges: frozenset[tuple[str, str]]


class Store:
    """One SQLite database; used by one thread at a time.

    :param path: the file; None keeps everything in memory.
    :raises DzLineageError: when the file cannot be opened or is something else.
    """

    def __init__(self, path: Path | None) -> None:
        try:
            self._db = sqlite3.connect(path or ":memory:", check_same_thread=False, isolation_level=None)
            self._db.row_factory = sqlite3.Row
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._db.executescript(_SCHEMA)
        except sqlite3.Error as error:
            raise DzLineageError(f"the state cannot be kept in {path}: {error}") from None

    def close(self) -> None:
        """Close the database."""
        self._db.close()

    def all(self, sql: str, *parameters: Any) -> list[sqlite3.Row]:
        """Return every row of a query."""
        return self._db.execute(sql, parameters).fetchall()

    def one(self, sql: str, *parameters: Any) -> sqlite3.Row | None:
        """Return the first row of a query; None when there is none."""
        row: sqlite3.Row | None = self._db.execute(sql, parameters).fetchone()
        return row

    def add_domain(self, domain_id: str, created: float, value: Mapping[str, Any]) -> None:
        """Add a domain; one that is there stays as it is."""
        row = (domain_id, created, json.dumps(value))
        self._db.execute("INSERT OR IGNORE INTO domains VALUES (?, ?, ?)", row)

    def add_event(self, **columns: Any) -> None:
        """Add an event."""
        names = ", ".join(columns)
        marks = ", ".join("?" * len(columns))
        self._db.execute(f"INSERT INTO events ({names}) VALUES ({marks})", tuple(columns.values()))  # noqa: S608

    def waiting(self, now: float, limit: int) -> list[sqlite3.Row]:
        """Return events that are due, the oldest first."""
        return self.all("SELECT * FROM events WHERE processed = 0 AND due <= ? ORDER BY sequence LIMIT ?", now, limit)

    def mark_processed(self, sequence: int, *, failed: bool) -> None:
        """Note that an event needs no more processing, and how it ended."""
        self._db.execute("UPDATE events SET processed = 1, fails = ? WHERE sequence = ?", (int(failed), sequence))

    def begin(self) -> sqlite3.Connection:
        """Open a transaction; a context manager that commits it."""
        self._db.execute("BEGIN")
        return self._db

    def apply(self, domain: str, change: GraphChange, time: float, now: float) -> None:
        """Add what an event says to the graph.

        :param time: the event's, seconds since the epoch.
        :param now: seconds since the epoch.
        """
        self._db.executemany(
            "INSERT INTO nodes VALUES (?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (domain, identifier) DO UPDATE SET updated = excluded.updated",
            [
                (domain, node, node_id(domain, node), type_name, name, now, now)
                for node, (type_name, name) in change.nodes.items()
            ],
        )
        self._db.executemany(
            "INSERT OR IGNORE INTO versions VALUES (?, ?, ?)", [(domain, node, time) for node in change.nodes]
        )
        self._db.executemany(
            "INSERT OR IGNORE INTO facts VALUES (?, ?, ?, ?, ?, ?)",
            [(domain, fact.node, fact.key, fact.rank, time, fact.value) for fact in change.facts],
        )
        self._db.executemany(
            "INSERT OR IGNORE INTO edges VALUES (?, ?, ?, ?)",
            [(domain, source, target, time) for source, target in change.edges],
        )


def node_id(domain: str, identifier: str) -> str:
    """Return the id of a node: 14 characters that follow from its source identifier."""
    return hashlib.sha256(f"{domain}/{identifier}".encode()).hexdigest()[:14]
