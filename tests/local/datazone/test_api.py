"""The emulator through unmodified boto3."""

from __future__ import annotations

import json
import time
import urllib.request
from datetime import datetime, timedelta, timezone

import boto3
import pytest
from botocore.config import Config

from airflow_provider_dzlineage.local.datazone import DataZoneEmulator, Faults

pytestmark = pytest.mark.integration

DOMAIN = "dzd_local"
UNLIMITED = Faults(rate=float("inf"), processing_seconds=0)


def client_of(emulator, **config):
    return boto3.client(
        "datazone", endpoint_url=emulator.endpoint_url, config=Config(retries={"total_max_attempts": 1}, **config)
    )


def post(client, event, **parameters):
    return client.post_lineage_event(domainIdentifier=DOMAIN, event=json.dumps(event).encode(), **parameters)


def error_of(call):
    """The (code, HTTP status) that a call is refused with."""
    with pytest.raises(Exception) as caught:  # noqa: PT011
        call()
    return caught.value.response["Error"]["Code"], caught.value.response["ResponseMetadata"]["HTTPStatusCode"]


def test_a_posted_event_can_be_read_again(datazone_client, make_event):
    event = make_event()

    answer = post(datazone_client, event)

    found = datazone_client.get_lineage_event(domainIdentifier=DOMAIN, identifier=answer["id"])
    assert json.loads(found["event"].read()) == event
    assert found["processingStatus"] == "SUCCESS"
    assert found["domainId"] == answer["domainId"] == DOMAIN
    assert found["eventTime"] == datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)


def test_the_same_token_and_event_is_the_same_request(datazone_client, make_event):
    event = make_event()

    first, second = (post(datazone_client, event, clientToken="token") for _ in range(2))

    assert first["id"] == second["id"]
    assert len(datazone_client.list_lineage_events(domainIdentifier=DOMAIN)["items"]) == 1


def test_the_same_token_with_another_event_is_a_conflict(datazone_client, make_event):
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
def test_what_the_service_model_or_the_event_forbids_is_refused(datazone_client, make_event, parameters, error):
    right = {"domainIdentifier": DOMAIN, "event": json.dumps(make_event()).encode()}

    assert error_of(lambda: datazone_client.post_lineage_event(**right | parameters)) == error


def test_an_event_of_exactly_the_limit_is_taken(datazone_client, make_event):
    bare = json.dumps(make_event(job_name="{}"))

    body = bare.replace("{}", "x" * (300_000 - len(bare) + 2), 1).encode()

    assert len(body) == 300_000
    assert datazone_client.post_lineage_event(domainIdentifier=DOMAIN, event=body)["id"]


def test_the_quota_is_that_of_an_account_and_region(make_event):
    with DataZoneEmulator() as emulator:
        client = client_of(emulator)
        codes = []
        for _ in range(40):
            try:
                post(client, make_event())
                codes.append("ok")
            except client.exceptions.ThrottlingException:
                codes.append("throttled")
        other = boto3.client("datazone", endpoint_url=emulator.endpoint_url, region_name="eu-west-1")

        assert codes[:20] == ["ok"] * 20
        assert "throttled" in codes[20:]
        assert post(other, make_event())["id"]


def test_processing_takes_its_time(make_event):
    with DataZoneEmulator(faults=Faults(processing_seconds=1.0)) as emulator:
        client = client_of(emulator)
        event_id = post(client, make_event())["id"]
        seen = []
        while not seen or seen[-1] != "SUCCESS":
            status = client.get_lineage_event(domainIdentifier=DOMAIN, identifier=event_id)["processingStatus"]
            seen += [status] if status not in seen else []
            time.sleep(0.05)

        assert seen == ["REQUESTED", "PROCESSING", "SUCCESS"]


def test_events_are_listed_by_status_time_and_order_in_pages(datazone_client, make_event):
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


def test_datasets_are_linked_through_jobs(datazone_client, make_event):
    post(datazone_client, make_event())

    job = datazone_client.get_lineage_node(domainIdentifier=DOMAIN, identifier="tests.load")
    source = datazone_client.get_lineage_node(domainIdentifier=DOMAIN, identifier="s3://lake/raw/orders")

    assert [node["id"] for node in job["upstreamNodes"]] == [source["id"]]
    assert [node["id"] for node in source["downstreamNodes"]] == [job["id"]]
    again = datazone_client.get_lineage_node(domainIdentifier=DOMAIN, identifier=job["downstreamNodes"][0]["id"])
    assert again["sourceIdentifier"] == "s3://lake/clean/orders"


def test_a_node_has_a_history_by_event_time(datazone_client, make_event):
    for day in (1, 3, 2):
        inputs = [] if day == 1 else [{"namespace": "s3://lake", "name": "raw"}]
        post(datazone_client, make_event(eventTime=f"2026-01-0{day}T00:00:00Z", inputs=inputs))

    def days(**filters):
        nodes = datazone_client.list_lineage_node_history(domainIdentifier=DOMAIN, identifier="tests.load", **filters)
        return [node["eventTimestamp"].day for node in nodes["nodes"]]

    assert days() == [3, 2, 1]
    assert days(sortOrder="ASCENDING") == [1, 2, 3]
    assert days(direction="UPSTREAM") == [3, 2]
    assert days(eventTimestampGTE=datetime(2026, 1, 2, tzinfo=timezone.utc)) == [3, 2]
    then = datazone_client.get_lineage_node(
        domainIdentifier=DOMAIN, identifier="tests.load", eventTimestamp=datetime(2026, 1, 1, tzinfo=timezone.utc)
    )
    assert then["upstreamNodes"] == []


