"""The state of the emulator: domains, events and the graph, in SQLite."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from airflow_provider_dzlineage.errors import DzLineageError

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
