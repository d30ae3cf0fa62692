import json

import pytest

from airflow_provider_dzlineage.errors import InvalidEventError
from airflow_provider_dzlineage.lineage.event import RunEvent, parse_run_event, run_of


def test_a_run_event_keeps_its_bytes(make_event):
    body = json.dumps(make_event(), indent=3).encode()

    event = parse_run_event(body)

    assert event.body == body
    assert run_of(event.data) == ("tests", "load", event.data["run"]["runId"])


def test_every_event_of_the_corpus_is_valid(corpus):
    for event in corpus:
        assert parse_run_event(json.dumps(event).encode()).data == event


def test_facets_without_producer_and_schema_are_valid(make_event):
    event = make_event(run={"runId": "8d2f1a52-0d4e-4c3a-9f4e-0d8a3c1f2b3c", "facets": {"mine": {"a": 1}}})

    assert parse_run_event(json.dumps(event).encode()).data == event


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(b"", "not_json", id="empty"),
        pytest.param(b"{", "not_json", id="broken"),
        pytest.param(b"\xff\xfe", "not_json", id="not UTF-8"),
        pytest.param(b'{"a": NaN}', "not_json", id="NaN"),
        pytest.param(b"[" * 100_000, "not_json", id="nested without end"),
        pytest.param(b"1" * 5_000, "not_json", id="a huge number"),
        pytest.param(b"[]", "not_an_event", id="a list"),
        pytest.param(b"{}", "not_an_event", id="an empty object"),
        pytest.param(b'{"job": {"namespace": "a", "name": "b"}}', "job_event", id="job event"),
        pytest.param(b'{"dataset": {"namespace": "a", "name": "b"}}', "dataset_event", id="dataset event"),
    ],
)
def test_what_is_no_run_event_is_named(body, reason):
    with pytest.raises(InvalidEventError) as caught:
        parse_run_event(body)

    assert caught.value.reason == reason


@pytest.mark.parametrize("depth", range(800, 1_100, 25))
def test_nesting_near_the_limit_of_the_interpreter_is_a_verdict_and_no_crash(make_event, depth):
    nested = "[" * depth + "]" * depth
    body = json.dumps(make_event(inputs="HERE")).replace('"HERE"', nested).encode()

    with pytest.raises(InvalidEventError):
        parse_run_event(body)


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({"run": {}}, "/run: required property 'runId' is missing"),
        ({"job": {"namespace": "secret-namespace"}}, "/job: required property 'name' is missing"),
        ({"eventTime": "secret yesterday"}, "/eventTime: format must be 'date-time'"),
        ({"eventType": "SECRET"}, "/eventType: enum must be"),
        ({"inputs": [{"namespace": "s3://secret"}]}, "/inputs/0: required property 'name' is missing"),
        ({"outputs": {"secret": 1}}, "/outputs: type must be 'array'"),
    ],
)
def test_a_violation_is_pointed_at_without_its_content(make_event, changes, detail):
    with pytest.raises(InvalidEventError) as caught:
        parse_run_event(json.dumps(make_event(**changes)).encode())

    assert caught.value.reason == "not_an_event"
    assert caught.value.detail.startswith(detail)
    assert "secret" not in caught.value.detail.lower().replace("namespace", "")


@pytest.mark.parametrize(
    "moment",
    ["2026-01-02T03:04:05Z", "2026-01-02T03:04Z", "2026-01-02T03:04:05.123456789+01:00", "2026-01-02T03:04:05.1-0800"],
)
def test_times_as_producers_write_them_are_valid(make_event, moment):
    assert parse_run_event(json.dumps(make_event(eventTime=moment)).encode())


@pytest.mark.parametrize("moment", ["2026-13-02T03:04:05Z", "2026-01-02", "2026-01-02T03:04:05", 1767323045])
def test_times_that_are_none_are_invalid(make_event, moment):
    with pytest.raises(InvalidEventError):
        parse_run_event(json.dumps(make_event(eventTime=moment)).encode())


SCHEMA = {"fields": [{"name": "a"}]}


def test_an_event_has_versions_of_the_facets_of_its_job_and_its_datasets(make_event):
    event = make_event(
        "load",
        inputs=[{"namespace": "s3://lake", "name": "x", "facets": {"schema": SCHEMA}}],
        outputs=[{"namespace": "s3://lake", "name": "y", "outputFacets": {"outputStatistics": {"rowCount": 1}}}],
    )
    event["job"]["facets"] = {"sql": {"query": "SELECT 1"}}
    event["run"]["facets"] = {"nominalTime": {}}

    facets = [version.facet for version in RunEvent.of(event).facet_versions]

    assert facets == [
        ("job", "tests", "load", "sql"),
        ("dataset", "s3://lake", "x", "schema"),
        ("dataset", "s3://lake", "y", "outputStatistics"),
    ]


def test_equal_facets_have_equal_fingerprints(make_event):
    def fingerprint(facet):
        dataset = {"namespace": "s3://lake", "name": "x", "facets": {"schema": facet}}
        (version,) = RunEvent.of(make_event(inputs=[dataset], outputs=[])).facet_versions
        return version.fingerprint

    assert fingerprint(SCHEMA) == fingerprint({"fields": [{"name": "a"}]})
    assert fingerprint(SCHEMA) != fingerprint({"fields": [{"name": "b"}]})
