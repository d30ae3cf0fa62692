"""Credentials that STS gives, from a real STS over HTTP."""

from __future__ import annotations

import pytest

from airflow_provider_dzlineage.transports.sqs import SqsConfig
from airflow_provider_dzlineage.transports.sqs_sender import queue_session

URL = "https://sqs.us-east-1.amazonaws.com/123456789012/openlineage"
ROLE = "arn:aws:iam::000000000000:role/sender"


@pytest.fixture
def config_file(tmp_path, monkeypatch):
    """Write the SDK's configuration file; there is none before."""
    path = tmp_path / "config"
    monkeypatch.setenv("AWS_CONFIG_FILE", str(path))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    return path.write_text


def session_of_queue(**options):
    return queue_session(URL, SqsConfig(queue_url=URL, timeout=60, **options))


def test_a_role_is_assumed_with_the_source_credentials(config_file, ministack, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", ministack.endpoint_url)

    ours = session_of_queue(role_arn=ROLE)

    credentials = ours.credentials.get_frozen_credentials()
    assert credentials.token
    assert credentials.access_key != "test"


@pytest.mark.parametrize("with_file", [False, True])
def test_a_role_is_assumed_in_the_queues_region(config_file, ministack, monkeypatch, with_file):
    if with_file:
        config_file("[default]\nmax_attempts = 3\n")
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", ministack.endpoint_url)

    ours = session_of_queue(role_arn=ROLE)

    assert ours.credentials.get_frozen_credentials().token


def test_a_web_identity_gives_credentials(config_file, ministack, monkeypatch, tmp_path):
    (tmp_path / "token").write_text("token")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(tmp_path / "token"))
    monkeypatch.setenv("AWS_ROLE_ARN", "arn:aws:iam::000000000000:role/sender")
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", ministack.endpoint_url)

    assert session_of_queue().credentials.get_frozen_credentials().token
