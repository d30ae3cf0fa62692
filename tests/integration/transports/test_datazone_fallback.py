"""The direct transport and a queue together, as OpenLineage's composite transport runs them."""

from __future__ import annotations

import json

import pytest
from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import Dataset
from openlineage.client.transport import get_default_factory

from airflow_provider_dzlineage.catalog.client import Catalog
from airflow_provider_dzlineage.forwarding.forwarder import Forwarder
from airflow_provider_dzlineage.lineage.rules.from_settings import pipeline_of
from airflow_provider_dzlineage.local.datazone import DataZoneEmulator
from airflow_provider_dzlineage.settings.site import Settings

DATAZONE = "airflow_provider_dzlineage.transports.datazone.DataZoneTransport"
SQS = "airflow_provider_dzlineage.transports.sqs.SqsTransport"
DOMAIN = "dzd_local"
DENIED = (403, {"__type": "AccessDeniedException", "message": "no"})


@pytest.fixture
def queue(make_queue):
    return make_queue()


@pytest.fixture
def with_fallback(queue):
    """Make the client of a composite transport: into DataZone, and where that fails into the queue."""
    pytest.importorskip("openlineage.client.transport.composite", reason="the client is too old for it")

    def make(endpoint_url, **options):
        direct = {"type": DATAZONE, "domain_id": DOMAIN, "endpoint_url": endpoint_url, "timeout": 1}
        config = {
            "type": "composite",
            "continue_on_failure": True,
            "continue_on_success": False,
            "transports": {"catalog": direct, "buffer": {"type": SQS, "queue_url": queue.url}},
            **options,
        }
        return OpenLineageClient(transport=get_default_factory().create(config))

    return make


def no_look_up(service, region):
    raise AssertionError("nothing is to be looked up")


def waiting(queue):
    """Read the names of the jobs in the queue."""
    received = []
    while batch := queue.receive(wait_seconds=0, visibility_seconds=60):
        received += batch
    return [json.loads(message.event())["job"]["name"] for message in received]


def test_what_datazone_takes_does_not_go_into_the_queue(with_fallback, datazone_emulator, ol_event, posted, queue):
    with_fallback(datazone_emulator.endpoint_url).emit(ol_event())

    assert len(posted()) == 1
    assert waiting(queue) == []


@pytest.fixture
def troubled(datazone_emulator, set_faults, answering):
    """Return the address of a DataZone that takes no event."""

    def of(trouble):
        if trouble == "throttled":
            set_faults(throttle=1)
        if trouble == "denying":
            return answering(DENIED)[1].removesuffix("/000000000000/q")
        if trouble == "stopped":
            with DataZoneEmulator() as stopped:
                return stopped.endpoint_url
        return datazone_emulator.endpoint_url

    return of


@pytest.mark.parametrize("trouble", ["stopped", "throttled", "denying"])
def test_what_datazone_does_not_take_is_in_the_queue_once(with_fallback, troubled, ol_event, queue, trouble, lines):
    with_fallback(troubled(trouble)).emit(ol_event())

    assert waiting(queue) == ["load"]
    (line,) = lines()
    assert line.startswith("OpenLineage event is not delivered to DataZone: COMPLETE of tests.load, run ")


def test_what_is_not_to_be_posted_goes_nowhere(with_fallback, datazone_emulator, ol_event, posted, queue):
    event = ol_event()
    event.inputs = []

    with_fallback(datazone_emulator.endpoint_url).emit(event)

    assert posted() == []
    assert waiting(queue) == []


@pytest.mark.parametrize("name", ["plain", "ñandú \ud83d\ude00 \x00 \ufffe"], ids=["plain", "odd"])
def test_an_event_that_came_both_ways_is_one(
    with_fallback, datazone_emulator, datazone_client, set_faults, ol_event, posted, queue, name
):
    # Each post is taken, and its answer lost.
    set_faults(time_out=1, time_out_seconds=0.1)
    event = ol_event(name)
    event.inputs = [Dataset("arn:aws:glue:eu-west-1:123456789012", "shop.orders")]
    with_fallback(datazone_emulator.endpoint_url).emit(event)
    assert len(posted()) == 1
    set_faults()

    settings = Settings()
    forwarder = Forwarder(queue, None, Catalog(datazone_client, DOMAIN), settings, pipeline_of(settings, no_look_up))
    forwarder.drain()

    assert forwarder.report().posted == 1
    (body,) = posted()
    assert json.loads(body)["inputs"][0]["name"] == "table/shop/orders"


def test_without_any_success_the_callers_of_a_composite_hear_of_it(with_fallback, ol_event, queue):
    alone = {"type": DATAZONE, "domain_id": DOMAIN, "endpoint_url": "http://127.0.0.1:9", "timeout": 1}
    client = with_fallback("", transports=[alone])

    with pytest.raises(RuntimeError, match="None of the transports"):
        client.emit(ol_event())
