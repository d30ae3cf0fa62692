"""The trigger, built from what it serialises to, against the DataZone emulator."""

from __future__ import annotations

import asyncio
import json
from pkgutil import resolve_name

import pytest

triggers = pytest.importorskip("airflow_provider_dzlineage.triggers.datazone_lineage_event")

DOMAIN = "dzd_local"


def wait_for(domain_id=DOMAIN, **arguments):
    """Run a trigger to its event, as the triggerer does."""
    trigger = triggers.DataZoneLineageEventTrigger(
        domain_id=domain_id, aws_conn_id=None, region_name="us-east-1", rate=1000, poke_interval=0.2, **arguments
    )
    path, serialised = trigger.serialize()
    deserialised = resolve_name(path)(**json.loads(json.dumps(serialised)))

    async def first():
        ticks = 0

        async def tick():
            nonlocal ticks
            while True:
                await asyncio.sleep(0.02)
                ticks += 1

        ticking = asyncio.create_task(tick())
        event = await anext(deserialised.run())
        ticking.cancel()
        return event.payload, ticks

    return asyncio.run(first())


@pytest.fixture
def post(datazone_emulator, datazone_client, make_event, set_faults, monkeypatch):
    """Post events that are processed after so many seconds; return their ids."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_DATAZONE", datazone_emulator.endpoint_url)

    def post(*names, **faults):
        set_faults(**faults)
        bodies = [json.dumps(make_event(name)).encode() for name in names]
        return [datazone_client.post_lineage_event(domainIdentifier=DOMAIN, event=body)["id"] for body in bodies]

    return post


def test_it_fires_when_all_are_processed_and_lets_others_run_meanwhile(post, datazone_client):
    def statuses():
        return {
            datazone_client.get_lineage_event(domainIdentifier=DOMAIN, identifier=event_id)["processingStatus"]
            for event_id in ids
        }

    ids = post("a", "b", processing_seconds=1)
    before = statuses()

    payload, ticks = wait_for(event_ids=ids)

    assert payload == {"failed": [], "error": "", "code": ""}
    assert "SUCCESS" not in before
    assert statuses() == {"SUCCESS"}
    assert ticks > 10


def test_it_names_those_that_failed(post):
    good, bad = post("a"), post("b", fail=1)

    payload, _ = wait_for(event_ids=good + bad)

    assert payload == {"failed": bad, "error": "", "code": ""}


def test_it_says_what_stops_it(post):
    post("a")

    payload, _ = wait_for(domain_id="dzd_absent", event_ids=["00000000000000"])

    assert payload["failed"] == []
    assert payload["code"] == "ResourceNotFoundException"
    assert "'domain_id'" in payload["error"]
