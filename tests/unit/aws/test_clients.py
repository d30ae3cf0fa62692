"""Clients share a user agent, one place for their Region, and errors that say what to set."""

from __future__ import annotations

import pytest

from airflow_provider_dzlineage import __version__
from airflow_provider_dzlineage.aws.clients import client_config, make_client
from airflow_provider_dzlineage.errors import ConfigurationError


@pytest.fixture
def _no_region(monkeypatch, tmp_path):
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))


def test_what_is_configured_is_what_the_client_does():
    config = client_config(connect_seconds=2, read_seconds=7, attempts=3, connections=4, validates_parameters=False)

    client = make_client("sqs", "eu-west-1", config)

    assert client.meta.region_name == "eu-west-1"
    assert (client.meta.config.connect_timeout, client.meta.config.read_timeout) == (2, 7)
    assert client.meta.config.retries["total_max_attempts"] == 3
    assert client.meta.config.max_pool_connections == 4
    assert client.meta.config.user_agent == f"airflow-provider-dzlineage/{__version__}"


def test_the_region_wins_over_the_environment(monkeypatch):
    config = client_config(connect_seconds=2, read_seconds=7)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")

    assert make_client("sqs", None, config).meta.region_name == "eu-west-1"
    assert make_client("sqs", "us-east-2", config).meta.region_name == "us-east-2"


def test_without_more_a_request_is_sent_once():
    config = client_config(connect_seconds=2, read_seconds=7)

    assert make_client("sqs", None, config).meta.config.retries["total_max_attempts"] == 1


def test_a_client_of_datazone_knows_every_lineage_operation():
    client = make_client("datazone", "eu-west-1", client_config(connect_seconds=2, read_seconds=7))

    assert {"PostLineageEvent", "ListLineageEvents", "GetLineageEvent", "GetLineageNode"} <= set(
        client.meta.method_to_api_mapping.values()
    )


@pytest.mark.usefixtures("_no_region")
@pytest.mark.parametrize(
    ("service", "words"),
    [
        ("sqs", "set 'region_name', AWS_DEFAULT"),
        ("datazone", "set 'domain_region_name', AWS_DEFAULT"),
        ("secretsmanager", "set AWS_DEFAULT"),
    ],
)
def test_a_missing_region_names_where_it_is_set(service, words):
    with pytest.raises(ConfigurationError, match="the Region is not known") as caught:
        make_client(service, None, client_config(connect_seconds=2, read_seconds=7))

    assert caught.value.message == "the Region is not known"
    assert words in caught.value.fix


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [("AWS_PROFILE", "absent", "absent"), ("AWS_ENDPOINT_URL", "no url", "no url")],
)
def test_a_wrong_environment_is_a_configuration_error(monkeypatch, variable, value, words):
    monkeypatch.setenv(variable, value)

    with pytest.raises(ConfigurationError, match=f"no client for sqs: .*{words}"):
        make_client("sqs", "eu-west-1", client_config(connect_seconds=2, read_seconds=7))


def test_a_password_in_an_endpoint_is_masked(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://user:SECRET@ho st")

    with pytest.raises(ConfigurationError) as caught:
        make_client("sqs", "eu-west-1", client_config(connect_seconds=2, read_seconds=7))

    assert "SECRET" not in str(caught.value)
