import pytest

from airflow_provider_dzlineage.lineage.datasets import Dataset
from airflow_provider_dzlineage.lineage.transform import Skip, renaming


@pytest.fixture
def event(make_event):
    facet = {"fields": {"id": {"inputFields": [{"namespace": "s3://lake", "name": "raw/orders", "field": "id"}]}}}
    outputs = [{"namespace": "s3://lake", "name": "clean/orders", "facets": {"columnLineage": facet}}]
    return make_event("load", outputs=outputs)


def upper(dataset):
    return Dataset(dataset.namespace, dataset.name.upper())


def changes_its_input(event):
    event["job"]["name"] = "other"
    return event


def renames_inputs_only(event):
    return event | {"inputs": [{**dataset, "name": dataset["name"].upper()} for dataset in event["inputs"]]}


def grows(event):
    return event | {"job": {**event["job"], "name": event["job"]["name"] + "!"}}


def test_a_good_one_passes_and_its_result_is_returned(check_transform, event):
    after = check_transform(lambda event: renaming(event, upper), event)

    assert after["inputs"][0]["name"] == "RAW/ORDERS"
    assert check_transform(lambda event: Skip("unwanted"), event) == Skip("unwanted")


@pytest.mark.parametrize(
    ("transform", "problem"),
    [
        (changes_its_input, "changes the event that it is given"),
        (lambda event: None, "returns NoneType"),
        (lambda event: {"job": event["job"]}, "is no run event"),
        (grows, "changes it once more"),
        (renames_inputs_only, "still have the former name"),
    ],
)
def test_what_a_bad_one_does_is_said(check_transform, event, transform, problem):
    with pytest.raises(AssertionError, match=problem):
        check_transform(transform, event)
