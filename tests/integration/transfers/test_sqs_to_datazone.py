"""The operator with real hooks against a real SQS and the DataZone emulator."""

from __future__ import annotations

import json

import pytest

from airflow_provider_dzlineage.buffer.codec import send_parameters
from airflow_provider_dzlineage.catalog.client import Catalog
from airflow_provider_dzlineage.errors import ConfigurationError, StopError

operators = pytest.importorskip("airflow_provider_dzlineage.transfers.sqs_to_datazone")

DOMAIN = "dzd_local"


class TaskInstance:
    """What the operator asks of Airflow's."""

    def __init__(self):
        self.pushed = {}

    def xcom_push(self, key, value):
        self.pushed[key] = value


@pytest.fixture
def execute(ministack, datazone_emulator, monkeypatch):
    """Run an operator with these arguments and return its result and what it has pushed."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", ministack.endpoint_url)
    monkeypatch.setenv("AWS_ENDPOINT_URL_DATAZONE", datazone_emulator.endpoint_url)

    def execute(instance=None, **arguments):
        instance = instance or TaskInstance()
        operator = operators.SqsToDataZoneLineageOperator(task_id="drain", **arguments)
        return operator.execute({"ti": instance}), instance.pushed

    return execute


def test_a_drain_returns_its_report_and_leaves_the_portal(execute, make_queue, make_event, datazone_client):
    queue = make_queue(dead_letters=True)
    list(queue.send(send_parameters(json.dumps(make_event(f"job-{number}"))) for number in range(3)))

    report, pushed = execute(queue_url=queue.url, domain_id=DOMAIN, rate="unlimited")

    assert report["received"] == report["posted"] == 3
    assert report["backlog"] == 0
    assert len(datazone_client.list_lineage_events(domainIdentifier=DOMAIN)["items"]) == 3
    assert pushed == {"portal_url": "https://dzd-local.datazone.us-east-1.on.aws"}


def test_without_access_to_the_domain_itself_there_is_no_link(execute, make_queue, monkeypatch):
    def denied(_):
        raise StopError("GetDomain: AccessDeniedException", "AccessDeniedException")

    monkeypatch.setattr(Catalog, "portal_url", denied)

    report, pushed = execute(queue_url=make_queue().url, domain_id=DOMAIN)

    assert report["received"] == 0
    assert pushed == {"portal_url": ""}


def test_the_rules_are_arguments_of_the_operator_too(execute, make_queue, make_event, datazone_client):
    queue = make_queue(dead_letters=True)
    run = {"runId": "0191c0de-0000-7000-8000-000000000001"}
    events = [make_event("load", run=run), make_event("load", run=run), make_event("tmp_load")]
    events[1]["outputs"] = [{"namespace": "arn:aws:glue:us-east-1:123456789012", "name": "sales.orders"}]
    list(queue.send(send_parameters(json.dumps(event)) for event in events))

    report, _ = execute(queue_url=queue.url, domain_id=DOMAIN, merge="always", exclude_jobs="tmp_*", transforms="glue")

    assert (report["posted"], report["merged"], report["skipped"]) == (1, 1, 1)
    (item,) = datazone_client.list_lineage_events(domainIdentifier=DOMAIN)["items"]
    body = datazone_client.get_lineage_event(domainIdentifier=DOMAIN, identifier=item["id"])["event"].read()
    assert "table/sales/orders" in {output["name"] for output in json.loads(body)["outputs"]}


def test_the_rules_come_from_the_section_of_airflow_too(execute, make_queue, make_event, monkeypatch):
    queue = make_queue()
    list(queue.send([send_parameters(json.dumps(make_event("tmp_load")))]))
    monkeypatch.setenv("AIRFLOW__DZLINEAGE__EXCLUDE_JOBS", "tmp_*")

    report, _ = execute(queue_url=queue.url, domain_id=DOMAIN)

    assert report["reasons"] == {"filtered_job": 1}


def test_settings_come_from_the_section_of_airflow(execute, make_queue, monkeypatch):
    queue = make_queue()
    monkeypatch.setenv("AIRFLOW__DZLINEAGE__QUEUE_URL", queue.url)
    monkeypatch.setenv("AIRFLOW__DZLINEAGE__DOMAIN_ID", DOMAIN)

    report, _ = execute()

    assert report["received"] == 0


def test_settings_come_from_the_environment_too(execute, make_queue, monkeypatch):
    monkeypatch.setenv("DZLINEAGE_QUEUE_URL", make_queue().url)
    monkeypatch.setenv("DZLINEAGE_DOMAIN_ID", DOMAIN)

    report, _ = execute()

    assert report["received"] == 0


def test_without_settings_every_missing_one_is_named(execute):
    with pytest.raises(ConfigurationError) as caught:
        execute()

    assert "setting 'queue_url' is missing" in str(caught.value)
    assert "setting 'domain_id' is missing" in str(caught.value)


def test_an_unknown_domain_fails_the_task_and_gives_everything_back_and_its_report(execute, make_queue, make_event):
    queue, instance = make_queue(), TaskInstance()
    list(queue.send([send_parameters(json.dumps(make_event()))]))

    with pytest.raises(StopError, match="check the setting 'domain_id'"):
        execute(instance, queue_url=queue.url, domain_id="dzd_absent")

    assert instance.pushed["return_value"]["reasons"] == {"ResourceNotFoundException": 1}
    assert len(queue.receive(wait_seconds=0, visibility_seconds=1)) == 1


def test_a_kill_ends_the_drain_in_order(ministack, datazone_emulator, make_queue, make_event, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", ministack.endpoint_url)
    monkeypatch.setenv("AWS_ENDPOINT_URL_DATAZONE", datazone_emulator.endpoint_url)
    queue = make_queue()
    list(queue.send(send_parameters(json.dumps(make_event(f"job-{number}"))) for number in range(30)))
    operator = operators.SqsToDataZoneLineageOperator(task_id="drain", queue_url=queue.url, domain_id=DOMAIN, rate=5)
    post_event = Catalog.post_event

    def post_and_kill(*arguments):
        event_id = post_event(*arguments)
        operator.on_kill()
        return event_id

    monkeypatch.setattr(Catalog, "post_event", post_and_kill)

    report = operator.execute({"ti": TaskInstance()})

    assert 0 < report["posted"] < 30
    assert report["reasons"] == {"stopped": report["released"]}
    assert report["backlog"] == 30 - report["posted"]
