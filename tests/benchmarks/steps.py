"""What one event costs in the forwarder's process, step by step, in milliseconds of CPU: real events, real servers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from typing import Any

from _corpus import real_events
from _servers import DOMAIN, client_of, datazone, filled_queue

from airflow_provider_dzlineage.buffer.codec import send_parameters
from airflow_provider_dzlineage.catalog.client import CLIENT_CONFIG, Catalog
from airflow_provider_dzlineage.forwarding.forwarder import Forwarder
from airflow_provider_dzlineage.lineage.rules.from_settings import pipeline_of
from airflow_provider_dzlineage.settings.site import Settings

MESSAGES = 1_000


def run(runs: int) -> list[dict[str, Any]]:
    """Measure each step on its own, then the whole drain.

    :param runs: does not count here: each figure is the mean of 1,000 events.
    :return: a row for each step; the last one is the drain, beside the sum of the steps.
    """
    bodies = list(islice(cycle(real_events()), MESSAGES))
    settings = Settings(rate=float("inf"), merge="never", skip_empty=False)
    pipeline = pipeline_of(settings, client_of)
    with datazone(rate=float("inf")) as url, filled_queue(0) as queue:
        catalog = Catalog(client_of(url, CLIENT_CONFIG), DOMAIN)
        _fill(queue, bodies)
        steps: dict[str, float] = {}
        messages = []
        with _timed(steps, "receive, by the ten"):
            while batch := queue.receive(wait_seconds=0, visibility_seconds=600):
                messages += batch
        assert len(messages) == MESSAGES
        with _timed(steps, "decode"):
            texts = [message.event() for message in messages]
        with _timed(steps, "parse, validate, filter, transform"):
            decisions = [pipeline.prepare(text) for text in texts]
        with _timed(steps, "trim, encode"):
            encoded = [pipeline.encode([each.event]) for each in decisions if each.event]
        with _timed(steps, "post"):
            for decision in encoded:
                if decision.event:
                    catalog.post_event(decision.event.body)
        with _timed(steps, "delete, by the ten"):
            for start in range(0, MESSAGES, 10):
                queue.delete(messages[start : start + 10])
        _fill(queue, bodies)
        forwarder = Forwarder(queue, None, catalog, settings, pipeline)
        whole: dict[str, float] = {}
        with _timed(whole, "drain", time.process_time):
            forwarder.drain()
        assert forwarder.report().received == MESSAGES
    total = sum(steps.values())
    return [
        *(_row(name, milliseconds, total) for name, milliseconds in steps.items()),
        {
            **_row("the whole drain", whole["drain"], total),
            "against": f"{total:.2f} ms, the sum of the steps",
            "ratio": whole["drain"] / total,
        },
    ]


def _fill(queue: Any, texts: list[str]) -> None:
    assert not list(queue.send(send_parameters(text) for text in texts))


@contextmanager
def _timed(into: dict[str, float], name: str, clock: Callable[[], float] = time.thread_time) -> Iterator[None]:
    started = clock()
    yield
    into[name] = (clock() - started) / MESSAGES * 1000


def _row(name: str, milliseconds: float, total: float) -> dict[str, Any]:
    return {
        "name": f"steps, {name}",
        "value": milliseconds,
        "unit": "ms",
        "against": "",
        "ratio": milliseconds / total,
        "goal": None,
        "met": None,
    }
