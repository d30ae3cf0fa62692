"""The HTTP endpoint: acknowledged events a second beside an endpoint that sends one message a request, and its latency.

Everything runs on loopback, each server in a process of its own; SQS takes 5 ms to answer, as in an AWS Region. One
measurement of each, whatever ``--runs``.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
KEY = "benchmark-key-0123456789"
EVENTS = 4_000
CONNECTIONS = 64
RATE = 500.0
OURS = ("-m", "airflow_provider_dzlineage.cli", "serve", "--port", "0")
PLAIN = (str(FOLDER / "_plain_endpoint.py"),)


def run(runs: int) -> list[dict[str, Any]]:
    """Measure both endpoints.

    :param runs: does not count here.
    :return: rows; a goal is met only when each acknowledged event is in the queue.
    """
    plain, plain_stored = _load(PLAIN, rate=0)
    ours, ours_stored = _load(OURS, rate=0)
    plain_speed, speed = EVENTS / plain["seconds"], EVENTS / ours["seconds"]
    steady, steady_stored = _load(OURS, rate=RATE)
    p99 = statistics.quantiles(steady["latencies"], n=100)[98] * 1000
    median = statistics.median(steady["latencies"]) * 1000
    return [
        {
            "name": "receiver, acknowledged events",
            "value": speed,
            "unit": "events/s",
            "against": f"one message a request {plain_speed:.0f} events/s",
            "ratio": speed / plain_speed,
            "goal": "≥ 3x, all durable",
            "met": speed / plain_speed >= 3 and ours_stored == plain_stored == EVENTS,
        },
        {
            "name": f"receiver, p99 at {RATE:.0f} events/s",
            "value": p99,
            "unit": "ms",
            "against": f"median {median:.1f} ms",
            "ratio": None,
            "goal": "< 50 ms, all durable",
            "met": p99 < 50 and steady_stored == EVENTS,
        },
    ]


def _load(endpoint: tuple[str, ...], rate: float) -> tuple[dict[str, Any], int]:
    """Return what the load saw, and how many different events are in the queue after it."""
    with server((str(FOLDER / "_sqs_stub.py"),), {}) as sqs:
        with server(endpoint, variables_of(sqs)) as url:
            arguments = [url, KEY, str(EVENTS), str(CONNECTIONS), str(rate)]
            command = [sys.executable, str(FOLDER / "_http_load.py"), *arguments]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        with urllib.request.urlopen(sqs) as answer:
            return json.loads(done.stdout), json.load(answer)["runs"]


def variables_of(sqs: str) -> dict[str, str]:
    """Return the environment of an endpoint in front of this SQS."""
    return {
        "AWS_ENDPOINT_URL": sqs,
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_DEFAULT_REGION": "us-east-1",
        "DZLINEAGE_QUEUE_URL": f"{sqs}/000000000000/bench",
        "DZLINEAGE_API_KEYS": f"bench={KEY}",
    }


@contextmanager
def server(command: tuple[str, ...], variables: dict[str, str]) -> Iterator[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "DZLINEAGE_"))}
    process = subprocess.Popen(
        [sys.executable, *command], stdout=subprocess.PIPE, text=True, env=environment | variables
    )
    with process:
        try:
            assert process.stdout
            yield process.stdout.readline().split()[0]
        finally:
            process.terminate()
