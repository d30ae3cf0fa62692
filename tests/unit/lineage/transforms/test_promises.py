"""What each built-in transform keeps to, whatever the event."""

import copy
import json

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from airflow_provider_dzlineage.lineage.datasets import datasets_in
from airflow_provider_dzlineage.lineage.rules.from_settings import BUILT_IN, pipeline_of
from airflow_provider_dzlineage.lineage.schema import violation_of
from airflow_provider_dzlineage.settings.site import load_settings
from tests.unit.golden.forms import FORMS, SETTINGS

PIPELINE = pipeline_of(
    load_settings(
        SETTINGS
        | {
            "transforms": [*BUILT_IN],
            "job_names": [r"_\d{8}"],
            "namespaces": {"jobs": {"golden": "gold"}, "datasets": {"/^s3://old-(.*)/": r"s3://new-\1"}},
            "facets": {"drop": ["custom"]},
        },
        environment={},
    ),
    lambda service, region: pytest.fail(f"{service} is asked"),
)
TRANSFORMS = {named.name: named for named in PIPELINE.transforms}
# These change more than names of datasets.
NOT_RENAMING = ("redact", "symlinks", "job_names", "facets")
RENAMING = [name for name in TRANSFORMS if name not in NOT_RENAMING]

identities = st.one_of(
    st.sampled_from([(form.namespace, form.name) for form in FORMS]),
    st.tuples(
        st.sampled_from([*{form.namespace for form in FORMS}, "s3://old-lake", "s3://"]),
        st.text('ab./= "_', min_size=1, max_size=12),
    ),
    st.tuples(st.text(min_size=1, max_size=6), st.text(min_size=1, max_size=6)),
)


def named(identity, **more):
    return {"namespace": identity[0], "name": identity[1], **more}


@st.composite
def facets(draw):
    found = {}
    if inputs := draw(st.lists(identities, max_size=3)):
        found["columnLineage"] = {"fields": {"a": {"inputFields": [named(each, field="f") for each in inputs]}}}
    if links := draw(st.lists(identities, max_size=2)):
        found["symlinks"] = {"identifiers": [named(each, type="TABLE") for each in links]}
    if text := draw(st.sampled_from(["", "s3://u:p@host", "PASSWORD 'x'", "ñ\x00\ud800"])):
        found["custom"] = {"text": text}
    return found


@st.composite
def run_events(draw):
    sides = {
        side: [named(each, facets=draw(facets())) for each in draw(st.lists(identities, max_size=3, unique=True))]
        for side in ("inputs", "outputs")
    }
    return {
        "eventTime": "2026-01-02T03:04:05Z",
        "producer": "https://example.com",
        "schemaURL": "https://example.com/schema",
        "run": {"runId": "r", "facets": {}},
        "job": {"namespace": "golden", "name": draw(st.sampled_from(["load", "load_20260102", "a.b_20260102_c"]))},
        **sides,
    }


@pytest.mark.parametrize("name", TRANSFORMS)
@given(run_events())
def test_it_leaves_its_input_and_what_it_has_done_itself(name, event):
    transform, before = TRANSFORMS[name], copy.deepcopy(event)

    after = transform(event)

    assert event == before
    assert violation_of(after) is None
    assert transform(after) == after


@pytest.mark.parametrize("name", TRANSFORMS)
@given(run_events())
def test_an_event_that_it_changes_is_one_that_its_quick_look_lets_through(name, event):
    transform = TRANSFORMS[name]

    assert transform(event) == event or transform.may_change(json.dumps(event).lower())


@pytest.mark.parametrize("name", TRANSFORMS)
def test_there_are_events_that_it_changes(name):
    once = settings(max_examples=1000, phases=[Phase.generate], database=None, derandomize=True)

    try:
        find(run_events(), lambda event: TRANSFORMS[name](event) != event, settings=once)
    except NoSuchExample:
        pytest.fail(f"{name} changes none: add a form to tests/unit/golden/forms.py, or its setting to PIPELINE")


@pytest.mark.parametrize("name", RENAMING)
@given(run_events())
def test_a_name_becomes_the_same_one_everywhere_and_nothing_else_changes(name, event):
    after = TRANSFORMS[name](event)

    renamed = {}
    for old, new in zip(datasets_in(event), datasets_in(after), strict=True):
        assert renamed.setdefault(old, new) == new
    assert without_names(after) == without_names(event)


def without_names(value):
    if isinstance(value, list):
        return [without_names(item) for item in value]
    if not isinstance(value, dict):
        return value
    is_named = {"namespace", "name"} <= value.keys()
    return {key: without_names(item) for key, item in value.items() if not (is_named and key in ("namespace", "name"))}
