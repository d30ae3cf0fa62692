"""The ways in which the OpenLineage client is told of a transport, as dbt and scripts use them."""

from __future__ import annotations

import json

import pytest
from openlineage.client import OpenLineageClient

DATAZONE = "airflow_provider_dzlineage.transports.datazone.DataZoneTransport"
SQS = "airflow_provider_dzlineage.transports.sqs.SqsTransport"

ALONE = """
transport:
  type: {datazone}
  domain_id: dzd_local
  region_name: us-east-1
  endpoint_url: {url}
  account_id: 123456789012
  exclude_jobs: [scratch.*]
  facets:
    drop: [debug]
"""
WITH_FALLBACK = """
transport:
  type: composite
  continue_on_failure: true
  continue_on_success: false
  transports:
    catalog:
      type: {datazone}
      domain_id: dzd_local
      endpoint_url: {url}
      timeout: 3
    buffer:
      type: {sqs}
      queue_url: {queue_url}
"""


@pytest.mark.parametrize("text", [ALONE, WITH_FALLBACK], ids=["alone", "with a fallback"])
def test_a_file(tmp_path, monkeypatch, datazone_emulator, make_queue, posted, ol_event, text):
    path = tmp_path / "openlineage.yml"
    queue_url = make_queue().url
    path.write_text(text.format(datazone=DATAZONE, sqs=SQS, url=datazone_emulator.endpoint_url, queue_url=queue_url))
    monkeypatch.setenv("OPENLINEAGE_CONFIG", str(path))

    OpenLineageClient().emit(ol_event())

    assert len(posted()) == 1


def test_environment_variables(monkeypatch, datazone_emulator, posted, ol_event):
    variables = {
        "TYPE": DATAZONE,
        "DOMAIN_ID": "dzd_local",
        "ENDPOINT_URL": datazone_emulator.endpoint_url,
        "TIMEOUT": "3",
        "ACCOUNT_ID": "123456789012",
        "SKIP_EMPTY": "false",
        "EXCLUDE_JOBS": '["scratch.*"]',
        "FACETS__DROP": '["debug"]',
        "REDSHIFT": '{"analytics.eu-west-1": {"account": "123456789012", "kind": "provisioned", "name": "analytics"}}',
    }
    for name, value in variables.items():
        monkeypatch.setenv(f"OPENLINEAGE__TRANSPORT__{name}", value)

    client = OpenLineageClient()
    client.emit(ol_event())

    assert len(posted()) == 1
    config = client.transport.config
    assert (config.timeout, config.settings.account_id, config.settings.skip_empty) == (3.0, "123456789012", False)
    assert config.settings.facets == {"drop": ["debug"]}


@pytest.mark.parametrize("as_one", [True, False], ids=["one variable", "a variable for each key"])
def test_environment_variables_of_a_composite_transport(
    monkeypatch, datazone_emulator, make_queue, posted, ol_event, as_one
):
    queue = make_queue()
    catalog = {"type": DATAZONE, "domain_id": "dzd_local", "endpoint_url": datazone_emulator.endpoint_url}
    buffer = {"type": SQS, "queue_url": queue.url}
    if as_one:
        transport = {"type": "composite", "transports": [catalog, buffer], "continue_on_success": False}
        monkeypatch.setenv("OPENLINEAGE__TRANSPORT", json.dumps(transport))
    else:
        prefix = "OPENLINEAGE__TRANSPORT__"
        monkeypatch.setenv(f"{prefix}TYPE", "composite")
        monkeypatch.setenv(f"{prefix}CONTINUE_ON_SUCCESS", "false")
        monkeypatch.setenv(f"{prefix}SORT_TRANSPORTS", "true")
        for name, config, priority in (("CATALOG", catalog, 2), ("BUFFER", buffer, 1)):
            for key, value in {**config, "priority": str(priority)}.items():
                monkeypatch.setenv(f"{prefix}TRANSPORTS__{name}__{key.upper()}", value)

    OpenLineageClient().emit(ol_event())

    assert len(posted()) == 1
    assert queue.state().backlog == 0
