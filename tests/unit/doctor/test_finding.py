"""Every failure says what to do about it."""

from __future__ import annotations

import pytest
from botocore.exceptions import (
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)

from airflow_provider_dzlineage.buffer.queue import queue_of
from airflow_provider_dzlineage.catalog.client import CLIENT_CONFIG, catalog_error, catalog_of
from airflow_provider_dzlineage.doctor.finding import failed_with
from airflow_provider_dzlineage.errors import (
    ConfigurationError,
    ThrottledError,
    UnavailableError,
)
from airflow_provider_dzlineage.settings.site import Settings

QUEUE_URL = "https://sqs.eu-west-1.amazonaws.com/123456789012/openlineage"


def fix_of(error):
    return failed_with("x", error).fix


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


def test_what_the_text_says_to_do_comes_first():
    assert fix_of(ConfigurationError("x", fix="do y")) == "do y"
