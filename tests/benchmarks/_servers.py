"""Servers on loopback in processes of their own, so that they do not share an interpreter with what is measured."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.config import Config

from airflow_provider_dzlineage.buffer.codec import send_parameters
from airflow_provider_dzlineage.buffer.queue import QUEUE_CLIENT_CONFIG, Queue
from airflow_provider_dzlineage.local.ministack import Ministack

DOMAIN = "dzd_bench"
CREDENTIALS = {"aws_access_key_id": "bench", "aws_secret_access_key": "bench", "region_name": "us-east-1"}


@contextmanager
def datazone(**options: float | str) -> Iterator[str]:
    """Run the DataZone emulator; yield its URL."""
    flags = [text for name, value in options.items() for text in (f"--{name.replace('_', '-')}", str(value))]
    module = "airflow_provider_dzlineage.local.datazone"
    command = [sys.executable, "-m", module, "--port", "0", "--domain-id", DOMAIN, *flags]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            found = re.search(r"http://[\d.:]+", process.stdout.readline())
            assert found, "the emulator did not start"
            yield found[0]
        finally:
            process.terminate()


@contextmanager
def filled_queue(messages: int, padding: int = 0) -> Iterator[Queue]:
    """Run SQS; yield a queue with so many events, each bigger by ``padding`` bytes."""
    with Ministack() as server:
        client = boto3.client("sqs", endpoint_url=server.endpoint_url, config=QUEUE_CLIENT_CONFIG, **CREDENTIALS)
        queue = Queue(client, client.create_queue(QueueName="bench")["QueueUrl"])
        refused = list(queue.send(send_parameters(event(padding)) for _ in range(messages)))
        assert not refused, refused
        yield queue


def event(padding: int = 0) -> str:
    """Return a run event of a run of its own."""
    run = {"runId": str(uuid.uuid4())}
    if padding:
        run["facets"] = {"padding": {"text": "x" * padding}}
    return json.dumps(
        {
            "eventType": "COMPLETE",
            "eventTime": "2026-01-02T03:04:05.678Z",
            "producer": "https://example.com/producer",
            "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
            "run": run,
            "job": {"namespace": "bench", "name": f"load_{run['runId'][:2]}"},
            "inputs": [{"namespace": "s3://lake", "name": "raw/orders"}],
            "outputs": [{"namespace": "s3://lake", "name": f"clean/{run['runId'][:2]}"}],
        }
    )


def client_of(url: str, config: Config | None = None) -> Any:
    """Return a boto3 client of the emulator."""
    return boto3.client("datazone", endpoint_url=url, config=config, **CREDENTIALS)
