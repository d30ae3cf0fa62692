"""What is told of each event is what the forwarder does to it."""

import json

import pytest

from airflow_provider_dzlineage.buffer.message import Message
from airflow_provider_dzlineage.errors import LookupFailedError
from airflow_provider_dzlineage.forwarding.preparation import Preparation, body_of
from airflow_provider_dzlineage.lineage.datasets import Dataset
from airflow_provider_dzlineage.lineage.event import RunEvent
from airflow_provider_dzlineage.lineage.pipeline import Rules
from airflow_provider_dzlineage.lineage.preview import Verdict, preview, with_merges
from airflow_provider_dzlineage.lineage.preview_changes import Change
from airflow_provider_dzlineage.lineage.redaction.redact import redact
from airflow_provider_dzlineage.lineage.transform import NamedTransform
from airflow_provider_dzlineage.lineage.transforms.glue import glue

GLUE = "arn:aws:glue:eu-west-1:123456789012"
RULES = Rules((NamedTransform("redact", redact()), NamedTransform("glue", glue)))


def test_renames_are_told_with_their_transform_and_the_names_of_the_catalog(make_event):
    event = make_event("load", outputs=[{"namespace": GLUE, "name": "sales.orders"}])

    told = preview("here", event, RULES)

    assert told.verdict is Verdict.POST
    rename = (Dataset(GLUE, "sales.orders"), Dataset(GLUE, "table/sales/orders"))
    assert told.changes == (Change("glue", "", (rename,)),)
    assert told.identifiers.outputs == (f"{GLUE}:table/sales/orders",)
    assert told.identifiers.job == "tests.load"
    assert told.size_after == len(json.dumps(told.after, separators=(",", ":"), ensure_ascii=False).encode())


def test_other_changes_are_told_too(make_event):
    event = make_event("load")
    event["job"]["facets"] = {"sql": {"query": "ALTER USER u PASSWORD 'x'"}}

    assert preview("here", event, RULES).changes == (Change("redact", "", changes_more=True),)


def test_what_is_blotted_out_is_not_told(make_event):
    event = make_event("load", outputs=[{"namespace": "postgres://me:hunter22@db:5432", "name": "d.s.t"}])
    rules = Rules(RULES.transforms, redact_text=redact().raw)

    told = preview("here", event, rules)

    assert told.changes == (Change("redact", "", changes_more=True),)
    assert "hunter22" not in json.dumps(told.to_dict())


def test_what_a_transform_says_is_told_without_secrets(make_event):
    def boom(event):
        raise ValueError("no: password='hunter22'")

    rules = Rules((NamedTransform("boom", boom, is_foreign=True),), redact_text=redact().raw)

    told = preview("here", make_event("load password='hunter22'"), rules)

    assert told.verdict is Verdict.DEAD_LETTER
    assert told.detail.startswith("boom: ValueError: no: password='***'")
    assert "hunter22" not in json.dumps(told.to_dict())


def test_what_fitting_leaves_out_is_told(make_event):
    event = make_event("load")
    event["run"]["facets"] = {"spark.logicalPlan": {"plan": "x" * 400_000}}

    told = preview("here", event, RULES)

    assert told.size_before > 400_000
    assert told.size_after < 300_000
    (lost,) = told.lost
    assert lost["what"] == "run facet spark.logicalPlan"


@pytest.mark.parametrize("lost", [None, 7, ["x"], [{"what": "x"}], [{"what": "x", "count": 1, "bytes": 2}]])
def test_what_an_event_says_that_was_left_out_of_it_before_is_not_told(make_event, lost):
    event = make_event("load")
    event["run"]["facets"] = {"dzlineage_fit": {"lost": lost}}

    told = preview("here", event, RULES)

    assert (told.verdict, told.lost) == (Verdict.POST, ())


def test_datasets_that_become_one_are_told(make_event):
    outputs = [{"namespace": GLUE, "name": name} for name in ("sales.orders", "table/sales/orders", "sales.items")]

    told = preview("here", make_event("load", outputs=outputs), RULES)

    assert told.united == ({"side": "outputs", "count": 2, "namespace": GLUE, "name": "table/sales/orders"},)
    assert len(told.after["outputs"]) == 2


def test_datasets_that_came_as_one_are_not_told(make_event):
    same = [{"namespace": "s3://lake", "name": "orders"}] * 2

    assert preview("here", make_event("load", outputs=same), RULES).united == ()


@pytest.mark.parametrize(
    ("change", "verdict", "reason"),
    [
        ({"inputs": [], "outputs": []}, Verdict.SKIP, "draws_nothing"),
        ({"job": {"namespace": "a", "name": "dzlineage_forward.drain"}}, Verdict.SKIP, "own_job"),
        ({"eventTime": "yesterday"}, Verdict.DEAD_LETTER, "not_an_event"),
        ({"run": None}, Verdict.DEAD_LETTER, "not_an_event"),
        ({"inputs": [{"namespace": "a", "name": "x" * 300_000}]}, Verdict.DEAD_LETTER, "too_large"),
    ],
)
def test_what_is_not_posted_has_its_reason(make_event, change, verdict, reason):
    told = preview("here", make_event("load") | change, RULES)

    assert (told.verdict, told.reason) == (verdict, reason)
    assert told.needs_a_look == (verdict is Verdict.DEAD_LETTER)


