"""Merging loses nothing: DataZone draws the same graph of a run, however its events are grouped and ordered."""

import itertools
import json
import random

import pytest
from dateutil.parser import isoparse
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from airflow_provider_dzlineage.lineage import merging as module
from airflow_provider_dzlineage.lineage.event import RunEvent, json_bytes, run_of
from airflow_provider_dzlineage.lineage.merging import FacetHistory, merge
from airflow_provider_dzlineage.local.datazone.store import DomainGraph, Store
from tests.fixtures.properties import examples

DOMAIN = "dzd_test"
FACETS = ("schema", "columnLineage", "symlinks", "dataSource", "parent", "custom")


def graph_of(events):
    """Post events to the emulator's core, and return all that it can be asked: nodes with their forms, and edges."""
    store = Store(None)
    graph = DomainGraph(store, DOMAIN)
    for event in events:
        # What travels is the text.
        event = json.loads(json_bytes(event))
        graph.add(event, isoparse(event["eventTime"]).timestamp(), 0.0)
    nodes = {
        row["identifier"]: (
            row["type"],
            row["name"],
            {form["formName"]: form["content"] for form in graph.node(row)["formsOutput"]},
        )
        for row in store.execute("SELECT * FROM nodes")
    }
    edges = {(row["source"], row["target"]) for row in store.execute("SELECT DISTINCT source, target FROM edges")}
    store.close()
    return nodes, edges


def facets(names=FACETS):
    return st.dictionaries(
        st.sampled_from(names), st.dictionaries(st.sampled_from("ab"), st.integers(0, 2), max_size=1), max_size=3
    )


def datasets(*members):
    fields = {member: facets() for member in members}
    return st.lists(
        st.fixed_dictionaries(
            {"namespace": st.sampled_from(["s3://lake", "redshift://x"]), "name": st.sampled_from("pqr")},
            optional=fields,
        ),
        max_size=3,
        unique_by=lambda dataset: (dataset["namespace"], dataset["name"]),
    )


# Few moments, so that some events share one.
moments = st.integers(0, 4).map(lambda second: f"2026-01-01T00:00:0{second}Z")
kinds = st.sampled_from(["START", "RUNNING", "COMPLETE", "FAIL", "ABORT", "OTHER", None])


# Events of one run. Made once: making strategies takes longer than what is drawn from them.
runs = st.lists(
    st.fixed_dictionaries(
        {
            "eventTime": moments,
            "producer": st.just("https://example.com"),
            "run": st.fixed_dictionaries(
                {"runId": st.just("r"), "facets": facets(("parent", "nominalTime", "custom"))}
            ),
            "job": st.fixed_dictionaries(
                {"namespace": st.just("n"), "name": st.just("j"), "facets": facets(("sql", "custom"))}
            ),
            "inputs": datasets("facets", "inputFacets"),
            "outputs": datasets("facets", "outputFacets"),
            "eventType": kinds,
        }
    ).map(lambda event: {name: value for name, value in event.items() if value is not None}),
    min_size=1,
    max_size=5,
)


def grouped(events, chance):
    """Cut events into groups that follow each other in time; what belongs to one moment stays together."""
    by_moment = [list(same) for _, same in itertools.groupby(sorted(events, key=moment_of), moment_of)]
    while by_moment:
        size = chance.randint(1, len(by_moment))
        group = [event for same in by_moment[:size] for event in same]
        yield chance.sample(group, len(group))
        by_moment = by_moment[size:]


def moment_of(event):
    return event["eventTime"]


def check_that_a_run_keeps_its_graph(events, seed):
    chance = random.Random(seed)
    posts = [merge(group) for group in grouped(events, chance)]

    assert graph_of(chance.sample(posts, len(posts))) == graph_of(events)


@given(runs, st.integers(0, 2**32))
def test_however_a_run_is_merged_its_graph_is_the_same(events, seed):
    check_that_a_run_keeps_its_graph(events, seed)


def scattered(events, chance):
    """Cut events into any groups at all, also into groups that leave out events in between."""
    groups = {}
    for event in events:
        groups.setdefault(chance.randrange(len(events)), []).append(event)
    return list(groups.values())


