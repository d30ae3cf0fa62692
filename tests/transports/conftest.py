from __future__ import annotations

import pytest
from openlineage.client.event_v2 import Dataset, Job, Run, RunEvent, RunState

TYPE = "airflow_provider_dzlineage.transports.sqs.SqsTransport"


@pytest.fixture
def ol_event():
    """An event as the OpenLineage client has it."""

    def make(name="load", namespace="tests", **changes):
        return RunEvent(
            eventType=RunState.COMPLETE,
            eventTime="2026-01-02T03:04:05Z",
            run=Run(runId="0191c0de-0000-7000-8000-000000000001", **changes),
            job=Job(namespace=namespace, name=name),
            producer="https://example.com",
            inputs=[Dataset("s3://lake", "raw/orders")],
        )

    return make


@pytest.fixture
def transport():
    """Make the transport as the OpenLineage client does, from its configuration."""
    from openlineage.client.transport import get_default_factory

    return lambda **config: get_default_factory().create({"type": TYPE, **config})
