"""An emission ends in time when DataZone, a look-up or the source of credentials cannot be reached."""

from __future__ import annotations

import pytest
from openlineage.client.event_v2 import Dataset

from airflow_provider_dzlineage.errors import DzLineageError

ROLE = "arn:aws:iam::000000000000:role/sender"
TIMEOUT_SECONDS = 2.0
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
def failure(transport, ol_event, lines, in_time):
    """Emit an event that cannot be posted; return the log line."""

    def emit(endpoint, *, inputs=(), **options):
        config = {"type": DIRECT, "domain_id": "dzd_local", "endpoint_url": endpoint, "timeout": TIMEOUT_SECONDS}
        used, event = transport(**config, **options), ol_event()
        event.inputs += inputs
        with pytest.raises(DzLineageError):
            in_time(lambda: used.emit(event))
        (line,) = lines()
        return line

    return emit


@pytest.mark.parametrize("host", ["silent", "full", "closed", "unknown"])
def test_emit_ends_within_the_time_out(failure, hosts, host):
    line = failure(hosts[host])

    assert "COMPLETE of tests.load, run 0191c0de-0000-7000-8000-000000000001: DataZone cannot be reached: " in line


@pytest.mark.parametrize("sts", ["silent", "full", "closed"])
def test_a_role_that_cannot_be_assumed_takes_no_longer(failure, hosts, monkeypatch, sts):
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", hosts[sts])

    line = failure("http://127.0.0.1:9", role_arn=ROLE)

    assert "cannot get AWS credentials" in line


@pytest.mark.parametrize("redshift", ["silent", "full", "closed"])
def test_a_look_up_that_is_not_answered_takes_no_longer_and_nothing_is_guessed(
    failure, answering, hosts, monkeypatch, redshift
):
    datazone, url = answering((200, {"id": "a"}))
    for service in ("REDSHIFT", "REDSHIFT_SERVERLESS"):
        monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", hosts[redshift])

    line = failure(
        url.removesuffix("/000000000000/q"), inputs=[Dataset("redshift://analytics.eu-west-1:5439", "dev.public.t")]
    )

    assert "DescribeClusters" in line
    assert datazone.calls == 0
