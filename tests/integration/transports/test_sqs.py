"""The transport against a real SQS over HTTP, through the real OpenLineage client."""

from __future__ import annotations

import json
import logging
import os
import pickle
import subprocess
import sys

import pytest
from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import Job as OlJob
from openlineage.client.event_v2 import JobEvent

from airflow_provider_dzlineage.buffer.codec import GZIP_BASE64
from airflow_provider_dzlineage.errors import ConfigurationError, QueueError
from airflow_provider_dzlineage.lineage.raw_event import FORWARDING_DAG_TAG


def bodies(queue):
    received = []
    while batch := queue.receive(wait_seconds=0, visibility_seconds=60):
        received += batch
    return [json.loads(message.event()) for message in received]


def test_an_event_of_the_client_is_in_the_queue_when_emit_returns(transport, make_queue, ol_event):
    queue = make_queue()

    OpenLineageClient(transport=transport(queue_url=queue.url)).emit(ol_event("ñandú"))

    (event,) = bodies(queue)
    assert event["job"]["name"] == "ñandú"
    assert event["inputs"][0]["name"] == "raw/orders"


def test_a_big_event_goes_zipped(transport, make_queue, ol_event):
    queue = make_queue()

    transport(queue_url=queue.url).emit(ol_event("x" * 200_000))

    (message,) = queue.receive(wait_seconds=0, visibility_seconds=60)
    assert message.encoding == GZIP_BASE64
    assert json.loads(message.event())["job"]["name"] == "x" * 200_000


def test_characters_that_sqs_refuses_arrive(transport, make_queue, ol_event):
    queue = make_queue()

    transport(queue_url=queue.url).emit(ol_event("a\x00b\ufffec"))

    assert bodies(queue)[0]["job"]["name"] == "a\x00b\ufffec"


@pytest.mark.parametrize(("grouping", "groups"), [("run", 1), ("job", 2)])
def test_a_fifo_queue_gets_groups_and_a_repeated_event_once(transport, make_queue, ol_event, grouping, groups):
    queue = make_queue(fifo=True)
    sender = transport(queue_url=queue.url, message_group=grouping)

    for name in ("first", "first", "second"):
        sender.emit(ol_event(name))

    received = queue.receive(wait_seconds=0, visibility_seconds=60)
    received += queue.receive(wait_seconds=0, visibility_seconds=60)
    assert [json.loads(message.event())["job"]["name"] for message in received] == ["first", "second"]
    assert len({message.group for message in received}) == groups


def test_a_job_event_is_sent_too(transport, make_queue):
    queue = make_queue()
    event = JobEvent(eventTime="2026-01-02T03:04:05Z", job=OlJob("tests", "load"), producer="https://example.com")

    transport(queue_url=queue.url).emit(event)

    assert bodies(queue)[0]["job"]["name"] == "load"


def test_events_of_the_forwarding_dag_are_dropped(transport, make_queue, ol_event):
    queue = make_queue()
    tagged = {"airflow": {"dag": {"dag_id": "europe", "tags": [FORWARDING_DAG_TAG]}}}

    for event in (ol_event("dzlineage_forward.drain"), ol_event("europe.drain", facets=tagged)):
        transport(queue_url=queue.url).emit(event)

    assert bodies(queue) == []


def test_it_may_be_pickled_after_use(transport, make_queue, ol_event):
    queue = make_queue()
    used = transport(queue_url=queue.url)
    used.emit(ol_event("before"))

    pickle.loads(pickle.dumps(used)).emit(ol_event("after"))

    assert sorted(event["job"]["name"] for event in bodies(queue)) == ["after", "before"]


def test_a_forked_process_that_ends_hard_has_sent_its_event(transport, make_queue, ol_event):
    queue = make_queue()
    used = transport(queue_url=queue.url)
    used.emit(ol_event("parent"))

    # In a process without threads, as Airflow's task processes are when they fork.
    code = (
        "import os, pickle, sys\n"
        "transport, event = pickle.load(sys.stdin.buffer)\n"
        "transport.emit(event)\n"
        "child = os.fork()\n"
        "if not child:\n"
        "    transport.emit(event)\n"
        "    os._exit(0)\n"
        "os.waitpid(child, 0)\n"
        "transport.emit(event)\n"
    )
    subprocess.run([sys.executable, "-c", code], input=pickle.dumps((used, ol_event("child"))), check=True, timeout=60)

    assert sorted(event["job"]["name"] for event in bodies(queue)) == ["child"] * 3 + ["parent"]


def test_it_works_inside_a_composite_transport(make_queue, ol_event, tmp_path):
    pytest.importorskip("openlineage.client.transport.composite", reason="the client is too old for it")
    from openlineage.client.transport import get_default_factory

    queue = make_queue()
    inner = {
        "first": {"type": "airflow_provider_dzlineage.transports.sqs.SqsTransport", "queue_url": f"{queue.url}-absent"},
        "second": {"type": "airflow_provider_dzlineage.transports.sqs.SqsTransport", "queue_url": queue.url},
    }
    config = {"type": "composite", "transports": inner, "continue_on_failure": True}

    OpenLineageClient(transport=get_default_factory().create(config)).emit(ol_event())

    assert len(bodies(queue)) == 1


def test_the_clients_environment_variables_configure_it(make_queue, ol_event, monkeypatch):
    queue = make_queue()
    monkeypatch.setenv("OPENLINEAGE__TRANSPORT__TYPE", "airflow_provider_dzlineage.transports.sqs.SqsTransport")
    monkeypatch.setenv("OPENLINEAGE__TRANSPORT__QUEUE_URL", queue.url)
    monkeypatch.setenv("OPENLINEAGE__TRANSPORT__TIMEOUT", "3")

    client = OpenLineageClient()
    client.emit(ol_event())

    assert client.transport.config.timeout == 3.0
    assert len(bodies(queue)) == 1


def test_a_wrong_queue_is_one_line_with_what_is_lost_and_why(transport, make_queue, ol_event, caplog):
    queue = make_queue()

    with pytest.raises(QueueError), caplog.at_level(logging.WARNING):
        transport(queue_url=f"{queue.url}-absent").emit(ol_event())

    (record,) = [record for record in caplog.records if "dzlineage" in record.name]
    message = record.getMessage()
    assert "COMPLETE of tests.load, run 0191c0de-0000-7000-8000-000000000001" in message
    assert "check the queue's URL, its Region and its account" in message
    assert "raw/orders" not in message


def test_missing_credentials_are_named(transport, ol_event, monkeypatch, tmp_path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))

    with pytest.raises(ConfigurationError, match="there are no AWS credentials"):
        transport(queue_url="http://127.0.0.1:9/000000000000/q").emit(ol_event())


def test_importing_it_brings_no_aws_library():
    code = (
        "import sys, airflow_provider_dzlineage.transports.sqs as _\n"
        "print([name for name in ('boto3', 'botocore', 'jsonschema', 'airflow') if name in sys.modules])"
    )

    environment = {name: value for name, value in os.environ.items() if name != "PYTHONSTARTUP"}
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)

    assert output.stdout == "[]\n"