def test_job_and_dataset_events_are_skipped():
    told = preview("here", {"job": {"namespace": "a", "name": "b"}, "eventTime": "2026-01-02T03:04:05Z"}, RULES)

    assert (told.verdict, told.reason) == (Verdict.SKIP, "job_event")


def test_a_failed_look_up_keeps_the_event(make_event):
    def asks(event):
        raise LookupFailedError("denied", "redshift_lookup_denied")

    told = preview("here", make_event("load"), Rules((NamedTransform("redshift", asks),)))

    assert (told.verdict, told.reason, told.detail) == (Verdict.KEEP, "redshift_lookup_denied", "denied")


def test_a_transform_that_raises_is_named(make_event):
    told = preview("here", make_event("load"), Rules((NamedTransform("mine", lambda event: event["x"]),)))

    assert (told.verdict, told.reason, told.detail) == (Verdict.DEAD_LETTER, "transform_failed", "mine: KeyError: 'x'")


@pytest.mark.parametrize(
    "value", [{}, {"run": 1}, {"eventType": []}, {"job": []}, {"a": "\ud800"}, {"a": float("inf")}]
)
def test_whatever_it_is_there_is_a_verdict(value):
    assert preview("here", value, RULES).needs_a_look


def test_events_of_one_run_are_one_post(make_event):
    first, other = make_event("load"), make_event("load")
    previews = [
        preview(str(number), event, RULES) for number, event in enumerate([first, other, first | {"eventType": "FAIL"}])
    ]

    assert [(told.verdict, told.with_place) for told in with_merges(previews)] == [
        (Verdict.POST, ""),
        (Verdict.POST, ""),
        (Verdict.MERGE, "0"),
    ]


def test_events_that_fit_no_post_together_are_posts_of_their_own(make_event):
    halves = _events_of_one_run(make_event, {"a": "x" * 200_000}, {"b": "x" * 200_000})

    told = list(with_merges([preview(str(number), event, RULES) for number, event in enumerate(halves)]))

    assert [(each.verdict, each.with_place) for each in told] == [(Verdict.POST, ""), (Verdict.POST, "")]


def test_what_fits_no_post_keeps_its_run_apart(make_event):
    big, small = _events_of_one_run(make_event, {}, {})
    big["outputs"] = [{"namespace": "a", "name": "x" * 300_000}]

    told = list(with_merges([preview("big", big, RULES), preview("small", small, RULES)]))

    assert [each.verdict for each in told] == [Verdict.DEAD_LETTER, Verdict.POST]


def test_what_is_said_anew_may_make_one_post_of_what_would_not_fit(make_event):
    old, new = _events_of_one_run(make_event, {"plan": "x" * 400_000}, {"plan": "short"})
    new["eventTime"] = "2026-01-02T03:04:06Z"

    told = list(with_merges([preview("old", old, RULES), preview("new", new, RULES)]))

    assert [(each.verdict, each.with_place, each.lost) for each in told] == [
        (Verdict.POST, "", ()),
        (Verdict.MERGE, "old", ()),
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
    message = Message("id", "handle", text, None, None, sent_at=0, receive_count=1)
    prepared = Preparation(RULES).prepare(message)
    end = body_of([prepared], message) if isinstance(prepared, RunEvent) else prepared

    try:
        event = json.loads(text)
    except RecursionError:
        event = {}
    told = preview("here", event, RULES, text.encode())

    if isinstance(end, bytes):
        assert (told.verdict, told.size_after) == (Verdict.POST, len(end))
    else:
        verdict = {"skipped": Verdict.SKIP, "dead_lettered": Verdict.DEAD_LETTER}[end.outcome.value]
        assert (told.verdict, told.reason) == (verdict, end.reason)


def test_a_mistake_of_ours_is_a_dead_letter_as_with_the_forwarder(make_event):
    def breaks(text):
        raise KeyError(text)

    told = preview("here", make_event("load"), Rules(redact_text=breaks))

    assert (told.verdict, told.reason, told.detail) == (Verdict.DEAD_LETTER, "unexpected_error", "KeyError")


def test_as_json_it_holds_no_body(make_event):
    told = preview("here", make_event("load", outputs=[{"namespace": GLUE, "name": "sales.orders"}]), RULES).to_dict()

    told = json.loads(json.dumps(told))
    assert told["verdict"] == "post"
    assert told["changes"][0]["renames"][0]["to"] == {"namespace": GLUE, "name": "table/sales/orders"}
    assert not {"before", "whole", "after"} & told.keys()
