"""An emission ends in time when SQS or the source of credentials cannot be reached."""

from __future__ import annotations

import logging
import socket

import pytest

from airflow_provider_dzlineage.errors import QueueError

ROLE = "arn:aws:iam::000000000000:role/sender"
TIMEOUT_SECONDS = 2.0


@pytest.fixture
def failure(transport, ol_event, in_time):
    """Emit to an endpoint that cannot take the event; return the error."""

    def emit(endpoint, **options):
        used = transport(queue_url=f"{endpoint}/000000000000/q", timeout=TIMEOUT_SECONDS, **options)
        with pytest.raises(QueueError) as caught:
            in_time(lambda: used.emit(ol_event()))
        return str(caught.value)

    return emit


@pytest.mark.parametrize("host", ["silent", "full", "closed", "unknown"])
def test_emit_ends_within_the_time_out(failure, silent_server, full_server, host):
    endpoint = {
        "silent": silent_server,
        "full": full_server,
        "closed": "http://127.0.0.1:9",
        "unknown": "http://sqs.invalid",
    }[host]

    error = failure(endpoint)

    assert error.startswith(f"SendMessage on {endpoint}")


def test_the_addresses_of_a_host_share_the_time_out(failure, full_server, monkeypatch):
    resolve = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: resolve(*args, **options) * 6)

    assert "Connect timeout" in failure(full_server)


@pytest.mark.parametrize("sts", ["silent", "full", "closed"])
def test_a_role_that_cannot_be_assumed_takes_no_longer(failure, silent_server, full_server, monkeypatch, sts):
    endpoints = {"silent": silent_server, "full": full_server, "closed": "http://127.0.0.1:9"}
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", endpoints[sts])

    error = failure("http://127.0.0.1:9", role_arn=ROLE)

    assert "cannot get AWS credentials" in error


def test_a_web_identity_that_cannot_be_used_takes_no_longer(failure, silent_server, monkeypatch, tmp_path):
    (tmp_path / "token").write_text("token")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(tmp_path / "token"))
    monkeypatch.setenv("AWS_ROLE_ARN", ROLE)
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", silent_server)

    error = failure("http://127.0.0.1:9")

    assert "cannot get AWS credentials" in error


def test_what_is_lost_is_one_line_with_the_reason(transport, ol_event, caplog):
    with pytest.raises(QueueError), caplog.at_level(logging.WARNING):
        transport(queue_url="http://127.0.0.1:9/000000000000/q", timeout=0.5).emit(ol_event())

    (record,) = [record for record in caplog.records if "dzlineage" in record.name]
    assert "COMPLETE of tests.load, run 0191c0de-0000-7000-8000-000000000001" in record.getMessage()
    assert "Could not connect" in record.getMessage()