def test_domains_can_be_made_found_and_listed(datazone_client):
    made = datazone_client.create_domain(name="sales", domainExecutionRole="arn:aws:iam::123456789012:role/execution")

    found = datazone_client.get_domain(identifier=made["id"])

    assert found["name"] == "sales"
    assert found["status"] == "AVAILABLE"
    assert found["portalUrl"].startswith("https://dzd-")
    assert {domain["id"] for domain in datazone_client.list_domains()["items"]} == {DOMAIN, made["id"]}


def test_the_whole_corpus_is_accepted_and_drawn(datazone_client, corpus):
    for event in corpus:
        post(datazone_client, event)

    pages = datazone_client.get_paginator("list_lineage_events").paginate(domainIdentifier=DOMAIN)
    statuses = [item["processingStatus"] for page in pages for item in page["items"]]
    assert statuses == ["SUCCESS"] * len(corpus)


def test_state_survives_a_restart(tmp_path, make_event):
    state = tmp_path / "datazone.sqlite"
    with DataZoneEmulator(state=state, faults=UNLIMITED) as emulator:
        event_id = post(client_of(emulator), make_event())["id"]
    with DataZoneEmulator(state=state, faults=UNLIMITED) as emulator:
        client = client_of(emulator)

        assert client.get_lineage_event(domainIdentifier=DOMAIN, identifier=event_id)["processingStatus"] == "SUCCESS"
        assert client.get_lineage_node(domainIdentifier=DOMAIN, identifier="tests.load")["upstreamNodes"]


@pytest.mark.parametrize(
    ("fault", "error"),
    [("throttle", ("ThrottlingException", 429)), ("server_error", ("InternalServerException", 500))],
)
def test_a_fault_hits_every_post_when_its_share_is_one(make_event, fault, error):
    with DataZoneEmulator(faults=Faults(**{fault: 1.0})) as emulator:
        client = client_of(emulator)

        assert error_of(lambda: post(client, make_event())) == error


def test_an_event_can_be_accepted_and_its_answer_lost(make_event):
    with DataZoneEmulator(faults=Faults(time_out=1.0, time_out_seconds=0.1, processing_seconds=0)) as emulator:
        client = client_of(emulator)

        with pytest.raises(Exception, match=r"[Cc]onnection|[Cc]losed|[Rr]ead"):
            post(client, make_event())

        assert len(client.list_lineage_events(domainIdentifier=DOMAIN)["items"]) == 1


def test_an_accepted_event_can_fail_later_and_draws_nothing(make_event):
    with DataZoneEmulator(faults=Faults(fail=1.0, processing_seconds=0)) as emulator:
        client = client_of(emulator)
        post(client, make_event())

        (item,) = client.list_lineage_events(domainIdentifier=DOMAIN, processingStatus="FAILED")["items"]

        assert item["processingStatus"] == "FAILED"
        identifier = "tests.load"
        call = lambda: client.get_lineage_node(domainIdentifier=DOMAIN, identifier=identifier)  # noqa: E731
        assert error_of(call) == ("ResourceNotFoundException", 404)


def test_faults_follow_from_the_seed_and_can_be_set_while_it_runs(datazone_emulator, datazone_client, make_event):
    def outcomes():
        faults = {"throttle": 0.3, "server_error": 0.2, "rate": "inf", "seed": 7}
        request = urllib.request.Request(
            f"{datazone_emulator.endpoint_url}/_emulator/faults", json.dumps(faults).encode(), method="PUT"
        )
        urllib.request.urlopen(request).read()
        client, seen = client_of(datazone_emulator), []
        for _ in range(30):
            try:
                post(client, make_event())
                seen.append("ok")
            except client.exceptions.ClientError as error:
                seen.append(error.response["Error"]["Code"])
        return seen

    first = outcomes()

    assert first == outcomes()
    assert set(first) == {"ok", "ThrottlingException", "InternalServerException"}


def test_a_wrong_fault_is_named(datazone_emulator):
    request = urllib.request.Request(
        f"{datazone_emulator.endpoint_url}/_emulator/faults", b'{"throttel": 1}', method="PUT"
    )

    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request)

    assert "throttel" in caught.value.read().decode()


def test_requests_are_counted(datazone_emulator, datazone_client, make_event):
    post(datazone_client, make_event())
    datazone_client.list_domains()

    with urllib.request.urlopen(f"{datazone_emulator.endpoint_url}/_emulator/stats") as response:
        assert json.load(response) == {"PostLineageEvent": 1, "accepted": 1, "ListDomains": 1}


def test_openlineages_own_datazone_transport_works_with_it(datazone_emulator, datazone_client):
    pytest.importorskip("openlineage.client.transport.amazon_datazone", reason="the client is too old for it")
    from openlineage.client import OpenLineageClient
    from openlineage.client.event_v2 import Job, Run, RunEvent, RunState
    from openlineage.client.transport import get_default_factory

    transport = get_default_factory().create(
        {"type": "amazon_datazone_api", "domainId": DOMAIN, "endpointOverride": datazone_emulator.endpoint_url}
    )
    event = RunEvent(
        eventType=RunState.COMPLETE,
        eventTime="2026-01-02T03:04:05Z",
        run=Run(runId="0191c0de-0000-7000-8000-000000000001"),
        job=Job(namespace="tests", name="load"),
        producer="https://example.com",
    )

    OpenLineageClient(transport=transport).emit(event)

    assert datazone_client.get_lineage_node(domainIdentifier=DOMAIN, identifier="tests.load")["name"] == "load"
