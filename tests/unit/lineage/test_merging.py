import copy
import itertools
import json

import pytest

from airflow_provider_dzlineage.lineage.event import RunEvent, run_of
from airflow_provider_dzlineage.lineage.merging import FacetHistory, merge, unite_datasets


def dataset(name, **facets):
    return {"namespace": "s3://lake", "name": name, "facets": facets}


@pytest.fixture
def run(make_event):
    """Three events of one run."""
    run = {"runId": "r"}
    return [
        make_event(run=run | {"facets": {"nominalTime": 1}}, eventType="START", eventTime="2026-01-01T00:00:00Z",
                   inputs=[dataset("a", schema="old")], outputs=[]),
        make_event(run=run, eventType="RUNNING", eventTime="2026-01-01T00:00:01.5+00:00", inputs=[dataset("b")],
                   outputs=[dataset("c", schema="early")]),
        make_event(run=run | {"facets": {"processing_engine": 1}}, eventType="COMPLETE",
                   eventTime="2026-01-01T01:00:02+01:00", inputs=[dataset("a", schema="new")],
                   outputs=[dataset("c", columnLineage="late")]),
    ]  # fmt: skip


def test_one_event_has_what_all_had(run):
    merged = merge(run)

    assert merged["eventType"] == "COMPLETE"
    assert merged["eventTime"] == "2026-01-01T01:00:02+01:00"
    assert merged["run"]["facets"] == {"nominalTime": 1, "processing_engine": 1}
    assert merged["inputs"] == [dataset("a", schema="new"), dataset("b")]
    assert merged["outputs"] == [dataset("c", schema="early", columnLineage="late")]


def test_the_order_of_the_events_does_not_count(run):
    texts = {json.dumps(merge(list(order)), sort_keys=True) for order in itertools.permutations(run)}

    assert len(texts) == 1


def test_what_comes_after_the_end_does_not_undo_the_end(run, make_event):
    late = make_event(run={"runId": "r"}, eventType="RUNNING", eventTime="2026-01-01T00:00:09Z")

    merged = merge([*run, late])

    assert (merged["eventType"], merged["eventTime"]) == ("COMPLETE", "2026-01-01T00:00:09Z")


def test_the_events_stay_as_they_are(run):
    before = copy.deepcopy(run)

    merge(run)

    assert run == before


def test_one_event_is_itself(run):
    assert merge(run[:1]) is run[0]


def test_runs_of_two_jobs_are_two(make_event):
    assert run_of(make_event("a", run={"runId": "r"})) != run_of(make_event("b", run={"runId": "r"}))


def test_datasets_of_one_identity_in_one_event_are_united(make_event):
    event = make_event(inputs=[dataset("a", schema=1), dataset("b"), dataset("a", schema=2, dataSource=3)])

    assert unite_datasets(event)["inputs"] == [dataset("a", schema=2, dataSource=3), dataset("b")]


def test_what_united_datasets_are_made_of_is_joined(make_event):
    def made_of(**columns):
        inputs = {column: {"inputFields": [{"name": name} for name in names]} for column, names in columns.items()}
        return {"fields": inputs, "dataset": [{"name": "d"}]}

    parts = [made_of(x=["a"], y=["b"]), made_of(y=["b", "c"]), made_of(z=["d"])]
    event = make_event(outputs=[dataset("out", columnLineage=part) for part in parts] + [dataset("out")])

    assert unite_datasets(event)["outputs"] == [dataset("out", columnLineage=made_of(x=["a"], y=["b", "c"], z=["d"]))]


def event(run, second, schema=None, dataset="x"):
    facets = {"schema": {"fields": schema}} if schema else {}
    return RunEvent(
        b"",
        {
            "eventTime": f"2026-01-01T00:00:{second:02}Z",
            "run": {"runId": run},
            "job": {"namespace": "tests", "name": f"job {run}"},
            "inputs": [{"namespace": "s3://lake", "name": dataset, "facets": facets}],
        },
    )


RUN = [event("one", 0, "old"), event("one", 10)]


@pytest.mark.parametrize(
    ("other", "contradicts"),
    [
        (event("two", 5, "new"), True),
        (event("two", 10, "new"), True),
        (event("two", 5, "old"), False),
        (event("two", 5), False),
        (event("two", 11, "new"), False),
        (event("two", 5, "new", dataset="y"), False),
        (event("one", 5, "new"), False),
    ],
    ids=["between", "at the end", "the same", "nothing", "later", "another dataset", "the same run"],
)
def test_a_run_is_not_merged_over_a_facet_that_another_run_has_replaced(other, contradicts):
    facet_history = FacetHistory()
    for each in (*RUN, other):
        facet_history.note(each)

    assert facet_history.contradicts(RUN) is contradicts


def test_a_facet_that_the_run_repeats_at_its_end_stands():
    facet_history = FacetHistory()
    facet_history.note(event("two", 5, "new"))

    assert not facet_history.contradicts([RUN[0], event("one", 10, "old")])


def test_it_forgets_the_first_versions_first():
    facet_history = FacetHistory(max_versions=2)
    facet_history.note(event("two", 5, "new"))
    for second in (20, 21):
        facet_history.note(event("three", second, "other", dataset="y"))

    assert not facet_history.contradicts(RUN)
    # Memory is seen in no answer.
    assert len(facet_history._versions) == 1
