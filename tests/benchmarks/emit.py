"""What one cold emission costs: our SQS transport beside OpenLineage's own HTTP and DataZone transports.

``fresh`` is a new interpreter that emits one event, as a short script does. ``forked`` is Airflow's way: a task process
has loaded the plugins, forks, makes a client, emits and ends hard. All three talk to one local server that answers each
protocol at once.
"""

from __future__ import annotations

import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

PROBE = Path(__file__).with_name("_emit_probe.py")
GOAL = 1.25


def run(runs: int) -> list[dict[str, Any]]:
    """Measure each transport.

    :param runs: emissions for each figure; the figures are medians of interleaved runs.
    :return: a row for each transport and way.
    """
    with _server() as url:
        configs = {
            "http": {"type": "http", "url": url},
            "sqs": {
                "type": "airflow_provider_dzlineage.transports.sqs.SqsTransport",
                "queue_url": f"{url}/000000000000/openlineage",
            },
            "amazon_datazone_api": {"type": "amazon_datazone_api", "domainId": "dzd_bench", "endpointOverride": url},
        }
        texts = [json.dumps(config) for config in configs.values()]
        measured = {"fresh": _fresh(runs, texts), "forked": _forked(runs, texts)}
    return [
        _row(way, name, median, medians[0])
        for way, medians in measured.items()
        for name, median in zip(configs, medians, strict=True)
    ]


def _fresh(runs: int, configs: list[str]) -> list[float]:
    times: list[list[float]] = [[] for _ in configs]
    for _ in range(runs):
        for number, config in enumerate(configs):
            started = time.perf_counter()
            subprocess.run([sys.executable, str(PROBE), config], check=True, capture_output=True, env=_variables())
            times[number].append(time.perf_counter() - started)
    return [statistics.median(some) for some in times]


def _forked(runs: int, configs: list[str]) -> list[float]:
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(
            [sys.executable, str(PROBE), "--forked", str(runs), *configs],
            check=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=_variables() | {"AIRFLOW_HOME": home, "AIRFLOW__OPENLINEAGE__TRANSPORT": configs[1]},
        )
    return [statistics.median(some) for some in json.loads(done.stdout.splitlines()[-1])]


def _variables() -> dict[str, str]:
    credentials = {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench", "AWS_DEFAULT_REGION": "us-east-1"}
    return {
        name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "AIRFLOW_"))
    } | credentials


def _row(way: str, name: str, median: float, http: float) -> dict[str, Any]:
    ours = name == "sqs"
    return {
        "name": f"emit, {way}, {name}",
        "value": median,
        "unit": "s",
        "against": f"http {http:.3f} s",
        "ratio": median / http,
        "goal": f"≤ {GOAL}x http" if ours else None,
        "met": median / http <= GOAL if ours else None,
    }


class _Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None: ...

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        answer = {"id": "aaaaaaaaaaaaaa", "domainId": "dzd_bench"}
        if "X-Amz-Target" in self.headers:
            text = json.loads(body)["MessageBody"]
            answer = {"MessageId": "m", "MD5OfMessageBody": hashlib.md5(text.encode()).hexdigest()}
        payload = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)


@contextmanager
def _server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
