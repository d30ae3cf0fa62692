"""Quota, processing, faults on demand and the admin routes, through unmodified boto3."""

from __future__ import annotations

import json
import urllib.request

import boto3
import pytest

from airflow_provider_dzlineage.local.datazone import DataZoneEmulator, Faults
from tests.fixtures.waiting import eventually

DOMAIN = "dzd_local"


def test_the_quota_is_that_of_an_account_and_region(make_event, post, client_of):
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


def test_processing_takes_its_time(make_event, post, client_of):
    with DataZoneEmulator(faults=Faults(processing_seconds=1.0)) as emulator:
        client = client_of(emulator)
        event_id = post(client, make_event())["id"]
        seen = []

        def is_processed():
            status = client.get_lineage_event(domainIdentifier=DOMAIN, identifier=event_id)["processingStatus"]
            seen.extend([status] if status not in seen else [])
            return status == "SUCCESS"

        eventually(is_processed)
        assert seen == ["REQUESTED", "PROCESSING", "SUCCESS"]


@pytest.mark.parametrize(
    ("fault", "error"),
    [("throttle", ("ThrottlingException", 429)), ("server_error", ("InternalServerException", 500))],
)
def test_a_fault_hits_every_post_when_its_share_is_one(make_event, fault, error, post, client_of, error_of):
    with DataZoneEmulator(faults=Faults(**{fault: 1.0})) as emulator:
        client = client_of(emulator)

        assert error_of(lambda: post(client, make_event())) == error


def test_an_event_can_be_accepted_and_its_answer_lost(make_event, post, client_of):
    with DataZoneEmulator(faults=Faults(time_out=1.0, time_out_seconds=0.1, processing_seconds=0)) as emulator:
        client = client_of(emulator)

        with pytest.raises(Exception, match=r"[Cc]onnection|[Cc]losed|[Rr]ead"):
            post(client, make_event())

        assert len(client.list_lineage_events(domainIdentifier=DOMAIN)["items"]) == 1


def test_an_accepted_event_can_fail_later_and_draws_nothing(make_event, post, client_of, error_of):
    with DataZoneEmulator(faults=Faults(fail=1.0, processing_seconds=0)) as emulator:
        client = client_of(emulator)
        post(client, make_event())

        (item,) = client.list_lineage_events(domainIdentifier=DOMAIN, processingStatus="FAILED")["items"]

        assert item["processingStatus"] == "FAILED"
        identifier = "tests.load"
        call = lambda: client.get_lineage_node(domainIdentifier=DOMAIN, identifier=identifier)  # noqa: E731
        assert error_of(call) == ("ResourceNotFoundException", 404)


def test_faults_follow_from_the_seed_and_can_be_set_while_it_runs(
    datazone_emulator, datazone_client, make_event, post, client_of
):
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


def test_requests_are_counted(datazone_emulator, datazone_client, make_event, post):
    post(datazone_client, make_event())
    datazone_client.list_domains()

    with urllib.request.urlopen(f"{datazone_emulator.endpoint_url}/_emulator/stats") as response:
        assert json.load(response) == {"PostLineageEvent": 1, "accepted": 1, "ListDomains": 1}
