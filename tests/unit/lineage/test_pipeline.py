import copy

import pytest

from airflow_provider_dzlineage.errors import LookupFailedError, TransformFailedError
from airflow_provider_dzlineage.lineage.filters import Filters, Globs
from airflow_provider_dzlineage.lineage.pipeline import Rules
from airflow_provider_dzlineage.lineage.transform import NamedTransform, Skip


@pytest.fixture
def event(make_event):
    return make_event("load")


def transforms(*functions, is_foreign=True):
    return tuple(NamedTransform(function.__name__, function, is_foreign) for function in functions)


def louder(event):
    return {**event, "job": {**event["job"], "name": event["job"]["name"] + "!"}}


def unwanted(event):
    return Skip("unwanted")


def test_transforms_are_applied_in_their_order(event):
    seen = []

    def look(event):
        seen.append(event["job"]["name"])
        return event

    result = Rules(transforms(look, louder, look, louder)).apply(event)

    assert seen == ["load", "load!"]
    assert result["job"]["name"] == "load!!"
    assert event["job"]["name"] == "load"


def test_without_a_change_the_event_is_the_same_object(event):
    assert Rules(transforms(lambda event: event)).apply(event) is event


def test_a_skip_ends_it(event):
    assert Rules(transforms(unwanted, louder)).apply(event) == Skip("unwanted")


def test_one_that_raises_is_named_with_what_it_said(event):
    def broken(event):
        return event["nothing"]

    with pytest.raises(TransformFailedError, match="transform_failed: broken: KeyError: 'nothing'"):
        Rules(transforms(broken)).apply(event)


def test_a_look_up_that_failed_is_no_mistake_of_the_transform(event):
    def asks(event):
        raise LookupFailedError("denied", "lookup_denied")

    with pytest.raises(LookupFailedError):
        Rules(transforms(asks)).apply(event)


@pytest.mark.parametrize("result", [None, "text", {}, {"job": {}}])
def test_what_a_foreign_transform_returns_is_checked(event, result):
    with pytest.raises(TransformFailedError, match="transform_failed: foreign"):
        Rules((NamedTransform("foreign", lambda _: result, is_foreign=True),)).apply(event)


@pytest.mark.parametrize("kind", ["START", "RUNNING", "COMPLETE", "OTHER"])
def test_what_draws_nothing_is_skipped(event, kind):
    event |= {"eventType": kind, "inputs": [], "outputs": []}

    assert Rules().apply(event) == Skip("draws_nothing")
    assert Rules(skip_empty=False).apply(event) is event


@pytest.mark.parametrize("kind", ["FAIL", "ABORT"])
def test_bad_news_is_never_skipped(event, kind):
    event |= {"eventType": kind, "inputs": [], "outputs": []}

    assert Rules().apply(event) is event


def test_what_a_transform_leaves_without_datasets_draws_nothing(event):
    def without_datasets(event):
        return {**event, "inputs": [], "outputs": []}

    assert Rules(transforms(without_datasets)).apply(event) == Skip("draws_nothing")


def test_filters_see_what_producers_wrote(event):
    rules = Rules(transforms(louder), Filters(jobs=Globs(exclude=["load!"])))

    assert rules.apply(event)["job"]["name"] == "load!"
    assert Rules(filters=Filters(jobs=Globs(exclude=["load"]))).apply(event) == Skip("filtered_job")


def test_our_own_events_are_skipped(make_event):
    assert Rules().apply(make_event("dzlineage_forward.drain")) == Skip("own_job")


def test_datasets_that_became_one_are_united(event):
    event["inputs"] = [{"namespace": "s3://lake", "name": name, "facets": {name: {}}} for name in ("a", "b")]

    def same(event):
        return {**event, "inputs": [{**dataset, "name": "one"} for dataset in event["inputs"]]}

    (united,) = Rules(transforms(same)).apply(event)["inputs"]
    assert united == {"namespace": "s3://lake", "name": "one", "facets": {"a": {}, "b": {}}}


@pytest.mark.parametrize("odd", [{"a"}, object(), float("nan"), float("inf")])
def test_what_is_no_json_is_the_fault_of_the_foreign_transform(event, odd):
    def foreign(given):
        return {**given, "run": {**given["run"], "facets": {"x": {"y": odd}}}}

    with pytest.raises(TransformFailedError, match="transform_failed: foreign: what it returned is no"):
        Rules(transforms(foreign)).apply(event)


def test_a_foreign_transform_that_changes_what_it_is_given_changes_nothing_else(event):
    def foreign(given):
        given["job"]["name"] = "changed"
        return given

    before = copy.deepcopy(event)

    assert Rules(transforms(foreign)).apply(event)["job"]["name"] == "changed"
    assert event == before


def test_a_foreign_transform_that_changes_nothing_leaves_the_very_event(event):
    assert Rules(transforms(lambda given: {**given})).apply(event) is event
