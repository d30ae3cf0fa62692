"""Accepted events are processed in pieces, and one that cannot be drawn stops no other."""

from __future__ import annotations

import json

from airflow_provider_dzlineage.local.datazone.processing import process_due
from airflow_provider_dzlineage.local.datazone.store import Store

DOMAIN = "dzd_tests"


def store_of(*bodies, due=0.0, fails=0):
    store = Store(None)
    for number, body in enumerate(bodies):
        columns = {"event_time": 1.0, "created": 0.0, "created_by": "me", "due": due, "fails": fails}
        store.add_event(domain=DOMAIN, id=str(number), token=str(number), body=body, **columns)
    return store


def outcomes(store):
    rows = store.all("SELECT processed, fails FROM events ORDER BY sequence")
    return [("failed" if row["fails"] else "done") if row["processed"] else "waiting" for row in rows]


def nodes(store):
    return {row["identifier"] for row in store.all("SELECT identifier FROM nodes")}


def body_of(job):
    return json.dumps({"run": {"runId": "r"}, "job": {"namespace": "ns", "name": job}}).encode()


def test_an_event_that_cannot_be_drawn_fails_alone():
    store = store_of(body_of("one"), b"not json", body_of("two"))

    assert process_due(store, now=1.0) is False

    assert outcomes(store) == ["done", "failed", "done"]
    assert nodes(store) == {"ns.one", "ns.one/r", "ns.two", "ns.two/r"}


def test_an_event_that_fails_half_way_leaves_nothing_behind():
    half_a_character = json.dumps({"run": {"runId": "r"}, "job": {"namespace": "ns", "name": "\ud800"}}).encode()
    store = store_of(half_a_character)

    process_due(store, now=1.0)

    assert outcomes(store) == ["failed"]
    assert nodes(store) == set()


def test_an_event_that_is_to_fail_draws_nothing():
    store = store_of(body_of("one"), fails=1)

    process_due(store, now=1.0)

    assert outcomes(store) == ["failed"]
    assert nodes(store) == set()


def test_an_event_waits_for_its_time():
    store = store_of(body_of("one"), due=5.0)

    process_due(store, now=4.9)
    early = outcomes(store)
    process_due(store, now=5.0)

    assert (early, outcomes(store)) == (["waiting"], ["done"])


def test_many_events_are_taken_in_pieces():
    store = store_of(*(body_of(str(number)) for number in range(7)))

    more = [process_due(store, now=1.0, limit=3) for _ in range(3)]

    assert more == [True, True, False]
    assert outcomes(store) == ["done"] * 7
