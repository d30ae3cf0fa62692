"""What our own part of the way costs an event: decode, validate, transform, merge, trim, encode; beside bare JSON."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from _corpus import real_events

from airflow_provider_dzlineage.buffer.message import Message
from airflow_provider_dzlineage.lineage.event import RunEvent, run_of
from airflow_provider_dzlineage.lineage.pipeline import Pipeline
from airflow_provider_dzlineage.lineage.rules.from_settings import pipeline_of
from airflow_provider_dzlineage.settings.site import Settings

_ROUNDS = 20
_GOAL = 3.0


def run(runs: int) -> list[dict[str, Any]]:
    """Take real events through all steps, with every default transform.

    :param runs: measurements; the fastest counts, on both sides.
    :return: a row without merging and one with it.
    """
    texts = real_events()
    messages = [Message(str(number), "", text, None, None, 0, 1) for number, text in enumerate(texts)]
    pipeline = pipeline_of(Settings(), _no_client)
    bare, alone, merged = _fastest(
        runs,
        lambda: [json.dumps(json.loads(text)) for text in texts],
        lambda: [_body(pipeline, [event]) for event in _events(pipeline, messages)],
        lambda: [_body(pipeline, group) for group in _by_run(_events(pipeline, messages))],
    )
    return [_row(name, ours, bare, len(texts)) for name, ours in (("each alone", alone), ("runs merged", merged))]


def _events(pipeline: Pipeline, messages: list[Message]) -> list[RunEvent]:
    decisions = (pipeline.prepare(message.event()) for message in messages)
    return [decision.event for decision in decisions if decision.event]


def _by_run(events: list[RunEvent]) -> list[list[RunEvent]]:
    groups: dict[Any, list[RunEvent]] = {}
    for event in events:
        groups.setdefault(run_of(event.data), []).append(event)
    return list(groups.values())


def _body(pipeline: Pipeline, events: list[RunEvent]) -> bytes:
    decision = pipeline.encode(events)
    assert decision.event, decision
    return decision.event.body


def _fastest(runs: int, *works: Callable[[], object]) -> list[float]:
    """Return seconds of CPU for each; they take turns, so that all have the same machine."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(runs):
        for work, taken in zip(works, times, strict=True):
            started = time.process_time()
            for _ in range(_ROUNDS):
                work()
            taken.append((time.process_time() - started) / _ROUNDS)
    return [min(taken) for taken in times]


def _no_client(service: str, region: str) -> Any:
    raise AssertionError(f"{service} is asked")


def _row(name: str, ours: float, bare: float, events: int) -> dict[str, Any]:
    return {
        "name": f"pure path, {name}",
        "value": ours / events * 1e6,
        "unit": "µs/event",
        "against": f"{bare / events * 1e6:.0f} µs/event, json.loads + json.dumps",
        "ratio": ours / bare,
        "goal": f"≤ {_GOAL:.0f}x",
        "met": ours / bare <= _GOAL,
    }
