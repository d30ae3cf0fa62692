"""Fixtures that many tests share: a real SQS over HTTP, queues in it, and events."""

from __future__ import annotations

import json
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from airflow_provider_dzlineage.aws.deadline import Clock, Waitable
from airflow_provider_dzlineage.buffer.queue import Queue
from airflow_provider_dzlineage.local.datazone import DataZoneEmulator
from airflow_provider_dzlineage.local.ministack import Ministack
from tests.fixtures.properties import register_profiles

register_profiles()
pytest_plugins = ["airflow_provider_dzlineage.local.fixtures"]

TESTS = Path(__file__).parent
CORPUS = TESTS.parents[1] / "shared" / "corpus" / "openlineage-compatibility.jsonl"

MakeQueue = Callable[..., Queue]
MakeEvent = Callable[..., dict[str, Any]]


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark a test by its folder, so that the mark cannot be forgotten."""
    folder = item.path.relative_to(TESTS).parts[0]
    if folder in ("integration", "e2e"):
        item.add_marker(folder)


class FastClock(Clock):
    """A clock of which a second passes in a small part of one, so that patience can be tested."""

    def __init__(self, speed: float = 100.0) -> None:
        self._speed = speed

    def now(self) -> float:
        return super().now() * self._speed

    def wait(self, waitable: Waitable, seconds: float) -> bool:
        return super().wait(waitable, seconds / self._speed)


@pytest.fixture
def fast_clock() -> FastClock:
    return FastClock()


@pytest.fixture(autouse=True)
def _aws_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the settings or credentials of the machine it runs on."""
    removed = ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN", "AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE")
    for name in (*removed, "DZLINEAGE_QUEUE_URL", "DZLINEAGE_DOMAIN_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture(scope="session")
def ministack() -> Iterator[Ministack]:
    """A real SQS over HTTP."""
    with Ministack() as server:
        yield server


@pytest.fixture
def sqs(ministack: Ministack) -> Any:
    """A boto3 client of it."""
    return boto3.client("sqs", endpoint_url=ministack.endpoint_url)


@pytest.fixture
def make_queue(sqs: Any) -> MakeQueue:
    """Create a queue of its own, ``fifo=True`` for a FIFO one, ``dead_letters=True`` for one with a redrive policy."""

    def make(*, fifo: bool = False, dead_letters: bool = False, **attributes: str) -> Queue:
        if fifo:
            attributes["FifoQueue"] = "true"
        if dead_letters:
            dead = make(fifo=fifo)
            arn = sqs.get_queue_attributes(QueueUrl=dead.url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
            attributes["RedrivePolicy"] = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": "1000"})
        name = uuid.uuid4().hex + (".fifo" if fifo else "")
        return Queue(sqs, sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"])

    return make


@pytest.fixture
def set_faults(datazone_emulator: DataZoneEmulator) -> Callable[..., None]:
    """Tell the emulator how to misbehave from now on; what is not named is off."""

    def set_faults(**faults: Any) -> None:
        body = json.dumps({"rate": "inf", "processing_seconds": 0, **faults}).encode()
        request = urllib.request.Request(f"{datazone_emulator.endpoint_url}/_emulator/faults", body, method="PUT")
        urllib.request.urlopen(request).close()

    return set_faults


@pytest.fixture
def make_event() -> MakeEvent:
    """Build a small valid run event."""

    def make(job_name: str = "load", **changes: Any) -> dict[str, Any]:
        return {
            "eventType": "COMPLETE",
            "eventTime": "2026-01-02T03:04:05.678Z",
            "producer": "https://example.com/producer",
            "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
            "run": {"runId": str(uuid.uuid4())},
            "job": {"namespace": "tests", "name": job_name},
            "inputs": [{"namespace": "s3://lake", "name": "raw/orders"}],
            "outputs": [{"namespace": "s3://lake", "name": "clean/orders"}],
        } | changes

    return make


@pytest.fixture(scope="session")
def corpus() -> list[dict[str, Any]]:
    """Real events of real producers."""
    if not CORPUS.is_file():
        pytest.skip("the corpus of OpenLineage's compatibility tests is not beside this checkout")
    return [json.loads(line)["event"] for line in CORPUS.read_text(encoding="utf-8").splitlines()]
