"""A domain in which every event fails, and a reconciliation of it, with a real SQS and the DataZone emulator."""

from __future__ import annotations

import json

import boto3
import pytest

from airflow_provider_dzlineage.buffer.dead_letters import DeadLetters
from airflow_provider_dzlineage.catalog.datazone import CLIENT_CONFIG, Catalog
from airflow_provider_dzlineage.catalog.service_model import complete_lineage_operations
from airflow_provider_dzlineage.reconciliation import Reconciliation
from airflow_provider_dzlineage.settings import load_settings


@pytest.fixture
def catalog(datazone_emulator, set_faults):
    """The emulator's domain, in which every event that is posted fails."""
    set_faults(fail=1)
    session = boto3.Session()
    complete_lineage_operations(session)
    client = session.client("datazone", endpoint_url=datazone_emulator.endpoint_url, config=CLIENT_CONFIG)
    return Catalog(client, "dzd_local")


@pytest.fixture
def post(catalog, make_event):
    """Post events; return each body by the id that DataZone gave it."""

    def post(*names, **changes):
        bodies = [json.dumps(make_event(name, **changes)).encode() for name in names]
        return {catalog.post_event(body): body for body in bodies}

    return post


@pytest.fixture
def dead_queue(make_queue):
    return make_queue()


@pytest.fixture
def reconcile(catalog, dead_queue):
    """Look once; return the report and the state."""

    def reconcile(state=None, max_seconds=30.0, **arguments):
        reconciliation = Reconciliation(
            catalog, DeadLetters(dead_queue), load_settings(environment={}), state=state, **arguments
        )
        reconciliation.run(max_seconds)
        return reconciliation.report, json.loads(json.dumps(reconciliation.state))

    return reconcile


@pytest.fixture
def letters():
    """Receive all messages of a queue."""

    def letters(queue):
        found = []
        while batch := queue.receive(wait_seconds=0, visibility_seconds=60):
            found += batch
        return found

    return letters
