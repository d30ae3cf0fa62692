"""The preview of each event is what the forwarder does to it."""

import json

import pytest

from airflow_provider_dzlineage.errors import LookupFailedError
from airflow_provider_dzlineage.lineage.changes import Change
from airflow_provider_dzlineage.lineage.datasets import Dataset
from airflow_provider_dzlineage.lineage.pipeline import Outcome, Pipeline
from airflow_provider_dzlineage.lineage.preview import preview, with_merges
from airflow_provider_dzlineage.lineage.redaction.redact import Redaction
from airflow_provider_dzlineage.lineage.transform import NamedTransform
from airflow_provider_dzlineage.lineage.transforms.glue import glue

GLUE = "arn:aws:glue:eu-west-1:123456789012"
PIPELINE = Pipeline((NamedTransform("redact", Redaction()), NamedTransform("glue", glue)))


def test_renames_are_shown_with_their_transform_and_the_names_of_the_catalog(make_event):
    event = make_event("load", outputs=[{"namespace": GLUE, "name": "sales.orders"}])

    result = preview("here", event, PIPELINE)

    assert result.outcome is Outcome.POSTED
    rename = (Dataset(GLUE, "sales.orders"), Dataset(GLUE, "table/sales/orders"))
    assert result.changes == (Change("glue", "", (rename,)),)
    assert result.identifiers.outputs == (f"{GLUE}:table/sales/orders",)
    assert result.identifiers.job == "tests.load"
    assert result.size_after == len(json.dumps(result.after, separators=(",", ":"), ensure_ascii=False).encode())


def test_other_changes_are_shown_too(make_event):
    event = make_event("load")
    event["job"]["facets"] = {"sql": {"query": "ALTER USER u PASSWORD 'x'"}}

    assert preview("here", event, PIPELINE).changes == (Change("redact", "", changes_more=True),)


def test_what_is_redacted_is_not_shown(make_event):
    event = make_event("load", outputs=[{"namespace": "postgres://me:hunter22@db:5432", "name": "d.s.t"}])
    pipeline = Pipeline(PIPELINE.transforms, redact_text=Redaction().raw)

    result = preview("here", event, pipeline)

    assert result.changes == (Change("redact", "", changes_more=True),)
    assert "hunter22" not in json.dumps(result.to_dict())


def test_what_a_transform_says_is_shown_without_secrets(make_event):
    def boom(event):
        raise ValueError("no: password='hunter22'")

    pipeline = Pipeline((NamedTransform("boom", boom, is_foreign=True),), redact_text=Redaction().raw)

    result = preview("here", make_event("load password='hunter22'"), pipeline)

    assert result.outcome is Outcome.DEAD_LETTERED
    assert result.detail.startswith("boom: ValueError: no: password='***'")
    assert "hunter22" not in json.dumps(result.to_dict())


def test_what_trimming_leaves_out_is_shown(make_event):
    event = make_event("load")
    event["run"]["facets"] = {"spark.logicalPlan": {"plan": "x" * 400_000}}

    result = preview("here", event, PIPELINE)

    assert result.size_before > 400_000
    assert result.size_after < 300_000
    (lost,) = result.lost
    assert lost["what"] == "run facet spark.logicalPlan"


@pytest.mark.parametrize("lost", [None, 7, ["x"], [{"what": "x"}], [{"what": "x", "count": 1, "bytes": 2}]])
def test_what_an_event_says_that_was_left_out_of_it_before_is_not_shown(make_event, lost):
    event = make_event("load")
    event["run"]["facets"] = {"dzlineage_fit": {"lost": lost}}

    result = preview("here", event, PIPELINE)

    assert (result.outcome, result.lost) == (Outcome.POSTED, ())


def test_datasets_that_become_one_are_shown(make_event):
    outputs = [{"namespace": GLUE, "name": name} for name in ("sales.orders", "table/sales/orders", "sales.items")]

    result = preview("here", make_event("load", outputs=outputs), PIPELINE)

    assert result.united == ({"side": "outputs", "count": 2, "namespace": GLUE, "name": "table/sales/orders"},)
    assert len(result.after["outputs"]) == 2


