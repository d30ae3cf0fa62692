"""Every failure says what to do, and shows no password."""

from __future__ import annotations

import threading
import time

import boto3
import pytest
from botocore.exceptions import (
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    ProfileNotFound,
    ReadTimeoutError,
)

from airflow_provider_dzlineage.catalog.client import CLIENT_CONFIG, Catalog, catalog_error
from airflow_provider_dzlineage.cli.clients import catalog_of, queue_of
from airflow_provider_dzlineage.doctor.domain_checks import check_domain
from airflow_provider_dzlineage.doctor.examination import examine
from airflow_provider_dzlineage.doctor.finding import failure_of, passed
from airflow_provider_dzlineage.doctor.queue_checks import check_queue
from airflow_provider_dzlineage.doctor.settings_checks import check_settings
from airflow_provider_dzlineage.errors import ConfigurationError, ThrottledError, UnavailableError
from airflow_provider_dzlineage.settings import Settings

QUEUE_URL = "https://sqs.eu-west-1.amazonaws.com/123456789012/openlineage"


def fix_of(error):
    return failure_of("x", error).fix


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (EndpointConnectionError(endpoint_url="https://x"), "network"),
        (ReadTimeoutError(endpoint_url="https://x"), "network"),
        (NoCredentialsError(), "role, a profile or keys"),
    ],
)
def test_what_keeps_a_request_from_datazone_has_a_fix(error, words):
    assert words in fix_of(catalog_error(error, "GetDomain"))


def test_what_passes_is_to_be_tried_again():
    assert "in a minute" in fix_of(ThrottledError("GetDomain: Throttling", "Throttling"))
    assert "in some minutes" in fix_of(UnavailableError("GetDomain: 500", "InternalServerException"))


def test_an_absent_region_has_a_fix(monkeypatch):
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    with pytest.raises(ConfigurationError) as caught:
        catalog_of(Settings(domain_id="dzd_1"), CLIENT_CONFIG)

    assert "AWS_DEFAULT_REGION" in fix_of(caught.value)


def test_an_absent_profile_has_a_fix(monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "absent")
    with pytest.raises(ConfigurationError) as caught:
        queue_of(Settings(queue_url=QUEUE_URL))

    assert "AWS_PROFILE" in fix_of(caught.value)


@pytest.mark.parametrize("error", [NoRegionError(), ProfileNotFound(profile="x")])
def test_what_a_client_raises_itself_is_no_bug_of_ours(error):
    (finding,) = examine({"queue": lambda: (_ for _ in ()).throw(error)})

    assert "bug" not in finding.fix
    assert "AWS_" in finding.fix


def test_what_the_text_says_to_do_comes_first():
    assert fix_of(ConfigurationError("x", fix="do y")) == "do y"


def test_services_that_hang_are_given_up_together():
    go = threading.Event()
    started = time.monotonic()
    hanging = {str(number): lambda: go.wait(10) and [] for number in range(4)}

    findings = list(examine(hanging | {"fine": lambda: [passed("fine")]}, seconds=1))
    go.set()

    assert time.monotonic() - started < 3
    assert [finding.verdict.value for finding in findings] == ["fail"] * 4 + ["pass"]


@pytest.mark.integration
def test_what_follows_from_a_queues_settings_is_no_fix(make_queue):
    findings = list(check_queue(make_queue(VisibilityTimeout="5", MessageRetentionPeriod="60"), None))
    told = {
        finding.detail.partition(":")[0]: finding.fix for finding in findings if finding.check == "queue's settings"
    }

    assert told["There is no dead-letter queue"].startswith("create one")
    assert "VisibilityTimeout" in told["The queue's visibility time-out is 5 s"]
    assert "MessageRetentionPeriod" in told["The queue's retention is 60 s"]


@pytest.mark.integration
def test_a_role_that_may_not_read_events_is_warned(datazone_client, monkeypatch):
    catalog = Catalog(datazone_client, "dzd_local")
    assert "permission to read events" not in {finding.check for finding in check_domain(catalog)}

    denied = boto3.client("datazone", endpoint_url="http://127.0.0.1:9", config=CLIENT_CONFIG)
    error = denied.exceptions.AccessDeniedException({"Error": {"Code": "AccessDeniedException"}}, "GetLineageEvent")

    def deny(_):
        raise catalog_error(error, "GetLineageEvent")

    monkeypatch.setattr(catalog, "get_event", deny)
    (finding,) = [each for each in check_domain(catalog) if each.check == "permission to read events"]
    assert (finding.verdict.value, "datazone:GetLineageEvent" in finding.detail) == ("warn", True)


@pytest.mark.parametrize(
    ("settings", "environment", "check", "verdict"),
    [
        ({}, {"AWS_DEFAULT_REGION": "us-east-1"}, "Regions", "warn"),
        ({}, {"AWS_REGION": "us-east-1"}, "Regions", "warn"),
        ({}, {"AWS_DEFAULT_REGION": "eu-west-1", "AWS_REGION": "us-east-1"}, "Regions", None),
        ({}, {}, "Regions", None),
        ({"domain_region_name": "eu-west-1"}, {"AWS_DEFAULT_REGION": "us-east-1"}, "Regions", None),
        (
            {"dead_letter_queue_url": QUEUE_URL.replace("eu-west-1", "us-east-1")},
            {},
            "Region of the dead-letter queue",
            "fail",
        ),
        ({"dead_letter_queue_url": f"{QUEUE_URL}-dead"}, {}, "Region of the dead-letter queue", None),
    ],
)
def test_regions_that_do_not_agree(settings, environment, check, verdict):
    found = check_settings(Settings(queue_url=QUEUE_URL, domain_id="dzd_1", **settings), {}, environment)

    assert {finding.check: finding.verdict.value for finding in found}.get(check) == verdict


@pytest.mark.parametrize(
    "url", [QUEUE_URL, f"{QUEUE_URL}/", "https://eu-west-1.queue.amazonaws.com/123456789012/openlineage"]
)
def test_a_queue_is_not_its_own_dead_letter_queue(url):
    found = check_settings(Settings(queue_url=QUEUE_URL, domain_id="dzd_1", dead_letter_queue_url=url), {}, {})

    assert {each.check for each in found if each.verdict.value == "fail"} == {"setting dead_letter_queue_url"}


@pytest.mark.parametrize("password", ["geheim", "ge@geheim"])
def test_a_password_in_the_url_of_the_queue_is_blotted_out(password):
    url = QUEUE_URL.replace("https://", f"https://user:{password}@")
    findings = list(check_settings(Settings(queue_url=url, domain_id="dzd_1"), {}))

    assert "geheim" not in repr(findings)
    assert "https://***@sqs.eu-west-1" in repr(findings)
