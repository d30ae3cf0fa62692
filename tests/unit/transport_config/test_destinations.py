"""What can be said about a destination, and what is refused with an example."""

from __future__ import annotations

import pytest

from airflow_provider_dzlineage.errors import ConfigurationError
from airflow_provider_dzlineage.transport_config import (
    DataZone,
    Http,
    KeyFromSecret,
    KeyFromVariable,
    KeyInClear,
    Sqs,
    transport,
)
from airflow_provider_dzlineage.transport_config.python_client import DATAZONE_TRANSPORT, SQS_TRANSPORT
from airflow_provider_dzlineage.transports.datazone import DataZoneTransport
from airflow_provider_dzlineage.transports.sqs import SqsTransport


@pytest.mark.parametrize(
    "make",
    [
        lambda: Sqs(queue_url="lineage"),
        lambda: Http(url="lineage.example.com"),
        lambda: Http(url="ftp://lineage.example.com"),
        lambda: Http(url="https://lineage.example.com?api_key=k"),
        lambda: Http(url="https://user@lineage.example.com"),
        lambda: Http(url="https://[lineage.example.com"),
        lambda: Http(url="https://lineage.example.com:abc"),
        lambda: Http(url="https://lineage.example.com:99999"),
        lambda: Http(url="https://lineage.example.com", timeout=0),
        lambda: Http(url="https://lineage.example.com", timeout=float("inf")),
        lambda: Http(url="https://lineage.example.com", timeout=float("nan")),
        lambda: DataZone(domain_id="my-domain"),
        lambda: KeyFromVariable("not a name"),
        lambda: KeyFromVariable("K; rm"),
        lambda: KeyFromSecret("a secret"),
        lambda: KeyFromSecret("x'); import os; ('"),
        lambda: KeyInClear("Bearer k"),
        lambda: KeyInClear(""),
        lambda: KeyInClear("${K}"),
    ],
)
def test_what_cannot_be_meant_is_refused(make):
    with pytest.raises(ConfigurationError):
        make()


def test_the_names_of_our_transports_are_right():
    assert f"{SqsTransport.__module__}.{SqsTransport.__qualname__}" == SQS_TRANSPORT
    assert f"{DataZoneTransport.__module__}.{DataZoneTransport.__qualname__}" == DATAZONE_TRANSPORT


def test_only_what_was_said_is_written():
    assert transport(Http(url="https://h", gzip=False)) == {
        "type": "http",
        "url": "https://h",
        "endpoint": "api/v1/lineage",
    }
    assert transport(DataZone(domain_id="dzd_x", region_name="eu-west-1", native=True)) == {
        "type": "amazon_datazone_api",
        "domainId": "dzd_x",
        "region": "eu-west-1",
    }
