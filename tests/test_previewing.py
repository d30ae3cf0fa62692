"""What is told of each event is what the forwarder does to it."""

import json

import pytest

from airflow_provider_dzlineage.errors import LookupFailedError
from airflow_provider_dzlineage.lineage.datasets import Dataset
from airflow_provider_dzlineage.lineage.rules import Rules
from airflow_provider_dzlineage.lineage.transform import NamedTransform
from airflow_provider_dzlineage.lineage.transforms.glue import glue
from airflow_provider_dzlineage.lineage.transforms.redact import redact
from airflow_provider_dzlineage.previewing import Change, Verdict, preview, with_merges

GLUE = "arn:aws:glue:eu-west-1:123456789012"
RULES = Rules((NamedTransform("redact", redact()), NamedTransform("glue", glue)))


def test_renames_are_told_with_their_transform_and_the_names_of_the_catalog(make_event):
    event = make_event("load", outputs=[{"namespace": GLUE, "name": "sales.orders"}])

    told = preview("here", event, RULES)

    assert told.verdict is Verdict.POST
    rename = (Dataset(GLUE, "sales.orders"), Dataset(GLUE, "table/sales/orders"))
    assert told.changes == (Change("glue", "", (rename,), changes_more=False),)
    assert told.identifiers.outputs == (f"{GLUE}:table/sales/orders",)
    assert told.identifiers.job == "tests.load"
    assert told.size_after == len(json.dumps(told.after, separators=(",", ":"), ensure_ascii=False).encode())


def test_other_changes_are_told_too(make_event):
    event = make_event("load")
    event["job"]["facets"] = {"sql": {"query": "ALTER USER u PASSWORD 'x'"}}

    assert preview("here", event, RULES).changes == (Change("redact", "", (), changes_more=True),)


def test_what_is_blotted_out_is_not_told(make_event):
    event = make_event("load", outputs=[{"namespace": "postgres://me:hunter22@db:5432", "name": "d.s.t"}])
    rules = Rules(RULES.transforms, redact_text=redact().raw)

    told = preview("here", event, rules)

    assert told.changes == (Change("redact", "", (), changes_more=True),)
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


def test_as_json_it_holds_no_body(make_event):
    told = preview("here", make_event("load", outputs=[{"namespace": GLUE, "name": "sales.orders"}]), RULES).to_dict()

    told = json.loads(json.dumps(told))
    assert told["verdict"] == "post"
    assert told["changes"][0]["renames"][0]["to"] == {"namespace": GLUE, "name": "table/sales/orders"}
    assert not {"before", "after"} & told.keys()
