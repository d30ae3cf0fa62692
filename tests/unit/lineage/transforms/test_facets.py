import copy

import pytest

from airflow_provider_dzlineage.errors import ConfigurationError
from airflow_provider_dzlineage.lineage.transforms.facets import facets


@pytest.fixture
def event(make_event):
    event = make_event("load")
    event["run"]["facets"] = {"parent": {}, "debug": {}, "spark.logicalPlan": {}, "environment-properties": {}}
    event["job"]["facets"] = {"sql": {}, "ownership": {}}
    own = {"symlinks": {}, "schema": {}}
    event["inputs"] = [{"namespace": "a", "name": "b", "facets": dict(own), "inputFacets": {"statistics": {}}}]
    event["outputs"] = [{"namespace": "a", "name": "c", "facets": dict(own), "outputFacets": {"statistics": {}}}]
    return event


def names(event):
    run, job = set(event["run"]["facets"]), set(event["job"]["facets"])
    (read,), (written,) = event["inputs"], event["outputs"]
    return run, job, set(read["facets"]), set(read["inputFacets"]), set(written["outputFacets"])


def test_what_is_named_is_dropped_everywhere(event):
    before = copy.deepcopy(event)

    dropped = facets({"drop": ["spark.*", "debug", "stat*", "sql"]})(event)

    assert event == before
    assert names(dropped) == ({"parent", "environment-properties"}, {"ownership"}, {"symlinks", "schema"}, set(), set())


def test_only_what_is_named_is_kept_and_what_the_graph_hangs_on(event):
    kept = facets({"keep": ["schema"]})(event)

    assert names(kept) == ({"parent", "environment-properties"}, set(), {"symlinks", "schema"}, set(), set())


def test_what_the_graph_hangs_on_is_not_dropped_by_a_star(event):
    run, _, dataset, _, _ = names(facets({"drop": ["*"]})(event))

    assert (run, dataset) == ({"parent", "environment-properties"}, {"symlinks"})
    assert "environment-properties" not in facets({"drop": ["environment-properties"]})(event)["run"]["facets"]


def test_where_nothing_goes_the_event_is_the_same(event):
    assert facets({"drop": ["other"]})(event) is event
    assert facets({})(event) is event


@pytest.mark.parametrize("choice", [{"drop": ["a"], "keep": ["b"]}, {"remove": ["a"]}, {"drop": "a"}, {"keep": [1]}])
def test_a_wrong_choice_is_refused_with_an_example(choice):
    with pytest.raises(ConfigurationError, match=r"'facets'.*for example"):
        facets(choice)
