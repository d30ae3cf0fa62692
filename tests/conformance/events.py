"""Messages of every kind that a buffer can hold."""

from __future__ import annotations

import json
import uuid
from enum import Enum

from airflow_provider_dzlineage.lineage.raw_event import FORWARDING_DAG_ID

_PADDING = "x" * 140_000


class Kind(Enum):
    """What a message holds; the value names its job where it has one."""

    GOOD = "good"
    # So large that it travels packed.
    BIG = "big"
    OWN_JOB = f"{FORWARDING_DAG_ID}.drain"
    # What DataZone fails on for a while, refuses by its content, and answers in a way that nobody knows.
    FRAIL = "frail"
    REFUSED = "refused"
    ODD = "odd"
    NOT_AN_EVENT = "not an event"
    NOT_JSON = "not json"


def text_of(kind: Kind, number: int, run: str) -> str:
    """Write a message.

    :param number: makes it one of its own.
    :param run: names the run, whose messages have to stay in order.
    """
    if kind is Kind.NOT_JSON:
        return f"{kind.value} {number} {run}"
    run_id = str(uuid.uuid5(uuid.NAMESPACE_URL, run))
    event = {
        "eventType": "COMPLETE",
        "eventTime": "2026-01-02T03:04:05.678Z",
        "producer": "https://example.com/producer",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": run_id, "facets": {f"padding_{number}": {"text": _PADDING}} if kind is Kind.BIG else {}},
        "job": {"namespace": "conformance", "name": kind.value if kind is Kind.OWN_JOB else "load"},
        "inputs": [{"namespace": "s3://lake", "name": "raw/orders"}],
        # What a post that several messages were merged into is told by.
        "outputs": [{"namespace": f"conformance-{kind.value}", "name": f"{run_id}/{number}"}],
    }
    if kind is Kind.NOT_AN_EVENT:
        del event["eventTime"]
    return json.dumps(event)


def parts_of(body: bytes) -> list[str]:
    """Name the messages that a body was made of; the one body of each is among them."""
    if body.startswith(Kind.NOT_JSON.value.encode()):
        return [body.decode()]
    return [f"{output['namespace']}/{output['name']}" for output in json.loads(body)["outputs"]]


def kinds_of(body: bytes) -> set[Kind]:
    """Return what the messages held that a body was made of."""
    if body.startswith(Kind.NOT_JSON.value.encode()):
        return {Kind.NOT_JSON}
    return {Kind(part.removeprefix("conformance-").split("/")[0]) for part in parts_of(body)}


def kind_of(body: bytes) -> Kind:
    """Return what a message holds."""
    (kind,) = kinds_of(body)
    return kind


def flaw_of(body: bytes) -> str:
    """Return for what reason a message can never be posted, whatever DataZone says; empty for none."""
    return {Kind.NOT_AN_EVENT: "not_an_event", Kind.NOT_JSON: "not_json"}.get(kind_of(body), "")
