"""Accepted events are processed in pieces, and one that cannot be drawn stops no other."""

from __future__ import annotations

import json
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_dzlineage.local.datazone.faults import Dice, Faults
from airflow_provider_dzlineage.local.datazone.operations import Operations, RequestCaller
from airflow_provider_dzlineage.local.datazone.store import Store
from tests.fixtures.properties import examples

DOMAIN = "dzd_tests"


def store_of(*bodies, due=0.0, fails=0):
    store = Store(None)
    for number, body in enumerate(bodies):
        store.execute(
            "INSERT INTO events (domain, id, token, body, event_time, created, created_by, due, fails) "
            "VALUES (?, ?, ?, ?, 1.0, 0.0, 'me', ?, ?)",
            (DOMAIN, str(number), str(number), body, due, fails),
        )
    return store


def process_due(store, now, **limit):
    return Operations(store, lambda: now).process_due(**limit)


def outcomes(store):
    rows = store.execute("SELECT processed, fails FROM events ORDER BY sequence")
    return [("failed" if row["fails"] else "done") if row["processed"] else "waiting" for row in rows]


def nodes(store):
    return {row["identifier"] for row in store.execute("SELECT identifier FROM nodes")}


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


DOMAIN = "dzd_tests"
CALLER = RequestCaller("key", "us-east-1")
JOB = {"namespace": "ns", "name": "job"}

datasets = st.lists(st.sampled_from("abcd"), unique=True, max_size=3).map(
    lambda names: [{"namespace": "s3://lake", "name": name} for name in names]
)


def event_of(event_type, moment, inputs=(), outputs=(), facets=None):
    return {
        "eventType": event_type,
        "eventTime": f"2026-01-01T00:00:{moment:02}Z",
        "producer": "https://example.com",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": "0191c0de-0000-7000-8000-000000000001", "facets": facets or {}},
        "job": JOB,
        "inputs": list(inputs),
        "outputs": list(outputs),
    }


def graph_of(events):
    """Everything that the emulator shows of these events, but the times."""
    store = Store(None)
    operations = Operations(store, lambda: 0.0)
    operations.add_domain(DOMAIN, "tests", "us-east-1")
    dice = Dice(Faults(processing_seconds=0))
    for event in events:
        operations.post_lineage_event({"domainIdentifier": DOMAIN, "event": json.dumps(event).encode()}, CALLER, dice)
    operations.process_due()
    graph = {}
    for row in store.execute("SELECT identifier FROM nodes"):
        node = operations.get_lineage_node({"domainIdentifier": DOMAIN, "identifier": row["identifier"]}, CALLER)
        graph[row["identifier"]] = (
            node["typeName"],
            node["formsOutput"],
            [neighbour["id"] for neighbour in node["upstreamNodes"]],
            [neighbour["id"] for neighbour in node["downstreamNodes"]],
        )
    return graph


@examples(0.4)
@given(datasets, datasets, datasets, datasets)
def test_apart_in_any_order_or_as_one_the_graph_is_the_same(early_inputs, early_outputs, late_inputs, late_outputs):
    start = event_of("START", 1, early_inputs, early_outputs, {"a": {"x": 1}, "b": {"x": 1}})
    running = event_of("RUNNING", 2, late_inputs)
    complete = event_of("COMPLETE", 3, late_inputs, late_outputs, {"b": {"x": 2}})

    def united(*lists):
        return list({dataset["name"]: dataset for some in lists for dataset in some}.values())

    merged = event_of(
        *("COMPLETE", 3, united(early_inputs, late_inputs), united(early_outputs, late_outputs)),
        {"a": {"x": 1}, "b": {"x": 2}},
    )

    graphs = [graph_of(order) for order in permutations([start, running, complete])]

    assert all(graph == graphs[0] for graph in graphs)
    assert graph_of([merged]) == graphs[0]


def test_the_end_of_a_run_outranks_what_comes_late():
    events = [event_of("FAIL", 1), event_of("RUNNING", 2)]

    _, forms, _, _ = graph_of(events)["ns.job/0191c0de-0000-7000-8000-000000000001"]

    details = next(form["content"] for form in forms if form["formName"] == "JobRunDetails")
    assert json.loads(details)["status"] == "FAIL"


def test_one_name_in_two_namespaces_is_two_datasets():
    inputs = [{"namespace": "s3://one", "name": "orders"}, {"namespace": "s3://two", "name": "orders"}]

    graph = graph_of([event_of("COMPLETE", 1, inputs)])

    assert {"s3://one/orders", "s3://two/orders"} <= graph.keys()


def test_the_partitions_of_a_table_are_one_node_with_the_facets_of_all():
    glue = {"namespace": "arn:aws:glue:us-east-1:123456789012", "name": "table/sales/orders", "type": "TABLE"}
    properties = {"environment-properties": {"environment-properties": {"GLUE_VERSION": "5.0"}}}
    outputs = [
        {
            "namespace": "s3://lake",
            "name": f"orders/day={day}",
            "facets": {"symlinks": {"identifiers": [glue]}, f"day{day}": {"x": 1}},
        }
        for day in (1, 2)
    ]

    graph = graph_of([event_of("COMPLETE", 1, outputs=outputs, facets=properties)])

    _, forms, upstream, _ = graph["arn:aws:glue:us-east-1:123456789012:table/sales/orders"]
    facets = next(form["content"] for form in forms if form["formName"] == "OpenLineageFacets")
    assert {"day1", "day2"} <= json.loads(facets).keys()
    assert len(upstream) == 1
