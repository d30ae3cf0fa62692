"""The conformance suite: what the forwarder promises, asked of a buffer and a catalog that are given to it.

Without options they are models in memory, and ministack's SQS with the emulator of DataZone over HTTP, each with a
standard and a FIFO queue. To ask a buffer and a domain of your own::

    pytest tests/conformance --queue-url URL --dead-letter-queue-url URL --domain-id ID --aws-profile NAME --timeout 600

The queues should be empty, nobody else may drain them meanwhile, and the domain will hold some events of jobs in
namespaces ``conformance-...``. Region and endpoints are those of the profile. Or let a ``conftest.py`` override the
fixture ``given`` with a :class:`~tests.conformance.world.World`.

The profile ``thorough`` of Hypothesis takes a long look at the models, and makes small what it finds.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest

from airflow_provider_dzlineage.aws.clients import complete_lineage_operations
from airflow_provider_dzlineage.aws.deadline import Clock
from airflow_provider_dzlineage.buffer.queue import Queue
from airflow_provider_dzlineage.settings.site import DEFAULT_RATE
from tests.conformance.model_world import ModelWorld
from tests.conformance.models.clock import JumpingClock
from tests.conformance.world import World

_OPTIONS = {
    "--queue-url": "URL of an SQS queue to ask",
    "--dead-letter-queue-url": "URL of the queue for its dead letters",
    "--domain-id": "the DataZone domain to ask",
    "--aws-profile": "AWS profile to ask with",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("conformance")
    for name, description in _OPTIONS.items():
        group.addoption(name, help=description)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    fifo_only = "fifo_world" in metafunc.fixturenames
    if not fifo_only and "world" not in metafunc.fixturenames:
        return
    given = metafunc.config.getoption("--queue-url", default=None)
    if given:
        makers = [] if fifo_only and not given.endswith(".fifo") else [pytest.param("given", False, id="given")]
    else:
        makers = [
            pytest.param(name, fifo, id=f"{name} {'FIFO' if fifo else 'standard'}", marks=marks)
            for name, marks in (("model", ()), ("emulators", pytest.mark.integration))
            for fifo in ((True,) if fifo_only else (False, True))
        ]
    metafunc.parametrize(("maker", "fifo"), makers)


@pytest.fixture
def world(maker: str, fifo: bool, request: pytest.FixtureRequest) -> Iterator[World]:
    """A buffer and a catalog; at the end, nothing of the promise may be broken."""
    if maker == "model":
        world: World = ModelWorld(fifo=fifo)
    else:
        world = request.getfixturevalue(maker)(fifo) if maker == "emulators" else request.getfixturevalue(maker)
    yield world
    assert not world.broken(), "\n".join(world.broken())


@pytest.fixture
def fifo_world(world: World) -> World:
    """The same, of which the buffer is a FIFO queue."""
    return world


@pytest.fixture
def emulators(sqs: Any, make_queue: Callable[..., Queue], datazone_client: Any) -> Callable[[bool], World]:
    def make(fifo: bool) -> World:
        queue, dead = make_queue(fifo=fifo), make_queue(fifo=fifo)
        return World(sqs, queue.url, dead.url, datazone_client, "dzd_local", JumpingClock(), wait_seconds=0)

    return make


@pytest.fixture
def given(pytestconfig: pytest.Config) -> World:
    """The buffer and the catalog that the options name."""
    queue_url, dead_url, domain_id, profile = map(pytestconfig.getoption, _OPTIONS)
    session = boto3.Session(profile_name=profile)
    complete_lineage_operations(session)
    sqs, datazone = session.client("sqs"), session.client("datazone")
    return World(sqs, queue_url, dead_url, datazone, domain_id, Clock(), rate=DEFAULT_RATE)


@pytest.fixture
def stop() -> threading.Event:
    """A request to stop."""
    return threading.Event()
