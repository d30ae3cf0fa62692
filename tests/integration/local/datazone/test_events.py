"""Events through unmodified boto3: posted, refused, read and listed."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import pytest

from airflow_provider_dzlineage.local.datazone import DataZoneEmulator, Faults

DOMAIN = "dzd_local"
UNLIMITED = Faults(rate=float("inf"), processing_seconds=0)


def test_a_posted_event_can_be_read_again(datazone_client, make_event, post):
    event = make_event()

    answer = post(datazone_client, event)

    found = datazone_client.get_lineage_event(domainIdentifier=DOMAIN, identifier=answer["id"])
    assert json.loads(found["event"].read()) == event
    assert found["processingStatus"] == "SUCCESS"
    assert found["domainId"] == answer["domainId"] == DOMAIN
    assert found["eventTime"] == datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)


def test_the_same_token_and_event_is_the_same_request(datazone_client, make_event, post):
    event = make_event()

    first, second = (post(datazone_client, event, clientToken="token") for _ in range(2))

    assert first["id"] == second["id"]
    assert len(datazone_client.list_lineage_events(domainIdentifier=DOMAIN)["items"]) == 1


def test_the_same_token_with_another_event_is_a_conflict(datazone_client, make_event, post, error_of):
    post(datazone_client, make_event(), clientToken="token")

    assert error_of(lambda: post(datazone_client, make_event(), clientToken="token")) == ("ConflictException", 409)


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({"domainIdentifier": "dzd_absent"}, ("ResourceNotFoundException", 404)),
        ({"domainIdentifier": "nonsense"}, ("ValidationException", 400)),
        ({"event": b"x" * 300_001}, ("ValidationException", 400)),
        ({"event": b"not json"}, ("ValidationException", 400)),
        ({"event": b'{"job": {"namespace": "a", "name": "b"}}'}, ("ValidationException", 400)),
        ({"clientToken": "with space"}, ("ValidationException", 400)),
        ({"clientToken": "x" * 129}, ("ValidationException", 400)),
    ],
)
def test_what_the_service_model_or_the_event_forbids_is_refused(
    datazone_client, make_event, parameters, error, error_of
):
    right = {"domainIdentifier": DOMAIN, "event": json.dumps(make_event()).encode()}

    assert error_of(lambda: datazone_client.post_lineage_event(**right | parameters)) == error


def test_an_event_of_exactly_the_limit_is_taken(datazone_client, make_event):
    bare = json.dumps(make_event(job_name="{}"))

    body = bare.replace("{}", "x" * (300_000 - len(bare) + 2), 1).encode()

    assert len(body) == 300_000
    assert datazone_client.post_lineage_event(domainIdentifier=DOMAIN, event=body)["id"]


def test_events_are_listed_by_status_time_and_order_in_pages(datazone_client, make_event, post):
    start = datetime(2026, 1, 1, tzinfo=timezone.utc)
    for day in range(7):
        post(datazone_client, make_event(eventTime=(start + timedelta(days=day)).isoformat()))

    def days(**filters):
        pages = datazone_client.get_paginator("list_lineage_events").paginate(
            domainIdentifier=DOMAIN, PaginationConfig={"PageSize": 2}, **filters
        )
        return [(item["eventTime"] - start).days for page in pages for item in page["items"]]

    assert days() == [6, 5, 4, 3, 2, 1, 0]
    assert days(sortOrder="ASCENDING") == [0, 1, 2, 3, 4, 5, 6]
    assert days(timestampAfter=start + timedelta(days=1.5), timestampBefore=start + timedelta(days=4.5)) == [4, 3, 2]
    assert days(processingStatus="FAILED") == []


def test_state_survives_a_restart(tmp_path, make_event, post, client_of):
    state = tmp_path / "datazone.sqlite"
    with DataZoneEmulator(state=state, faults=UNLIMITED) as emulator:
        event_id = post(client_of(emulator), make_event())["id"]
    with DataZoneEmulator(state=state, faults=UNLIMITED) as emulator:
        client = client_of(emulator)

        assert client.get_lineage_event(domainIdentifier=DOMAIN, identifier=event_id)["processingStatus"] == "SUCCESS"
        assert client.get_lineage_node(domainIdentifier=DOMAIN, identifier="tests.load")["upstreamNodes"]
