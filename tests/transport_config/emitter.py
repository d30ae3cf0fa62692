"""Emits events as the tests say on standard input, each from a forked process with its own environment."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import Dataset, Job, Run, RunEvent, RunState


def emit(case):
    os.environ |= case.get("variables", {})
    if "yml" in case:
        Path("openlineage.yml").write_text(case["yml"], encoding="utf-8")
    event = RunEvent(
        eventType=RunState.COMPLETE,
        eventTime="2026-01-02T03:04:05Z",
        run=Run(runId="0191c0de-0000-7000-8000-000000000001"),
        job=Job(namespace="tests", name=case["name"]),
        producer="https://example.com",
        inputs=[Dataset("s3://lake", "raw/orders")],
        outputs=[Dataset("s3://lake", "clean/orders")],
    )
    client_of(case).emit(event)


def client_of(case):
    if not case.get("airflow"):
        return OpenLineageClient()
    from airflow.providers.openlineage import conf
    from airflow.providers.openlineage.plugins.adapter import OpenLineageAdapter

    conf.conf.read_string(case.get("cfg", ""))
    return OpenLineageAdapter().get_or_create_openlineage_client()


cases = json.load(sys.stdin)
if any(case.get("airflow") for case in cases):
    # Once, and not in each child.
    import airflow.providers.openlineage.plugins.adapter  # noqa: F401
failed = []
for case in cases:
    child = os.fork()
    if not child:
        try:
            emit(case)
        except BaseException as error:
            print(case["name"], repr(error), file=sys.stderr, flush=True)
            os._exit(1)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        failed.append(case["name"])
sys.exit(f"failed: {failed}" if failed else 0)
