"""The transport follows the SDK's own rules: compared with what boto3 does in the same environment."""

from __future__ import annotations

import boto3
import pytest

from airflow_provider_dzlineage.errors import ConfigurationError
from airflow_provider_dzlineage.transports.sdk_session import LightSession, botocore_session
from airflow_provider_dzlineage.transports.sqs import SqsConfig
from airflow_provider_dzlineage.transports.sqs_sender import queue_session

URL = "https://sqs.us-east-1.amazonaws.com/123456789012/openlineage"

CONFIG_FILE = """
[default]
region = eu-central-1
services = local

[profile keys]
region = ap-south-1
aws_access_key_id = profile-key
aws_secret_access_key = profile-secret
endpoint_url = http://profile.example:1

[services local]
sqs =
  endpoint_url = http://services.example:1
"""


def session_of_queue(config):
    return queue_session(config.queue_url, config)


@pytest.fixture
def config_file(tmp_path, monkeypatch):
    def write(text):
        path = tmp_path / "config"
        path.write_text(text)
        monkeypatch.setenv("AWS_CONFIG_FILE", str(path))

    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    return write


@pytest.mark.parametrize("with_file", [False, True])
@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"AWS_ENDPOINT_URL": "http://global.example:1"},
        {"AWS_ENDPOINT_URL_SQS": "http://sqs.example:1", "AWS_ENDPOINT_URL": "http://global.example:1"},
        {"AWS_ENDPOINT_URL": "http://global.example:1", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"},
        {"AWS_SESSION_TOKEN": "token"},
        {"AWS_CA_BUNDLE": "bundle.pem"},
    ],
    ids=lambda variables: "+".join(variables) or "nothing",
)
def test_endpoint_and_credentials_are_those_of_boto3(config_file, monkeypatch, variables, with_file):
    if with_file:
        config_file(CONFIG_FILE)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    ours = session_of_queue(SqsConfig(queue_url=URL))

    session = boto3.Session()
    theirs = session.client("sqs", region_name="us-east-1", verify=False)
    assert ours.endpoint == theirs.meta.endpoint_url
    assert ours.credentials.get_frozen_credentials() == session.get_credentials().get_frozen_credentials()
    assert ours.verify == variables.get("AWS_CA_BUNDLE", True)


@pytest.mark.parametrize("how", ["option", "variable"])
def test_a_profile_gives_credentials_and_endpoint(config_file, monkeypatch, how):
    config_file(CONFIG_FILE)
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    if how == "variable":
        monkeypatch.setenv("AWS_PROFILE", "keys")

    ours = session_of_queue(SqsConfig(queue_url=URL, profile_name="keys" if how == "option" else None))

    assert ours.credentials.get_frozen_credentials().access_key == "profile-key"
    assert ours.endpoint == "http://profile.example:1"


def test_a_profile_that_is_not_there_is_named(config_file):
    config_file(CONFIG_FILE)

    with pytest.raises(ConfigurationError, match="absent"):
        session_of_queue(SqsConfig(queue_url=URL, profile_name="absent"))


@pytest.mark.parametrize(
    ("config", "region"),
    [
        (SqsConfig(queue_url=URL, region_name="sa-east-1"), "sa-east-1"),
        (SqsConfig(queue_url="https://sqs.cn-north-1.amazonaws.com.cn/1/q"), "cn-north-1"),
        (SqsConfig(queue_url="http://127.0.0.1:4566/000000000000/q"), "us-east-1"),
    ],
)
def test_the_region_is_the_option_else_the_urls_else_the_sdks(config_file, config, region):
    assert session_of_queue(config).region == region


def test_an_unknown_region_is_named(config_file, monkeypatch):
    monkeypatch.delenv("AWS_DEFAULT_REGION")

    with pytest.raises(ConfigurationError, match="'region_name'"):
        session_of_queue(SqsConfig(queue_url="http://127.0.0.1:4566/000000000000/q"))


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        (URL, "https://sqs.us-east-1.amazonaws.com"),
        ("https://eu-west-1.queue.amazonaws.com/1/q", "https://sqs.eu-west-1.amazonaws.com"),
        ("https://queue.amazonaws.com/1/q", "https://sqs.us-east-1.amazonaws.com"),
        ("https://cn-north-1.queue.amazonaws.com.cn/1/q", "https://sqs.cn-north-1.amazonaws.com.cn"),
        (
            "https://vpce-1.sqs.us-east-1.vpce.amazonaws.com/1/q",
            "https://vpce-1.sqs.us-east-1.vpce.amazonaws.com",
        ),
    ],
)
def test_without_configuration_the_endpoint_is_the_urls_host(config_file, url, endpoint):
    assert session_of_queue(SqsConfig(queue_url=url)).endpoint == endpoint


def test_without_files_and_profiles_the_session_is_the_light_one(config_file, monkeypatch):
    assert isinstance(botocore_session(None, request_seconds=2.5), LightSession)
    monkeypatch.setenv("AWS_PROFILE", "keys")
    assert not isinstance(botocore_session(None, request_seconds=2.5), LightSession)
    monkeypatch.delenv("AWS_PROFILE")
    config_file(CONFIG_FILE)
    assert not isinstance(botocore_session(None, request_seconds=2.5), LightSession)


def test_proxies_are_those_of_the_environment(config_file, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")

    assert session_of_queue(SqsConfig(queue_url=URL)).proxies["https"] == "http://proxy.example:3128"
