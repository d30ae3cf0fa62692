"""The transport against the DataZone emulator over HTTP, through the real OpenLineage client."""

from __future__ import annotations

import json
import logging
import os
import pickle
import subprocess
import sys

import pytest
from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import Dataset, DatasetEvent, JobEvent, RunState, StaticDataset
from openlineage.client.event_v2 import Job as OlJob

from airflow_provider_dzlineage.errors import ConfigurationError, DzLineageError, InvalidEventError
from airflow_provider_dzlineage.lineage.event import MAX_EVENT_BYTES
from airflow_provider_dzlineage.lineage.raw_event import FORWARDING_DAG_TAG
from airflow_provider_dzlineage.lineage.transform import Skip

WHEN = "2026-01-02T03:04:05Z"


def test_an_event_of_the_client_is_in_the_catalog_when_emit_returns(direct, posted, ol_event):
    OpenLineageClient(transport=direct()).emit(ol_event("ñandú"))

    (body,) = posted()
    event = json.loads(body)
    assert event["job"]["name"] == "ñandú"
    assert event["inputs"][0]["name"] == "raw/orders"


def test_names_are_repaired(direct, posted, ol_event):
    event = ol_event()
    event.inputs = [
        Dataset("awsathena://athena.eu-west-1.amazonaws.com", "AwsDataCatalog.shop.orders"),
        Dataset("redshift://analytics.eu-west-1:5439", "dev.public.orders"),
    ]
    known = {"analytics.eu-west-1": {"account": "123456789012", "kind": "provisioned", "name": "analytics"}}

    direct(account_id=123456789012, redshift=known).emit(event)

    assert [(dataset["namespace"], dataset["name"]) for dataset in json.loads(posted()[0])["inputs"]] == [
        ("arn:aws:glue:eu-west-1:123456789012", "table/shop/orders"),
        ("redshift://analytics.123456789012.eu-west-1.redshift.amazonaws.com:5439", "dev.public.orders"),
    ]


def test_an_event_that_is_too_big_is_trimmed(direct, posted, ol_event):
    direct().emit(ol_event(facets={"spark.logicalPlan": {"plan": ["x" * 1000] * 1000}}))

    (body,) = posted()
    assert len(body) <= MAX_EVENT_BYTES
    assert "dzlineage_fit" in json.loads(body)["run"]["facets"]


def test_an_event_that_cannot_be_trimmed_is_one_line_without_its_content(direct, posted, ol_event, lines):
    event = ol_event()
    event.inputs = [Dataset("s3://lake", f"secret-{number:04}" + "x" * 400) for number in range(1000)]

    with pytest.raises(InvalidEventError, match="too_large"):
        direct().emit(event)

    (line,) = lines()
    assert "COMPLETE of tests.load, run 0191c0de-0000-7000-8000-000000000001: too_large: " in line
    assert "/inputs" in line
    assert "secret" not in line
    assert posted() == []


def test_what_is_not_to_be_posted_is_not(direct, posted, ol_event, caplog, lines):
    empty = ol_event()
    empty.inputs = []
    tagged = {"airflow": {"dag": {"dag_id": "europe", "tags": [FORWARDING_DAG_TAG]}}}
    job = JobEvent(eventTime=WHEN, job=OlJob("tests", "load"), producer="https://example.com")
    dataset = DatasetEvent(eventTime=WHEN, dataset=StaticDataset("s3://lake", "raw"), producer="https://example.com")

    with caplog.at_level(logging.DEBUG, "airflow_provider_dzlineage"):
        for event in (empty, ol_event("scratch.load"), ol_event("x", facets=tagged), job, dataset):
            direct(exclude_jobs="scratch.*").emit(event)

    assert posted() == []
    assert lines() == []
    reasons = ("draws_nothing", "filtered_job", "own_job", "job_event", "dataset_event")
    assert [record.getMessage() for record in caplog.records if "not posted" in record.getMessage()] == [
        f"An event is not posted: {reason}" for reason in reasons
    ]


def test_bad_news_without_datasets_is_posted(direct, posted, ol_event):
    event = ol_event()
    event.inputs, event.eventType = [], RunState.FAIL

    direct().emit(event)

    assert len(posted()) == 1


def skipping(event):
    """A user's own transform."""
    return Skip("mine") if event["job"]["name"] == "skip" else event


def failing(event):
    """A user's own transform with a mistake."""
    raise ValueError("it did not work")


