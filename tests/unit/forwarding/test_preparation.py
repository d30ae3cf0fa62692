"""Whatever a message holds, there is a verdict, and what is posted is what DataZone can take."""

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from airflow_provider_dzlineage.buffer.message import Message
from airflow_provider_dzlineage.forwarding.preparation import Preparation, body_of
from airflow_provider_dzlineage.forwarding.publisher import Result
from airflow_provider_dzlineage.forwarding.report import Outcome
from airflow_provider_dzlineage.lineage.event import MAX_EVENT_BYTES
from airflow_provider_dzlineage.lineage.rules.from_settings import rules_of
from airflow_provider_dzlineage.lineage.schema import first_violation
from airflow_provider_dzlineage.settings import load_settings

PREPARATION = Preparation(
    rules_of(load_settings({}, environment={}), lambda service, region: pytest.fail(f"{service} is asked"))
)
EVENT = {
    "eventType": "COMPLETE",
    "eventTime": "2026-01-02T03:04:05Z",
    "producer": "https://example.com",
    "schemaURL": "https://example.com/schema",
    "run": {"runId": "r", "facets": {}},
    "job": {"namespace": "n", "name": "j", "facets": {}},
    "inputs": [{"namespace": "s3://lake", "name": "raw"}],
    "outputs": [],
}


def outcome_of(text):
    """Prepare a message as the forwarder does; return its body, or what becomes of it without a post."""
    message = Message("id", "receipt", text, None, None, 0, 1)
    event = PREPARATION.prepare(message)
    return event if isinstance(event, Result) else body_of([event], message)


def check(text):
    outcome = outcome_of(text)
    if isinstance(outcome, Result):
        assert outcome.outcome in (Outcome.SKIPPED, Outcome.DEAD_LETTERED), outcome
        assert outcome.reason not in ("", "unexpected_error"), outcome
        return outcome
    assert len(outcome) <= MAX_EVENT_BYTES
    assert first_violation(json.loads(outcome)) is None
    return outcome


scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.just(10**400)
    | st.floats()
    | st.text(st.characters(codec=None), max_size=8)
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None)
@given(values)
def test_any_json_has_a_verdict(value):
    check(json.dumps(value))


places = st.sampled_from(
    [
        *(("eventType",), ("eventTime",), ("producer",), ("run",), ("run", "runId"), ("run", "facets"), ("job",)),
        *(("job", "name"), ("inputs",), ("inputs", 0), ("inputs", 0, "name"), ("inputs", 0, "namespace"), ("outputs",)),
        *(("run", "facets", "x"), ("job", "facets", "sql"), ("inputs", 0, "facets"), ("outputs", 0), ("_extra",)),
    ]
)


@settings(deadline=None, max_examples=300)
@given(places, values)
@example(("run", "facets", "x"), float("inf"))
def test_an_event_with_anything_anywhere_has_a_verdict(place, value):
    event = json.loads(json.dumps(EVENT))
    holder = event
    for key in place[:-1]:
        holder = holder[key]
    if isinstance(holder, list):
        holder.insert(place[-1], value)
    else:
        holder[place[-1]] = value

    check(json.dumps(event))


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_has_a_verdict(text):
    check(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[" * 100_000, "not_json"),
        ("[" * 100_000 + "]" * 100_000, "not_json"),
        (json.dumps(EVENT).replace('"r"', "1" * 5_000), "not_json"),
        (json.dumps(EVENT).replace('"facets": {}', '"facets": {"x": {"n": NaN}}'), "not_json"),
        (json.dumps(EVENT | {"eventTime": "2026-01-01T00:00:00"}), "not_an_event"),
    ],
    ids=["open", "deep", "a long number", "NaN", "a time without a zone"],
)
def test_what_is_wrong_is_told(text, reason):
    assert check(text).reason == reason


@pytest.mark.parametrize("number", ["1e999", "-1e999", "1" * 4_000, "0.1e-400"])
def test_a_number_that_python_cannot_hold(number):
    check(json.dumps(EVENT).replace('"facets": {}', f'"facets": {{"x": {{"n": {number}}}}}'))


@pytest.mark.parametrize("depth", [10, 200, 900, 3_000, 50_000])
def test_a_deep_facet(depth):
    check(json.dumps(EVENT).replace('"facets": {}', f'"facets": {{"x": {{"n": {"[" * depth}{"]" * depth}}}}}'))


def test_half_a_character_and_nul_are_kept():
    body = check(json.dumps(EVENT).replace('"raw"', '"a\\u0000\\ud800"'))

    assert json.loads(body)["inputs"][0]["name"] == "a\0\ud800"


def test_copies_of_one_event_are_the_request_that_one_of_them_is():
    message = Message("id", "receipt", json.dumps(EVENT), None, None, 0, 1)
    copies = [PREPARATION.prepare(message) for _ in range(3)]

    assert body_of(copies, message) == body_of(copies[:1], message) == json.dumps(EVENT).encode()
