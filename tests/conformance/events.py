"""Messages of every kind that a buffer can hold."""

from __future__ import annotations

import json
import uuid
from enum import Enum

from airflow_provider_dzlineage.lineage.own_jobs import FORWARDING_DAG_ID

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
    event = {
        "eventType": "COMPLETE",
        "eventTime": "2026-01-02T03:04:05.678Z",
        "producer": "https://example.com/producer" + (_PADDING if kind is Kind.BIG else ""),
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": str(uuid.uuid5(uuid.NAMESPACE_URL, run))},
        "job": {"namespace": f"conformance-{number}", "name": kind.value},
        "inputs": [{"namespace": "s3://lake", "name": "raw/orders"}],
        "outputs": [],
    }
    if kind is Kind.NOT_AN_EVENT:
        del event["eventTime"]
    return json.dumps(event)


def kind_of(body: bytes) -> Kind:
    """Tell what a message holds."""
    if body.startswith(Kind.NOT_JSON.value.encode()):
        return Kind.NOT_JSON
    return Kind(json.loads(body)["job"]["name"])


def flaw_of(body: bytes) -> str:
    """Tell for what reason a message can never be posted, whatever DataZone says; empty for none."""
    return {Kind.NOT_AN_EVENT: "not_an_event", Kind.NOT_JSON: "not_json"}.get(kind_of(body), "")
