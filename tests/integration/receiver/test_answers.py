"""What each request is answered, behind each adapter and with each kind of queue; and what then lies in the queue."""

from __future__ import annotations

import json
import uuid
from random import Random

import pytest

from tests.fixtures.receiver import KEY, LIMITED_KEY

BATCH = "/api/v1/lineage/batch"


def error_of(answer):
    return json.loads(answer.body)


def test_an_event_is_in_the_queue_when_it_is_acknowledged(post, make_event, queued):
    event = make_event("ñ \u0000 \ud800")

    answer = post(event)

    assert (answer.status, answer.body) == (200, b"")
    assert queued() == [event]


def test_a_zipped_one_too(post, make_event, queued):
    assert post(make_event("zipped"), zipped=True).status == 200
    assert [event["job"]["name"] for event in queued()] == ["zipped"]


def test_what_is_too_big_for_the_queue_is_made_to_fit(post, make_event, queued):
    random = Random(11)
    event = make_event("big")
    event["run"]["facets"] = {"spark.logicalPlan": {"plan": [random.randbytes(8).hex() for _ in range(100_000)]}}

    answer = post(event)
    # What a busy machine cannot do in time is sent again, as its answer says.
    while answer.status == 503:
        answer = post(event)

    assert answer.status == 200
    assert {stored["job"]["name"] for stored in queued()} == {"big"}


def test_job_and_dataset_events_are_taken(post, make_event, queued):
    # A FIFO queue takes the same event once.
    job_event = make_event(str(uuid.uuid4()))
    del job_event["run"], job_event["eventType"]

    assert post(job_event).status == 200
    assert queued() == [job_event]


def test_a_batch_is_answered_with_204(post, make_event, queued):
    assert post([make_event("a"), make_event("b")], BATCH).status == 204
    assert sorted(event["job"]["name"] for event in queued()) == ["a", "b"]
    assert post([], BATCH).status == 204


def test_of_a_batch_the_good_ones_are_taken_and_the_others_named(post, make_event, queued):
    bad = make_event("bad")
    del bad["run"]["runId"]

    answer = post([make_event("a"), bad, "no event", make_event("b")], BATCH)

    assert answer.status == 200
    content = json.loads(answer.body)
    assert content["status"] == "partial_success"
    assert content["summary"] == {"received": 4, "successful": 2, "failed": 2, "retriable": 0, "non_retriable": 2}
    assert [(failed["index"], failed["retriable"]) for failed in content["failed_events"]] == [(1, False), (2, False)]
    assert "'runId' is missing at /run" in content["failed_events"][0]["reason"]
    assert sorted(event["job"]["name"] for event in queued()) == ["a", "b"]


def test_a_batch_of_bad_ones_is_a_failure(post):
    content = json.loads(post(["no event"], BATCH).body)

    assert content["status"] == "failure"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"run": {}}, "/run"),
        ({"eventTime": "yesterday"}, "/eventTime"),
        ({"inputs": [{"namespace": "n"}]}, "/inputs/0"),
        ({"job": None}, "/job"),
        ({"run": {"runId": "3", "facets": {"a/b: c": 3}}}, "/run/facets/a~1b: c"),
    ],
)
def test_what_is_no_event_is_content_where(post, make_event, queued, change, pointer):
    answer = post(make_event() | change)

    assert answer.status == 400
    assert (error_of(answer)["error"], error_of(answer)["pointer"]) == ("not_an_event", pointer)
    assert "retry-after" not in answer.headers
    assert queued() == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "not_json"),
        (b"{", "not_json"),
        (b'{"a": NaN}', "not_json"),
        (b'\xff{"a": 1}', "not_json"),
        (b"[]", "not_an_event"),
        (b'"text"', "not_an_event"),
    ],
)
def test_what_is_no_json_or_no_object(post, queued, text, reason):
    answer = post(None, text=text)

    assert (answer.status, error_of(answer)["error"]) == (400, reason)
    assert queued() == []


@pytest.mark.parametrize(
    ("method", "path", "status", "headers"),
    [
        ("GET", "/api/v1/lineage", 405, {"allow": "POST"}),
        ("PUT", "/api/v1/lineage", 405, {"allow": "POST"}),
        ("POST", "/health", 405, {"allow": "GET, HEAD"}),
        ("POST", "/api/v1/lineage/", 404, {}),
        ("POST", "/", 404, {}),
        ("GET", "/docs", 404, {}),
        ("GET", "/openapi.json", 404, {}),
    ],
)
def test_other_methods_and_paths(post, make_event, method, path, status, headers):
    answer = post(make_event(), path, method=method)

    assert answer.status == status
    assert headers.items() <= answer.headers.items()


def test_health_needs_no_key(endpoint):
    answer = endpoint.ask("GET", "/health", {})

    assert (answer.status, json.loads(answer.body)) == (200, {"status": "ok"})


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer wrong", KEY, f"Basic {KEY}", f"Bearer {KEY}x"])
def test_without_a_valid_key_nobody_gets_in(post, make_event, queued, authorization):
    answer = post(make_event(), authorization=authorization)

    assert answer.status == 401
    assert answer.headers["www-authenticate"].startswith("Bearer ")
    assert queued() == []


def test_a_limited_key_writes_its_namespaces_only(post, make_event, queued):
    shop, other = make_event("a"), make_event("b")
    shop["job"]["namespace"] = "shop-eu"

    assert post(shop, authorization=f"Bearer {LIMITED_KEY}").status == 200
    answer = post(other, authorization=f"Bearer {LIMITED_KEY}")
    content = json.loads(post([other, shop], BATCH, authorization=f"Bearer {LIMITED_KEY}").body)

    assert (answer.status, error_of(answer)["pointer"]) == (403, "/job/namespace")
    assert [failed["index"] for failed in content["failed_events"]] == [0]
    assert {event["job"]["namespace"] for event in queued()} == {"shop-eu"}


@pytest.mark.parametrize(
    "content_type", ["", "text/plain", "application/x-ndjson", "application/json; charset=latin-1"]
)
def test_another_media_type(post, make_event, content_type):
    assert post(make_event(), content_type=content_type).status == 415


def test_another_encoding(post, make_event):
    answer = post(make_event(), content_encoding="br")

    assert answer.status == 415
    assert answer.headers["accept-encoding"] == "gzip, identity"


def test_a_body_that_is_not_what_its_encoding_says(post):
    assert post(None, text=b"{}", content_encoding="gzip").status == 400


def test_too_many_events_in_a_batch(post):
    answer = post([{}] * 1_001, BATCH)

    assert (answer.status, error_of(answer)["error"]) == (413, "too_many_events")
    assert "retry-after" not in answer.headers
