"""A change shows what has changed, and nothing else."""

import json

import pytest

from airflow_provider_dzlineage.lineage.changes import Change, changes_of
from airflow_provider_dzlineage.lineage.datasets import Dataset, Job, rename_datasets
from airflow_provider_dzlineage.lineage.redaction.redact import Redaction
from airflow_provider_dzlineage.lineage.transform import NamedTransform, Skip, transform_steps
from airflow_provider_dzlineage.lineage.transforms.facets import facets
from airflow_provider_dzlineage.lineage.transforms.renames import job_names, namespaces

RAW, CLEAN, BEST = (Dataset("s3://lake", name) for name in ("raw/orders", "clean/orders", "best/orders"))


def changes(event, *transforms, redact_text=str):
    named = [NamedTransform("mine", transform, why="so") for transform in transforms]
    return list(changes_of(transform_steps(event, named), redact_text))


@pytest.fixture
def drawn(make_event):
    """An event of two outputs with column lineage, which names its input three times."""
    fields = {"id": {"inputFields": [{**RAW._asdict(), "field": "id"}]}}
    outputs = [{**dataset._asdict(), "facets": {"columnLineage": {"fields": fields}}} for dataset in (CLEAN, BEST)]
    return make_event("load", outputs=outputs)


def test_dropped_facets_are_no_renames(drawn):
    assert changes(drawn, facets({"drop": ["columnLineage"]})) == [Change("mine", "so", changes_more=True)]


def test_a_dropped_dataset_is_no_rename(drawn):
    without_first = drawn | {"outputs": drawn["outputs"][1:]}

    assert changes(drawn, lambda event: without_first) == [Change("mine", "so", changes_more=True)]


def test_a_rename_is_shown_once_and_what_goes_beside_it_too(drawn):
    def transform(event):
        return facets({"drop": ["columnLineage"]})(rename_datasets(event, {RAW: BEST}))

    assert changes(drawn, lambda event: rename_datasets(event, {RAW: BEST})) == [
        Change("mine", "so", renames=((RAW, BEST),))
    ]
    assert changes(drawn, transform) == [Change("mine", "so", renames=((RAW, BEST),), changes_more=True)]


def test_another_order_of_members_is_no_rename(drawn):
    (change,) = changes(drawn, lambda event: {**dict(reversed(event.items())), "producer": "urn:x"})

    assert change.renames == ()


def test_jobs_are_shown_as_datasets_are(make_event):
    event = make_event("load")
    event["run"]["facets"] = {"parent": {"job": {"namespace": "tests", "name": "all"}, "run": event["run"].copy()}}

    (change,) = changes(event, namespaces({"jobs": {"tests": "prod"}, "datasets": {"s3://lake": "s3://sea"}}))

    assert change.job_renames == (
        (Job("tests", "load"), Job("prod", "load")),
        (Job("tests", "all"), Job("prod", "all")),
    )
    assert change.renames[0] == (RAW, Dataset("s3://sea", "raw/orders"))
    assert not change.changes_more
    assert json.loads(json.dumps(change.to_dict()))["job_renames"][0] == {
        "from": {"namespace": "tests", "name": "load"},
        "to": {"namespace": "prod", "name": "load"},
    }


def test_secrets_in_names_are_not_shown(make_event):
    event = make_event("load_1 password='hunter22'")
    redaction = Redaction()

    both = changes(event, job_names(["_1"]), redaction, redact_text=redaction.raw)

    assert both[0].job_renames == ((Job("tests", "load_1 password='***'"), Job("tests", "load password='***'")),)
    assert both[1] == Change("mine", "so", changes_more=True)


def test_a_skip_and_what_is_equal_are_no_changes(make_event):
    assert changes(make_event(), dict, lambda event: Skip("why")) == []


def test_what_is_too_deep_to_be_compared_has_changed_somehow(make_event):
    def deep(end):
        for _ in range(100_000):
            end = [end]
        return end

    before, after = (make_event() | {"x": deep(end)} for end in (1, 2))

    assert changes(before, lambda event: after) == [Change("mine", "so", changes_more=True)]