def test_datasets_that_came_as_one_are_not_shown(make_event):
    same = [{"namespace": "s3://lake", "name": "orders"}] * 2

    assert preview("here", make_event("load", outputs=same), PIPELINE).united == ()


@pytest.mark.parametrize(
    ("change", "outcome", "reason"),
    [
        ({"inputs": [], "outputs": []}, Outcome.SKIPPED, "draws_nothing"),
        ({"job": {"namespace": "a", "name": "dzlineage_forward.drain"}}, Outcome.SKIPPED, "own_job"),
        ({"eventTime": "yesterday"}, Outcome.DEAD_LETTERED, "not_an_event"),
        ({"run": None}, Outcome.DEAD_LETTERED, "not_an_event"),
        ({"inputs": [{"namespace": "a", "name": "x" * 300_000}]}, Outcome.DEAD_LETTERED, "too_large"),
    ],
)
def test_what_is_not_posted_has_its_reason(make_event, change, outcome, reason):
    result = preview("here", make_event("load") | change, PIPELINE)

    assert (result.outcome, result.reason) == (outcome, reason)
    assert result.needs_a_look == (outcome is Outcome.DEAD_LETTERED)


def test_job_and_dataset_events_are_skipped():
    result = preview("here", {"job": {"namespace": "a", "name": "b"}, "eventTime": "2026-01-02T03:04:05Z"}, PIPELINE)

    assert (result.outcome, result.reason) == (Outcome.SKIPPED, "job_event")


def test_a_failed_look_up_keeps_the_event(make_event):
    def asks(event):
        raise LookupFailedError("denied", "redshift_lookup_denied")

    result = preview("here", make_event("load"), Pipeline((NamedTransform("redshift", asks),)))

    assert (result.outcome, result.reason, result.detail) == (Outcome.RELEASED, "redshift_lookup_denied", "denied")
    assert result.verdict == "keep in the queue"


def test_a_transform_that_raises_is_named(make_event):
    result = preview("here", make_event("load"), Pipeline((NamedTransform("mine", lambda event: event["x"]),)))

    assert (result.outcome, result.reason, result.detail) == (
        Outcome.DEAD_LETTERED,
        "transform_failed",
        "mine: KeyError: 'x'",
    )


@pytest.mark.parametrize(
    "value", [{}, {"run": 1}, {"eventType": []}, {"job": []}, {"a": "\ud800"}, {"a": float("inf")}]
)
def test_whatever_it_is_there_is_a_verdict(value):
    assert preview("here", value, PIPELINE).needs_a_look


def test_events_of_one_run_are_one_post(make_event):
    first, other = make_event("load"), make_event("load")
    previews = [
        preview(str(number), event, PIPELINE)
        for number, event in enumerate([first, other, first | {"eventType": "FAIL"}])
    ]

    assert [(result.outcome, result.with_place) for result in with_merges(previews)] == [
        (Outcome.POSTED, ""),
        (Outcome.POSTED, ""),
        (Outcome.MERGED, "0"),
    ]


def test_events_that_fit_no_post_together_are_posts_of_their_own(make_event):
    halves = _events_of_one_run(make_event, {"a": "x" * 200_000}, {"b": "x" * 200_000})

    result = list(with_merges([preview(str(number), event, PIPELINE) for number, event in enumerate(halves)]))

    assert [(each.outcome, each.with_place) for each in result] == [(Outcome.POSTED, ""), (Outcome.POSTED, "")]


def test_what_fits_no_post_keeps_its_run_apart(make_event):
    big, small = _events_of_one_run(make_event, {}, {})
    big["outputs"] = [{"namespace": "a", "name": "x" * 300_000}]

    result = list(with_merges([preview("big", big, PIPELINE), preview("small", small, PIPELINE)]))

    assert [each.outcome for each in result] == [Outcome.DEAD_LETTERED, Outcome.POSTED]


