"""The state of the emulator: domains, events and the graph, in SQLite."""

from __future__ import annotations

import sqlite3
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

    def execute(self, sql: str, *parameters: Any) -> list[sqlite3.Row]:
        """Execute a statement and return every row of its result."""
        return self._db.execute(sql, parameters).fetchall()

    def one(self, sql: str, *parameters: Any) -> sqlite3.Row | None:
        """Return the first row of a query; None when there is none."""
        row: sqlite3.Row | None = self._db.execute(sql, parameters).fetchone()
        return row

    def add_event(self, **columns: Any) -> None:
        """Add an event."""
        names = ", ".join(columns)
        marks = ", ".join("?" * len(columns))
        self._db.execute(f"INSERT INTO events ({names}) VALUES ({marks})", tuple(columns.values()))  # noqa: S608

    def transaction(self) -> sqlite3.Connection:
        """Open a transaction; a context manager that commits it, or takes everything back after an exception."""
        self._db.execute("BEGIN")
        return self._db