def in_agreement(events):
    """Let no event contradict another: one thing has one facet of a name, and a run ends once."""
    ends = [event for event in events if event.get("eventType") in ("COMPLETE", "FAIL", "ABORT")]
    for event in events:
        event.setdefault("eventType", "RUNNING")
        if event in ends[1:]:
            event["eventType"] = "RUNNING"
        for thing in (event["run"], event["job"], *event["inputs"], *event["outputs"]):
            for kind in ("facets", "inputFacets", "outputFacets"):
                if kind in thing:
                    thing[kind] = {name: {"says": name} for name in thing[kind]}
    return events


@examples(0.6)
@given(st.lists(runs, min_size=2, max_size=3))
def test_runs_that_speak_of_the_same_things_keep_their_graph(several):
    facet_history = FacetHistory()
    for number, events in enumerate(several):
        for event in events:
            event["run"]["runId"] = f"run {number}"
            facet_history.note(RunEvent(b"", event))

    posts = []
    for events in several:
        posts += events if facet_history.contradicts([RunEvent(b"", event) for event in events]) else [merge(events)]

    assert graph_of(posts) == graph_of(itertools.chain(*several))


@examples(0.5)
@given(runs, st.integers(0, 2**32))
def test_in_any_groups_the_same_nodes_and_edges_are_drawn(events, seed):
    chance = random.Random(seed)
    posts = [merge(group) for group in scattered(events, chance)]

    (nodes, edges), (nodes_alone, edges_alone) = graph_of(chance.sample(posts, len(posts))), graph_of(events)
    assert edges == edges_alone
    assert {key: node[:2] for key, node in nodes.items()} == {key: node[:2] for key, node in nodes_alone.items()}


@examples(0.5)
@given(runs.map(in_agreement), st.integers(0, 2**32))
def test_in_any_groups_events_that_agree_draw_the_same_graph(events, seed):
    chance = random.Random(seed)
    posts = [merge(group) for group in scattered(events, chance)]

    assert graph_of(chance.sample(posts, len(posts))) == graph_of(events)


@given(runs)
def test_the_order_of_the_events_does_not_count(events):
    orders = itertools.islice(itertools.permutations(events), 24)

    assert len({json_bytes(merge(list(order))) for order in orders}) == 1


@given(runs)
def test_what_was_merged_can_be_merged_again(events):
    parts = [merge(group) for group in grouped(events, random.Random(0))]

    assert graph_of([merge(parts)]) == graph_of(events)


def test_each_run_of_the_corpus_keeps_its_graph(corpus):
    by_run = {}
    for event in corpus:
        by_run.setdefault(run_of(event), []).append(event)

    for events in by_run.values():
        assert graph_of([merge(events)]) == graph_of(events)


@pytest.mark.parametrize("seed", range(5))
def test_each_run_of_the_corpus_keeps_its_graph_however_it_is_merged(corpus, seed):
    chance, by_run = random.Random(seed), {}
    for event in corpus:
        by_run.setdefault(run_of(event), []).append(event)

    for events in by_run.values():
        posts = [merge(group) for group in grouped(events, chance)]
        assert graph_of(chance.sample(posts, len(posts))) == graph_of(events)


def test_the_whole_corpus_keeps_its_graph(corpus):
    by_run = {}
    for event in corpus:
        by_run.setdefault(run_of(event), []).append(event)

    assert graph_of(map(merge, by_run.values())) == graph_of(corpus)


def oldest_facets_win(things):
    return united(list(things)[::-1])


def forgets_others(events):
    return united_sides(list(events)[:1])


def last_state(events):
    return next((event["eventType"] for _, event in events if event.get("eventType")), None)


# No public name is the part of merging that keeps facets, sides or state: these tests break it.
united, united_sides = module._united, module._united_sides


@pytest.mark.parametrize(
    ("name", "broken"),
    [("_united", oldest_facets_win), ("_united_sides", forgets_others), ("_state", last_state)],
)
def test_a_merge_that_loses_something_is_found(monkeypatch, name, broken):
    monkeypatch.setattr(module, name, broken)
    # What is found need not be made small, nor remembered.
    look_for_one = settings(
        max_examples=1000, phases=[Phase.generate], report_multiple_bugs=False, database=None, print_blob=False
    )

    with pytest.raises(AssertionError):
        look_for_one(given(runs, st.integers(0, 2**32))(check_that_a_run_keeps_its_graph))()