def test_what_is_said_anew_may_make_one_post_of_what_would_not_fit(make_event):
    old, new = _events_of_one_run(make_event, {"plan": "x" * 400_000}, {"plan": "short"})
    new["eventTime"] = "2026-01-02T03:04:06Z"

    result = list(with_merges([preview("old", old, PIPELINE), preview("new", new, PIPELINE)]))

    assert [(each.outcome, each.with_place, each.lost) for each in result] == [
        (Outcome.POSTED, "", ()),
        (Outcome.MERGED, "old", ()),
    ]


def _events_of_one_run(make_event, *facets):
    run = make_event()["run"]
    return [
        make_event("load", run=run | {"facets": {name: {"text": text} for name, text in each.items()}})
        for each in facets
    ]


HOSTILE = {
    "deep": lambda event: _with_facet(event, '{"a":' * 700 + "1" + "}" * 700),
    "deep with a secret": lambda event: _with_facet(event, '{"password":"x","a":' * 700 + "1" + "}" * 700),
    "too deep": lambda event: _with_facet(event, '{"a":' * 90_000 + "1" + "}" * 90_000),
    "big number": lambda event: _with_facet(event, '{"a": 1e999, "b": 1.0E+400}'),
    "big number to be renamed": lambda event: _with_facet(event, '{"a": 1e999}').replace("s3://lake", GLUE),
    "NaN": lambda event: _with_facet(event, '{"a": NaN}'),
    "-Infinity": lambda event: _with_facet(event, '{"a": -Infinity}'),
    "half a character": lambda event: _with_facet(event, r'{"a": "\ud800"}'),
    "white space": lambda event: json.dumps(event, indent=10_000),
    "no white space": lambda event: json.dumps(event, separators=(",", ":")),
    "too large": lambda event: json.dumps(event | {"producer": "https://x/" + "x" * 300_000}),
    "big plan": lambda event: _with_facet(event, json.dumps({"a": "x" * 300_000})),
    "job event": lambda event: json.dumps({name: event[name] for name in ("job", "eventTime")}),
    "no event": lambda event: "{}",
    "empty": lambda event: json.dumps(event | {"inputs": [], "outputs": []}),
    "strange": lambda event: json.dumps(event | {"job": {"namespace": {}, "name": []}}),
}


def _with_facet(event, text):
    return json.dumps(event | {"producer": "urn:x"}).replace('"run": {', '"run": {"facets": {"x": ' + text + "}, ", 1)


@pytest.mark.parametrize("kind", HOSTILE)
def test_it_comes_to_the_same_end_as_the_forwarder(make_event, kind):
    text = HOSTILE[kind](make_event())
    decision = PIPELINE.prepare(text.encode())
    if decision.event:
        decision = PIPELINE.encode([decision.event])

    try:
        event = json.loads(text)
    except RecursionError:
        event = {}
    result = preview("here", event, PIPELINE, text.encode())

    assert (result.outcome, result.reason, result.detail) == (decision.outcome, decision.reason, decision.detail)
    if decision.event:
        assert (result.outcome, result.size_after) == (Outcome.POSTED, len(decision.event.body))
        assert result.verdict == "post"
    else:
        assert result.verdict == {"skipped": "skip", "dead_lettered": "dead letter"}[decision.outcome.value]


def test_a_mistake_of_ours_is_a_dead_letter_as_with_the_forwarder(make_event):
    def breaks(text):
        raise KeyError(text)

    result = preview("here", make_event("load"), Pipeline(redact_text=breaks))

    assert (result.outcome, result.reason) == (Outcome.DEAD_LETTERED, "unexpected_error")
    assert result.detail.startswith("KeyError in breaks, line ")


def test_as_json_it_holds_no_body(make_event):
    result = preview(
        "here", make_event("load", outputs=[{"namespace": GLUE, "name": "sales.orders"}]), PIPELINE
    ).to_dict()

    result = json.loads(json.dumps(result))
    assert result["verdict"] == "post"
    assert result["changes"][0]["renames"][0]["to"] == {"namespace": GLUE, "name": "table/sales/orders"}
    assert not {"before", "prepared", "after", "outcome"} & result.keys()
