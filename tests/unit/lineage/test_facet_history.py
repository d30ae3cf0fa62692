import pytest

from airflow_provider_dzlineage.lineage.event import RunEvent
from airflow_provider_dzlineage.lineage.facet_history import FacetHistory


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
    assert len(facet_history._versions) == 1
