"""How fast a drain is without a quota, where DataZone takes 50 ms to answer. One measurement, whatever ``--runs``."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from _servers import DOMAIN, client_of, datazone, event, filled_queue
from botocore.config import Config

from airflow_provider_dzlineage.catalog.client import CLIENT_CONFIG, Catalog
from airflow_provider_dzlineage.forwarding.consumer import MAX_WORKERS
from airflow_provider_dzlineage.forwarding.forwarder import Forwarder
from airflow_provider_dzlineage.settings.site import Settings

LATENCY = 0.05
MESSAGES = 5_000
# The pattern of the published sample takes five minutes for the whole backlog: it is timed on the first part of it.
SAMPLE_MESSAGES = 200


def run(runs: int) -> list[dict[str, Any]]:
    """Drain a backlog, and do the same in two other ways.

    :param runs: does not count here.
    :return: a row for each way; figures are messages a second.
    """
    bare = _seconds(_post_bare, Config(max_pool_connections=MAX_WORKERS), MESSAGES)
    drain = _seconds(_drain, CLIENT_CONFIG, MESSAGES)
    lean = _seconds(_post_bare, CLIENT_CONFIG, MESSAGES)
    sample = _seconds(_sample, None, SAMPLE_MESSAGES)
    return [
        _row("speed, drain, beside the sample's pattern", drain, sample, sample / drain, "≥ 20x", 20),
        _row("speed, drain, beside bare concurrent posts", drain, bare, drain / bare, "≤ 1.25x the time", -1.25),
        _row("speed, drain, beside bare posts of our lean client", drain, lean, drain / lean, None, 0),
    ]


def _seconds(way: Callable[..., None], config: Config | None, messages: int) -> float:
    """Return what each message takes."""
    with datazone(rate=float("inf"), latency_seconds=LATENCY) as url, filled_queue(MESSAGES) as queue:
        client = client_of(url, config)
        started = time.monotonic()
        way(client, queue, messages)
        return (time.monotonic() - started) / messages


def _post_bare(client: Any, queue: object, messages: int) -> None:
    bodies = [event().encode() for _ in range(messages)]
    with ThreadPoolExecutor(MAX_WORKERS) as executor:
        list(executor.map(lambda body: client.post_lineage_event(domainIdentifier=DOMAIN, event=body), bodies))


def _drain(client: Any, queue: Any, messages: int) -> None:
    forwarder = Forwarder(queue, None, Catalog(client, DOMAIN), Settings(rate=float("inf")))
    forwarder.drain()
    assert forwarder.report().posted == messages, forwarder.report()


def _sample(client: Any, queue: Any, messages: int) -> None:
    """Receive ten, post one after the other, delete each."""
    sqs, done = queue._client, 0
    while done < messages:
        for message in sqs.receive_message(QueueUrl=queue.url, MaxNumberOfMessages=10)["Messages"]:
            client.post_lineage_event(domainIdentifier=DOMAIN, event=message["Body"].encode())
            sqs.delete_message(QueueUrl=queue.url, ReceiptHandle=message["ReceiptHandle"])
            done += 1


def _row(name: str, ours: float, other: float, ratio: float, goal: str | None, bound: float) -> dict[str, Any]:
    return {
        "name": name,
        "value": 1 / ours,
        "unit": "messages/s",
        "against": f"{1 / other:.1f} messages/s",
        "ratio": ratio,
        "goal": goal,
        "met": (ratio >= bound if bound > 0 else ratio <= -bound) if goal else None,
    }
