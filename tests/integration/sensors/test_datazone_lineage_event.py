"""The sensor with its real hook against the DataZone emulator."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

sensors = pytest.importorskip("airflow_provider_dzlineage.sensors.datazone_lineage_event")
from airflow_provider_dzlineage._compat import AirflowFailException, AirflowSkipException  # noqa: E402
from airflow_provider_dzlineage.errors import StopError  # noqa: E402

try:
    from airflow.sdk.exceptions import TaskDeferred
except ImportError:  # Airflow before 3.2
    from airflow.exceptions import TaskDeferred

DOMAIN = "dzd_local"


@pytest.fixture
def post(datazone_emulator, datazone_client, make_event, set_faults, monkeypatch):
    """Post events; return their ids."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_DATAZONE", datazone_emulator.endpoint_url)

    def post(*names, **faults):
        set_faults(**faults)
        bodies = [json.dumps(make_event(name)).encode() for name in names]
        return [datazone_client.post_lineage_event(domainIdentifier=DOMAIN, event=body)["id"] for body in bodies]

    return post


@pytest.fixture
def status_of(datazone_client):
    return lambda event_id: datazone_client.get_lineage_event(domainIdentifier=DOMAIN, identifier=event_id)[
        "processingStatus"
    ]


def sensor(**arguments):
    return sensors.DataZoneLineageEventSensor(
        task_id="wait", **{"domain_id": DOMAIN, "poke_interval": 0.2, "timeout": 20, **arguments}
    )


def test_it_waits_on_the_worker_until_all_are_processed(post, status_of):
    ids = post("a", "b", processing_seconds=1)
    before = {status_of(event_id) for event_id in ids}

    sensor(event_ids=ids).execute({})

    assert "SUCCESS" not in before
    assert {status_of(event_id) for event_id in ids} == {"SUCCESS"}


@pytest.mark.parametrize("deferrable", [False, True])
def test_an_event_that_failed_fails_it_and_is_named(post, deferrable):
    good, (bad,) = post("a"), post("b", fail=1)

    with pytest.raises(AirflowFailException, match=f"failed to process: {bad}$"):
        sensor(event_ids=[*good, bad], deferrable=deferrable).execute({})


@pytest.mark.parametrize("deferrable", [False, True])
def test_an_event_that_failed_skips_it_where_it_may_fail_softly(post, deferrable):
    with pytest.raises(AirflowSkipException):
        sensor(event_ids=post("a", fail=1), deferrable=deferrable, soft_fail=True).execute({})


def test_it_leaves_the_waiting_to_the_triggerer(post):
    ids = post("a", processing_seconds=60)

    with pytest.raises(TaskDeferred) as deferred:
        sensor(event_ids=ids, deferrable=True, domain_region_name="us-east-1").execute({})

    assert deferred.value.method_name == "execute_complete"
    assert deferred.value.timeout == timedelta(seconds=20)
    _, arguments = deferred.value.trigger.serialize()
    assert arguments == {
        "domain_id": DOMAIN,
        "event_ids": ids,
        "aws_conn_id": "aws_default",
        "region_name": "us-east-1",
        "rate": 19.8,
        "poke_interval": 0.2,
    }


def test_what_is_processed_already_needs_no_triggerer(post):
    sensor(event_ids=post("a"), deferrable=True).execute({})


def test_a_domain_that_is_not_there_is_an_error_of_its_own(post):
    with pytest.raises(StopError, match="'domain_id'"):
        sensor(event_ids=post("a"), domain_id="dzd_absent", soft_fail=True).execute({})