@pytest.fixture
def own_transforms(monkeypatch):
    """The transforms above, importable as ``own.<name>``."""
    monkeypatch.setitem(sys.modules, "own", sys.modules[__name__])


def test_a_users_own_transform_is_applied(direct, posted, ol_event, own_transforms):
    used = direct(transforms=["own.skipping"])

    for name in ("skip", "keep"):
        used.emit(ol_event(name))

    assert [json.loads(body)["job"]["name"] for body in posted()] == ["keep"]


def test_a_transform_that_fails_is_named(direct, posted, ol_event, own_transforms, lines):
    with pytest.raises(DzLineageError):
        direct(transforms="own.failing").emit(ol_event())

    assert posted() == []
    assert lines()[0].endswith("transform_failed: own.failing: ValueError: it did not work")


def test_a_transform_that_is_not_there_is_named(direct, ol_event, lines):
    with pytest.raises(ConfigurationError, match="there is no 'gleu'"):
        direct(transforms="gleu").emit(ol_event())

    assert len(lines()) == 1


def test_an_event_that_is_no_event_is_one_line(direct, ol_event, lines):
    event = ol_event()
    event.run.facets = {"odd": {"number": float("nan")}}

    with pytest.raises(InvalidEventError, match="NaN is not JSON"):
        direct().emit(event)

    assert len(lines()) == 1


def test_a_mistake_of_ours_tells_the_place_and_nothing_of_the_event(direct, ol_event, lines):
    event = ol_event()
    event.run.facets = {"odd": {("secret", 1): "x"}}

    with pytest.raises(DzLineageError, match="unexpected TypeError in "):
        direct().emit(event)

    (line,) = lines()
    assert "secret" not in line


def test_an_unknown_domain_says_what_to_check(direct, ol_event, lines):
    with pytest.raises(DzLineageError):
        direct(domain_id="dzd_absent").emit(ol_event())

    (line,) = lines()
    assert line.startswith("OpenLineage event is not delivered to DataZone: COMPLETE of tests.load, run 0191c0de-")
    assert "'domain_id'" in line


def test_missing_credentials_are_named(direct, ol_event, monkeypatch, tmp_path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))

    with pytest.raises(ConfigurationError, match="DataZoneTransport: there are no AWS credentials"):
        direct().emit(ol_event())


def test_it_may_be_pickled_after_use(direct, posted, ol_event):
    used = direct(facets={"drop": ["debug"]})
    used.emit(ol_event("before"))

    pickle.loads(pickle.dumps(used)).emit(ol_event("after"))

    assert sorted(json.loads(body)["job"]["name"] for body in posted()) == ["after", "before"]


def test_a_forked_process_that_ends_hard_has_posted_its_event(direct, posted, ol_event):
    used = direct()
    used.emit(ol_event("parent"))

    # In a process without threads, as Airflow's task processes are when they fork.
    code = (
        "import os, pickle, sys\n"
        "transport, first, second, third = pickle.load(sys.stdin.buffer)\n"
        "transport.emit(first)\n"
        "child = os.fork()\n"
        "if not child:\n"
        "    transport.emit(second)\n"
        "    os._exit(0)\n"
        "os.waitpid(child, 0)\n"
        "transport.emit(third)\n"
    )
    events = [ol_event(name) for name in ("first", "second", "third")]
    subprocess.run([sys.executable, "-c", code], input=pickle.dumps((used, *events)), check=True, timeout=60)

    names = sorted(json.loads(body)["job"]["name"] for body in posted())
    assert names == ["first", "parent", "second", "third"]


def test_importing_it_brings_no_aws_library_and_no_rules():
    code = (
        "import sys, airflow_provider_dzlineage.transports.datazone as _\n"
        "print([name for name in ('boto3', 'botocore', 'jsonschema', 'airflow') if name in sys.modules])"
    )

    environment = {name: value for name, value in os.environ.items() if name != "PYTHONSTARTUP"}
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)

    assert output.stdout == "[]\n"


def test_posting_an_event_without_a_look_up_brings_no_client_of_the_sdk(direct, ol_event):
    code = (
        "import pickle, sys\n"
        "transport, event = pickle.load(sys.stdin.buffer)\n"
        "transport.emit(event)\n"
        "print([name for name in ('boto3', 'botocore.session', 'botocore.client') if name in sys.modules])"
    )

    output = subprocess.run(
        [sys.executable, "-c", code], input=pickle.dumps((direct(), ol_event())), capture_output=True, check=True
    )

    assert output.stdout == b"[]\n"
