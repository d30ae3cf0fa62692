"""What DataZone does with an event after it has accepted it."""

from __future__ import annotations

import json
import logging
import sqlite3

from airflow_provider_dzlineage.local.datazone.derivation import derive
from airflow_provider_dzlineage.local.datazone.store import Store

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
    statement = derive(json.loads(row["body"]))
    with store.begin():
        store.apply(row["domain"], statement, row["event_time"], row["due"])
        store.mark_processed(row["sequence"], failed=False)
