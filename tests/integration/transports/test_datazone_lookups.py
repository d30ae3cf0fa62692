"""The clients for look-ups, against a server that answers as Redshift does."""

from __future__ import annotations

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from airflow_provider_dzlineage.aws.deadline import Deadline
from airflow_provider_dzlineage.transports.datazone import DataZoneConfig
from airflow_provider_dzlineage.transports.datazone_sender import DataZoneSender

ROLE = "arn:aws:iam::000000000000:role/sender"
CLUSTERS = (
    200,
    b"<DescribeClustersResponse><DescribeClustersResult><Clusters><Cluster>"
    b"<ClusterIdentifier>analytics</ClusterIdentifier>"
    b"</Cluster></Clusters></DescribeClustersResult></DescribeClustersResponse>",
)
THROTTLED = (400, b"<ErrorResponse><Error><Code>Throttling</Code><Message>slow</Message></Error></ErrorResponse>")


@pytest.fixture
def redshift(monkeypatch, answering):
    """Make a client and the server that it talks to."""

    def make(*answers, **config):
        server, _ = answering(*answers)
        monkeypatch.setenv("AWS_ENDPOINT_URL_REDSHIFT", f"http://127.0.0.1:{server.server_port}")
        options = DataZoneConfig.from_dict({"domain_id": "dzd_local", "region_name": "eu-west-1", **config})
        sender = DataZoneSender(options.settings, options)
        sender.deadline = Deadline(10)
        return sender, sender.lookup_client("redshift", "eu-west-1"), server

    return make


def test_a_look_up_is_answered(redshift):
    _, client, server = redshift(CLUSTERS)

    assert client.describe_clusters()["Clusters"][0]["ClusterIdentifier"] == "analytics"
    assert "/eu-west-1/redshift/aws4_request" in server.headers[0]["Authorization"]


def test_it_is_made_in_the_transports_own_role(redshift, ministack, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", ministack.endpoint_url)
    _, client, server = redshift(CLUSTERS, role_arn=ROLE, timeout=60)

    client.describe_clusters()

    assert "Credential=test/" not in server.headers[0]["Authorization"]
    assert server.headers[0]["X-Amz-Security-Token"]


def test_a_throttle_is_not_waited_for(redshift):
    _, client, server = redshift(THROTTLED)

    with pytest.raises(ClientError, match="Throttling"):
        client.describe_clusters()

    assert server.calls == 1


def test_when_the_time_is_up_nothing_is_sent(redshift):
    sender, client, server = redshift(CLUSTERS)
    sender.deadline = Deadline(0)

    with pytest.raises(BotoCoreError):
        client.describe_clusters()

    assert server.calls == 0


def test_the_next_emission_has_its_own_time(redshift):
    sender, client, server = redshift(CLUSTERS)
    sender.deadline = Deadline(0)
    with pytest.raises(BotoCoreError):
        client.describe_clusters()

    sender.deadline = Deadline(5)
    client.describe_clusters()

    assert server.calls == 1
