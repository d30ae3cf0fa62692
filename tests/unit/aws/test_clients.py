"""boto3 clients, and what their errors say to set."""

from __future__ import annotations

import pytest
from botocore.config import Config

from airflow_provider_dzlineage.aws.clients import boto3_client
from airflow_provider_dzlineage.errors import ConfigurationError


@pytest.fixture(autouse=True)
def _no_profile(monkeypatch):
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")


def test_the_region_wins_over_the_environment(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")

    assert boto3_client("sqs", None, Config()).meta.region_name == "eu-west-1"
    assert boto3_client("sqs", "us-east-2", Config()).meta.region_name == "us-east-2"


def test_a_datazone_client_has_the_operations_of_lineage():
    client = boto3_client("datazone", "us-east-1", Config())

    assert {"PostLineageEvent", "GetLineageNode"} <= set(client.meta.service_model.operation_names)


@pytest.mark.parametrize(("service", "setting"), [("sqs", "'region_name'"), ("datazone", "'domain_region_name'")])
def test_without_a_region_the_setting_for_it_is_named(service, setting, monkeypatch):
    monkeypatch.delenv("AWS_DEFAULT_REGION")

    with pytest.raises(ConfigurationError) as caught:
        boto3_client(service, None, Config())

    assert caught.value.message == "the Region is not known"
    assert setting in caught.value.fix


def test_an_endpoint_url_that_is_none_is_a_wrong_configuration(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", "nonsense")

    with pytest.raises(ConfigurationError, match="no client for sqs"):
        boto3_client("sqs", "us-east-1", Config())
