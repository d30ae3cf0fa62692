"""What the rules make of events on their whole way: a real SQS, the forwarder, the DataZone emulator."""

import json
import random
import string

import pytest

from airflow_provider_dzlineage.buffer.codec import send_parameters
from airflow_provider_dzlineage.buffer.dead_letter_queue import DeadLetterQueue
from airflow_provider_dzlineage.buffer.message import Message
from airflow_provider_dzlineage.catalog.client import Catalog
from airflow_provider_dzlineage.forwarding.forwarder import Forwarder
from airflow_provider_dzlineage.lineage.event import MAX_EVENT_BYTES
from airflow_provider_dzlineage.lineage.rules.from_settings import pipeline_of
from airflow_provider_dzlineage.settings.site import load_settings

DOMAIN = "dzd_local"
COLUMNS = [f"column_{number:04}" for number in range(5_000)]


def noise(length):
    return "".join(random.Random(1).choices(string.ascii_letters, k=length))


def fails_on_one(event):
    return event if event["job"]["name"] != "one" else 1 // 0


@pytest.fixture
def queue(make_queue):
    return make_queue(dead_letters=True)


@pytest.fixture
def drain(queue, datazone_client):
    """Send events, drain once by these settings, and return the report."""

    def drain(*events, **settings):
        assert list(queue.send(send_parameters(json.dumps(event)) for event in events)) == []
        settings = load_settings({"rate": "unlimited", **settings}, environment={})
        rules = pipeline_of(settings, lambda service, region: pytest.fail(f"{service} is asked"))
        dead_letters = DeadLetterQueue.of(queue.dead_letter_queue())
        forwarder = Forwarder(queue, dead_letters, Catalog(datazone_client, DOMAIN), settings, rules)
        forwarder.drain(30)
        return forwarder.report()

    return drain


@pytest.fixture
def posted(datazone_client):
    """Read the bodies of all events in the emulator, by job."""

    def read():
        items = datazone_client.list_lineage_events(domainIdentifier=DOMAIN)["items"]
        events = (datazone_client.get_lineage_event(domainIdentifier=DOMAIN, identifier=item["id"]) for item in items)
        bodies = [event["event"].read() for event in events]
        return {json.loads(body)["job"]["name"]: body for body in bodies}

    return read


@pytest.fixture
def dead_letter(sqs, queue):
    """Read the only dead letter: its attributes, and its event's JSON."""

    def read():
        answer = sqs.receive_message(QueueUrl=queue.dead_letter_queue().url, MessageAttributeNames=["All"])
        (message,) = answer["Messages"]
        attributes = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
        return attributes, Message.from_response(message).event().decode()

    return read


def test_events_that_are_too_big_are_made_to_fit(drain, posted, make_event):
    lineage = {name: {"inputFields": [{"namespace": "s3://lake", "name": "raw", "field": name}]} for name in COLUMNS}
    schema = [{"name": name, "type": "decimal(38,18)", "description": noise(20)} for name in COLUMNS]
    table = {"namespace": "s3://lake", "name": "wide"}
    many = [
        {"namespace": "s3://lake", "name": f"part/{number:04}", "facets": {"x": {"y": noise(400)}}}
        for number in range(2_000)
    ]
    wide = make_event(
        "wide", outputs=[{**table, "facets": {"columnLineage": {"fields": lineage}, "schema": {"fields": schema}}}]
    )
    plan, sql = make_event("plan"), make_event("sql")
    plan["run"]["facets"] = {"spark.logicalPlan": {"plan": noise(20_000_000)}}
    sql["job"]["facets"] = {"sql": {"query": f"SELECT {noise(1_000_000)}"}}

    report = drain(wide, plan, sql, make_event("many", inputs=many))

    assert report.posted == 4
    bodies = posted()
    assert all(len(body) <= MAX_EVENT_BYTES for body in bodies.values())
    assert all("dzlineage_fit" in json.loads(body)["run"]["facets"] for body in bodies.values())
    assert len(json.loads(bodies["many"])["inputs"]) == 2_000
    assert json.loads(bodies["wide"])["outputs"][0]["name"] == "wide"
    assert json.loads(bodies["sql"])["job"]["facets"]["sql"]["query"].startswith("SELECT ")


def test_what_cannot_fit_lies_among_the_dead_letters_with_its_size(drain, dead_letter, make_event):
    report = drain(make_event(inputs=[{"namespace": "s3://lake", "name": noise(400_000)}]))

    assert report.dead_lettered == 1
    attributes, _ = dead_letter()
    assert attributes["reason"] == "too_large"
    assert "/inputs 400" in attributes["detail"]


def test_each_kind_of_event_that_is_not_posted_is_counted_by_its_reason(drain, posted, make_event):
    job_event, dataset_event = make_event(), make_event()
    for event in (job_event, dataset_event):
        del event["run"], event["eventType"]
    del dataset_event["job"]
    dataset_event["dataset"] = {"namespace": "s3://lake", "name": "orders"}
    nothing = {"inputs": [], "outputs": []}

    report = drain(
        *(job_event, dataset_event, make_event("empty", **nothing), make_event("failed", **nothing, eventType="FAIL")),
        *(make_event("tmp_load"), make_event("dzlineage_forward.drain"), make_event("kept")),
        exclude_jobs="tmp_*",
    )

    assert (report.received, report.posted, report.skipped) == (7, 2, 5)
    assert dict(report.reasons) == {
        "job_event": 1,
        "dataset_event": 1,
        "draws_nothing": 1,
        "own_job": 1,
        "filtered_job": 1,
    }
    assert posted().keys() == {"failed", "kept"}


def test_a_transform_that_raises_takes_its_event_alone_to_the_dead_letters(drain, posted, dead_letter, make_event):
    path = f"{__name__}.fails_on_one"

    report = drain(make_event("one"), make_event("two"), transforms=path)

    assert (report.posted, report.dead_lettered) == (1, 1)
    assert posted().keys() == {"two"}
    attributes, _ = dead_letter()
    assert attributes["reason"] == "transform_failed"
    assert attributes["detail"].startswith(f"{path}: ZeroDivisionError")


def test_a_dead_letter_holds_no_secret(drain, dead_letter, make_event):
    event = make_event(inputs=[{"namespace": "s3://lake", "name": noise(400_000)}])
    event["job"]["facets"] = {"sql": {"query": "CREATE USER u PASSWORD 'geheim'"}}

    drain(event)

    _, text = dead_letter()
    assert "geheim" not in text
    assert "PASSWORD '***'" in text
