"""Whatever a body holds, there is a decision, and what is posted is what DataZone can take."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from airflow_provider_dzlineage.errors import DzLineageError, InvalidEventError, LookupFailedError
from airflow_provider_dzlineage.lineage.event import MAX_EVENT_BYTES, json_bytes
from airflow_provider_dzlineage.lineage.filters import Filters, Globs
from airflow_provider_dzlineage.lineage.pipeline import Decision, Outcome, Pipeline
from airflow_provider_dzlineage.lineage.rules.from_settings import pipeline_of
from airflow_provider_dzlineage.lineage.schema import violation_of
from airflow_provider_dzlineage.lineage.transform import NamedTransform, Skip
from airflow_provider_dzlineage.settings.site import load_settings
from tests.fixtures.properties import examples


@pytest.fixture
def event(make_event):
    return make_event("load")


def transforms(*functions, is_foreign=True):
    return tuple(NamedTransform(function.__name__, function, is_foreign) for function in functions)


def prepare(event, *named, **rules):
    return Pipeline(named, **rules).prepare(json_bytes(event))


def prepared(event, *named, **rules):
    """Return the event as the pipeline lets it through."""
    decision = prepare(event, *named, **rules)
    assert decision.outcome is Outcome.POSTED, decision
    assert json.loads(decision.event.body) == decision.event.data
    return decision.event.data


def louder(event):
    return {**event, "job": {**event["job"], "name": event["job"]["name"] + "!"}}


def unwanted(event):
    return Skip("unwanted")


def test_transforms_are_applied_in_their_order(event):
    seen = []

    def look(event):
        seen.append(event["job"]["name"])
        return event

    result = prepared(event, *transforms(look, louder, look, louder))

    assert seen == ["load", "load!"]
    assert result["job"]["name"] == "load!!"
    assert event["job"]["name"] == "load"


def test_without_a_change_the_body_is_the_same_object(event):
    body = json.dumps(event).encode()

    decision = Pipeline(transforms(lambda event: event)).prepare(body)

    assert decision.event.body is body
    assert decision.event.data == event


def test_a_skip_ends_it(event):
    decision = prepare(event, *transforms(unwanted, louder))

    assert (decision.outcome, decision.reason, decision.event) == (Outcome.SKIPPED, "unwanted", None)
    assert [step.transform for step in decision.trace] == ["unwanted"]


def test_one_that_raises_is_named_with_its_error(event):
    def broken(event):
        return event["nothing"]

    decision = prepare(event, *transforms(broken))

    assert decision == Decision(Outcome.DEAD_LETTERED, "transform_failed", "broken: KeyError: 'nothing'")
    assert isinstance(decision.error, InvalidEventError)
    assert str(decision.error) == "transform_failed: broken: KeyError: 'nothing'"


def test_a_look_up_that_failed_is_no_mistake_of_the_transform(event):
    def asks(event):
        raise LookupFailedError("denied", "lookup_denied")

    decision = prepare(event, *transforms(asks))

    assert decision == Decision(Outcome.RELEASED, "lookup_denied", "denied")
    assert isinstance(decision.error, LookupFailedError)
    assert (str(decision.error), decision.error.reason) == ("denied", "lookup_denied")


@pytest.mark.parametrize("result", [None, "text", {}, {"job": {}}])
def test_what_a_foreign_transform_returns_is_checked(event, result):
    decision = prepare(event, NamedTransform("foreign", lambda _: result, is_foreign=True))

    assert (decision.outcome, decision.reason) == (Outcome.DEAD_LETTERED, "transform_failed")
    assert decision.detail.startswith("foreign: ")


@pytest.mark.parametrize("kind", ["START", "RUNNING", "COMPLETE", "OTHER"])
def test_what_draws_nothing_is_skipped(event, kind):
    event |= {"eventType": kind, "inputs": [], "outputs": []}

    assert prepare(event) == Decision(Outcome.SKIPPED, "draws_nothing")
    assert prepared(event, skip_empty=False) == event


@pytest.mark.parametrize("kind", ["FAIL", "ABORT"])
def test_bad_news_is_never_skipped(event, kind):
    event |= {"eventType": kind, "inputs": [], "outputs": []}

    assert prepared(event) == event


def test_what_a_transform_leaves_without_datasets_draws_nothing(event):
    def without_datasets(event):
        return {**event, "inputs": [], "outputs": []}

    decision = prepare(event, *transforms(without_datasets))

    assert (decision.outcome, decision.reason) == (Outcome.SKIPPED, "draws_nothing")


def test_filters_see_what_producers_wrote(event):
    filters = Filters(jobs=Globs(exclude=["load!"]))

    assert prepared(event, *transforms(louder), filters=filters)["job"]["name"] == "load!"
    without_load = Filters(jobs=Globs(exclude=["load"]))
    assert prepare(event, filters=without_load) == Decision(Outcome.SKIPPED, "filtered_job")


def test_our_own_events_are_skipped(make_event):
    assert prepare(make_event("dzlineage_forward.drain")) == Decision(Outcome.SKIPPED, "own_job")


def test_datasets_that_became_one_are_united(event):
    event["inputs"] = [{"namespace": "s3://lake", "name": name, "facets": {name: {}}} for name in ("a", "b")]

    def same(event):
        return {**event, "inputs": [{**dataset, "name": "one"} for dataset in event["inputs"]]}

    decision = prepare(event, *transforms(same))

    (united,) = decision.event.data["inputs"]
    assert [step.stage for step in decision.trace] == ["transform", "merge"]
    assert united == {"namespace": "s3://lake", "name": "one", "facets": {"a": {}, "b": {}}}


@pytest.mark.parametrize("odd", [{"a"}, object(), float("nan"), float("inf")])
def test_what_is_no_json_is_the_fault_of_the_foreign_transform(event, odd):
    def foreign(event):
        return {**event, "run": {**event["run"], "facets": {"x": {"y": odd}}}}

    decision = prepare(event, *transforms(foreign))

    assert (decision.outcome, decision.reason) == (Outcome.DEAD_LETTERED, "transform_failed")
    assert decision.detail.startswith("foreign: what it returned is not ")


def test_a_foreign_transform_that_changes_what_it_is_given_changes_nothing_else(event):
    def foreign(event):
        event["job"]["name"] = "changed"
        return event

    decision = prepare(event, *transforms(foreign))

    assert decision.event.data["job"]["name"] == "changed"
    assert decision.trace[0].before == event


def test_a_foreign_transform_that_changes_nothing_leaves_the_very_event(event):
    body = json.dumps(event).encode()

    assert Pipeline(transforms(lambda event: {**event})).prepare(body).event.body is body


def test_a_mistake_of_ours_is_a_decision_too(event):
    def broken(text):
        raise KeyError(text)

    def raises(event):
        raise ValueError("no")

    decision = prepare(event, *transforms(raises), redact_text=broken)

    assert (decision.outcome, decision.reason) == (Outcome.DEAD_LETTERED, "unexpected_error")
    assert decision.detail.startswith("KeyError in broken, line ")
    assert decision.detail.endswith(" of test_pipeline.py")
    assert type(decision.error) is DzLineageError
    assert str(decision.error) == f"unexpected {decision.detail}"


DEFAULT = pipeline_of(load_settings({}, environment={}), lambda service, region: pytest.fail(f"{service} is asked"))
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


def check(text):
    """Take a text through the pipeline as the forwarder does."""
    decision = DEFAULT.prepare(text.encode("utf-8", errors="surrogatepass"))
    if decision.event:
        decision = DEFAULT.encode([decision.event])
    if decision.event is None:
        assert decision.outcome in (Outcome.SKIPPED, Outcome.DEAD_LETTERED), decision
        assert decision.reason not in ("", "unexpected_error"), decision
        return decision
    assert decision.outcome is Outcome.POSTED
    assert len(decision.event.body) <= MAX_EVENT_BYTES
    assert violation_of(json.loads(decision.event.body)) is None
    return decision


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


@given(values)
def test_any_json_has_a_decision(value):
    check(json.dumps(value))


places = st.sampled_from(
    [
        *(("eventType",), ("eventTime",), ("producer",), ("run",), ("run", "runId"), ("run", "facets"), ("job",)),
        *(("job", "name"), ("inputs",), ("inputs", 0), ("inputs", 0, "name"), ("inputs", 0, "namespace"), ("outputs",)),
        *(("run", "facets", "x"), ("job", "facets", "sql"), ("inputs", 0, "facets"), ("outputs", 0), ("_extra",)),
    ]
)


@examples(3)
@given(places, values)
@example(("run", "facets", "x"), float("inf"))
def test_an_event_with_anything_anywhere_has_a_decision(place, value):
    event = json.loads(json.dumps(EVENT))
    holder = event
    for key in place[:-1]:
        holder = holder[key]
    if isinstance(holder, list):
        holder.insert(place[-1], value)
    else:
        holder[place[-1]] = value

    check(json.dumps(event))


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_has_a_decision(text):
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
def test_the_reason_names_what_is_wrong(text, reason):
    assert check(text).reason == reason


@pytest.mark.parametrize("number", ["1e999", "-1e999", "1" * 4_000, "0.1e-400"])
def test_a_number_that_python_cannot_hold(number):
    check(json.dumps(EVENT).replace('"facets": {}', f'"facets": {{"x": {{"n": {number}}}}}'))


@pytest.mark.parametrize("depth", [10, 200, 900, 3_000, 50_000])
def test_a_deep_facet(depth):
    check(json.dumps(EVENT).replace('"facets": {}', f'"facets": {{"x": {{"n": {"[" * depth}{"]" * depth}}}}}'))


def test_half_a_character_and_nul_are_kept():
    decision = check(json.dumps(EVENT).replace('"raw"', '"a\\u0000\\ud800"'))

    assert json.loads(decision.event.body)["inputs"][0]["name"] == "a\0\ud800"


def test_copies_of_one_event_are_the_request_that_one_of_them_is():
    body = json.dumps(EVENT).encode()
    copies = [DEFAULT.prepare(body).event for _ in range(3)]

    assert DEFAULT.encode(copies).event.body == DEFAULT.encode(copies[:1]).event.body == body


def test_what_fits_no_post_together_is_not_posted_together():
    halves = [EVENT | {"producer": f"https://example.com/{letter * 200_000}"} for letter in "ab"]
    halves[1] |= {"job": EVENT["job"] | {"facets": {"x": {"text": "c" * 200_000}}}}

    decision = DEFAULT.encode([DEFAULT.prepare(json_bytes(half)).event for half in halves])

    assert (decision.outcome, decision.reason, decision.event) == (Outcome.DEAD_LETTERED, "too_large", None)


def test_trimming_and_merging_leave_a_trace():
    big = EVENT | {"run": {"runId": "r", "facets": {"spark.logicalPlan": {"plan": "x" * 400_000}}}}

    trimmed = DEFAULT.encode([DEFAULT.prepare(json_bytes(big)).event])
    merged = DEFAULT.encode(
        [DEFAULT.prepare(json_bytes(each)).event for each in (EVENT, EVENT | {"outputs": EVENT["inputs"]})]
    )

    assert [step.stage for step in trimmed.trace] == ["trim"]
    assert trimmed.trace[0].after == trimmed.event.data
    assert [step.stage for step in merged.trace] == ["merge"]
    assert merged.event.data["outputs"] == EVENT["inputs"]
