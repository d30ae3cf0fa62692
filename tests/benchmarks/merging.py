"""How many posts real events need when runs are merged, and whether the graph is the same. One measurement."""

from __future__ import annotations

import sqlite3
import tempfile
from pathlib import Path
from typing import Any

from _corpus import real_events
from _servers import DOMAIN, client_of, datazone, filled_queue

from airflow_provider_dzlineage.buffer.codec import send_parameters
from airflow_provider_dzlineage.catalog.client import CLIENT_CONFIG, Catalog
from airflow_provider_dzlineage.forwarding.forwarder import Forwarder
from airflow_provider_dzlineage.forwarding.report import Report
from airflow_provider_dzlineage.lineage.rules.from_settings import pipeline_of
from airflow_provider_dzlineage.local.datazone.store import DomainGraph, Store
from airflow_provider_dzlineage.settings.site import Settings

_GOAL = 0.35


def run(runs: int) -> list[dict[str, Any]]:
    """Forward the same events merged and one by one.

    :param runs: does not count here.
    :return: one row: posts an event.
    """
    texts = real_events()
    with tempfile.TemporaryDirectory() as folder:
        merged, drawn = _forward(texts, "always", Path(folder) / "merged.sqlite")
        alone, drawn_alone = _forward(texts, "never", Path(folder) / "alone.sqlite")
    ratio = merged.posted / len(texts)
    return [
        {
            "name": "merging, posts an event",
            "value": merged.posted,
            "unit": "posts",
            "against": f"{len(texts)} events, {alone.posted} posts one by one; "
            f"the graph is {'the same' if drawn == drawn_alone else 'ANOTHER'}",
            "ratio": ratio,
            "goal": f"≤ {_GOAL}x",
            "met": ratio <= _GOAL and drawn == drawn_alone,
        }
    ]


def _forward(texts: list[str], merge: str, state: Path) -> tuple[Report, Any]:
    settings = Settings(merge=merge)
    with filled_queue(0) as queue:
        assert not list(queue.send(send_parameters(text) for text in texts))
        with datazone(rate=float("inf"), latency_seconds=0.05, processing_seconds=0, state=str(state)) as url:
            client = client_of(url, CLIENT_CONFIG)
            forwarder = Forwarder(queue, None, Catalog(client, DOMAIN), settings, pipeline_of(settings, client_of))
            forwarder.drain()
            # It processes what is due before it answers.
            client.get_domain(identifier=DOMAIN)
        report = forwarder.report()
        assert report.received == report.posted + report.merged + report.skipped == len(texts), report
        return report, _graph(state)


def _graph(state: Path) -> Any:
    """Read nodes with their forms, and edges."""
    store = Store(state)
    view = DomainGraph(store, DOMAIN)
    nodes = {
        row["identifier"]: (row["type"], row["name"], _forms(view, row)) for row in store.execute("SELECT * FROM nodes")
    }
    edges = {(row["source"], row["target"]) for row in store.execute("SELECT DISTINCT source, target FROM edges")}
    store.close()
    return nodes, edges


def _forms(view: DomainGraph, row: sqlite3.Row) -> dict[str, str]:
    return {form["formName"]: form["content"] for form in view.node(row)["formsOutput"]}
