"""What an emission does, and how long it takes, when DataZone, a look-up or the credentials cannot be reached."""

from __future__ import annotations

import time

import pytest
from openlineage.client.event_v2 import Dataset

from airflow_provider_dzlineage.errors import DzLineageError

ROLE = "arn:aws:iam::000000000000:role/sender"
TIMEOUT_SECONDS = 2.0
# What the rest of an emission may take on a busy machine: imports and reading the SDK's files.
SLACK_SECONDS = 4.0
DIRECT = "airflow_provider_dzlineage.transports.datazone.DataZoneTransport"


@pytest.fixture
def hosts(silent_server, full_server):
    return {
        "silent": silent_server,
        "full": full_server,
        "closed": "http://127.0.0.1:9",
        "unknown": "http://datazone.invalid",
    }


@pytest.fixture
def emission_seconds(transport, ol_event, lines):
    """Emit an event that cannot be posted; return the log line and the seconds."""

    def emit(endpoint, *, inputs=(), **options):
        config = {"type": DIRECT, "domain_id": "dzd_local", "endpoint_url": endpoint, "timeout": TIMEOUT_SECONDS}
        event = ol_event()
        event.inputs += inputs
        start = time.monotonic()
        with pytest.raises(DzLineageError):
            transport(**config, **options).emit(event)
        seconds = time.monotonic() - start
        (line,) = lines()
        return line, seconds

    return emit


@pytest.mark.parametrize("host", ["silent", "full", "closed", "unknown"])
def test_emit_ends_within_the_time_out(emission_seconds, hosts, host):
    line, seconds = emission_seconds(hosts[host])

    assert "COMPLETE of tests.load, run 0191c0de-0000-7000-8000-000000000001: DataZone cannot be reached: " in line
    assert seconds < TIMEOUT_SECONDS + SLACK_SECONDS


@pytest.mark.parametrize("sts", ["silent", "full", "closed"])
def test_a_role_that_cannot_be_assumed_takes_no_longer(emission_seconds, hosts, monkeypatch, sts):
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", hosts[sts])

    line, seconds = emission_seconds("http://127.0.0.1:9", role_arn=ROLE)

    assert "cannot get AWS credentials" in line
    assert seconds < TIMEOUT_SECONDS + SLACK_SECONDS


@pytest.mark.parametrize("redshift", ["silent", "full", "closed"])
def test_a_look_up_that_is_not_answered_takes_no_longer_and_nothing_is_guessed(
    emission_seconds, answering, hosts, monkeypatch, redshift
):
    datazone, url = answering((200, {"id": "a"}))
    for service in ("REDSHIFT", "REDSHIFT_SERVERLESS"):
        monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", hosts[redshift])

    line, seconds = emission_seconds(
        url.removesuffix("/000000000000/q"), inputs=[Dataset("redshift://analytics.eu-west-1:5439", "dev.public.t")]
    )

    assert "DescribeClusters" in line
    assert seconds < TIMEOUT_SECONDS + SLACK_SECONDS
    assert datazone.calls == 0
