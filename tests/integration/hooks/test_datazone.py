from __future__ import annotations

import json

import pytest

from airflow_provider_dzlineage.errors import RefusedError, StopError

DataZoneLineageHook = pytest.importorskip("airflow_provider_dzlineage.hooks.datazone").DataZoneLineageHook

DOMAIN = "dzd_local"


@pytest.fixture
def hook(datazone_emulator, monkeypatch):
    """The hook with an Airflow connection that leads to the emulator."""
    extra = {"region_name": "us-east-1", "endpoint_url": datazone_emulator.endpoint_url}
    connection = {"conn_type": "aws", "login": "key", "password": "secret", "extra": extra}
    monkeypatch.setenv("AIRFLOW_CONN_CATALOG", json.dumps(connection))
    return DataZoneLineageHook(aws_conn_id="catalog")


@pytest.mark.parametrize("form", [json.dumps, lambda event: json.dumps(event).encode(), lambda event: event])
def test_an_event_in_any_form_is_posted_and_read(hook, make_event, form):
    event = make_event()

    event_id = hook.post_lineage_event(DOMAIN, form(event))

    found = hook.get_lineage_event(DOMAIN, event_id)
    assert json.loads(found["event"]) == event
    assert found["processingStatus"] == "SUCCESS"


def test_the_same_event_is_the_same_post(hook, make_event):
    event = make_event()

    assert hook.post_lineage_event(DOMAIN, event) == hook.post_lineage_event(DOMAIN, event)
    assert len(list(hook.list_lineage_events(DOMAIN))) == 1


def test_listings_come_with_all_their_pages(hook, make_event):
    for second in range(55):
        hook.post_lineage_event(DOMAIN, make_event(eventTime=f"2026-01-01T00:00:{second:02}Z"))

    assert len(list(hook.list_lineage_events(DOMAIN, processingStatus="SUCCESS"))) == 55
    assert len(list(hook.list_lineage_node_history(DOMAIN, "tests.load"))) == 55


def test_a_node_is_found_by_its_source_identifier(hook, make_event):
    hook.post_lineage_event(DOMAIN, make_event())

    node = hook.get_lineage_node(DOMAIN, "s3://lake/clean/orders")

    assert [hook.get_lineage_node(DOMAIN, up["id"])["sourceIdentifier"] for up in node["upstreamNodes"]] == [
        "tests.load"
    ]


def test_a_refused_event_and_an_unknown_domain_are_different_errors(hook, make_event):
    with pytest.raises(RefusedError):
        hook.post_lineage_event(DOMAIN, "{}")
    with pytest.raises(StopError, match="'domain_id'"):
        hook.post_lineage_event("dzd_absent", make_event())


def test_the_connection_can_be_tested(hook, monkeypatch):
    assert hook.test_connection() == (True, "Amazon DataZone answers in us-east-1; domain dzd_local is visible")

    broken = {"conn_type": "aws", "extra": {"region_name": "us-east-1", "endpoint_url": "http://127.0.0.1:9"}}
    monkeypatch.setenv("AIRFLOW_CONN_BROKEN", json.dumps(broken))
    works, message = DataZoneLineageHook(aws_conn_id="broken").test_connection()
    assert not works
    assert "EndpointConnectionError" in message
