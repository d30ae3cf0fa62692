import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_dzlineage.lineage.datasets import Dataset, datasets_in, rename_datasets

ORDERS, CLEAN, ROWS = Dataset("s3://lake", "orders"), Dataset("s3://lake", "clean"), Dataset("db://one", "orders")
NEW = Dataset("new", "name")


def named(dataset, **more):
    return {"namespace": dataset.namespace, "name": dataset.name, **more}


def event_of(*, inputs=(), outputs=(), **facets):
    return {
        "run": {"runId": "r", "facets": facets.get("run", {})},
        "job": {"namespace": "n", "name": "j", "facets": facets.get("job", {})},
        "inputs": list(inputs),
        "outputs": list(outputs),
    }


EVERYWHERE = event_of(
    inputs=[named(ORDERS), named(ROWS)],
    outputs=[
        named(
            CLEAN,
            facets={
                "columnLineage": {
                    "fields": {"id": {"inputFields": [named(ORDERS, field="id"), named(ROWS, field="id")]}},
                    "dataset": [named(ORDERS, field="day")],
                },
                "lineage": {
                    "inputs": [named(ORDERS, type="DATASET")],
                    "fields": {"id": {"inputs": [named(ORDERS, type="DATASET", field="id")]}},
                },
                "lifecycleStateChange": {"lifecycleStateChange": "RENAME", "previousIdentifier": named(ORDERS)},
                "symlinks": {"identifiers": [named(ORDERS, type="TABLE")]},
            },
        )
    ],
    job={
        "lineage": {
            "entries": [
                named(CLEAN, type="DATASET", inputs=[named(ORDERS, type="DATASET")]),
                named(ORDERS, type="JOB", inputs=[]),
            ]
        }
    },
)


def test_a_dataset_is_renamed_wherever_the_event_names_it():
    renamed = json.dumps(rename_datasets(EVERYWHERE, {ORDERS: NEW}))

    # A job of the same name in the explicit lineage stays.
    assert renamed.count('"namespace": "s3://lake", "name": "orders"') == 1
    assert renamed.count('"namespace": "new", "name": "name"') == 8


def test_a_dataset_of_the_same_name_in_another_namespace_is_another_one():
    renamed = rename_datasets(EVERYWHERE, {ORDERS: NEW})

    assert renamed["inputs"][1] == named(ROWS)
    fields = renamed["outputs"][0]["facets"]["columnLineage"]["fields"]["id"]["inputFields"]
    assert fields == [named(NEW, field="id"), named(ROWS, field="id")]


def test_the_event_that_is_given_stays_as_it_is():
    before = json.dumps(EVERYWHERE)

    rename_datasets(EVERYWHERE, {ORDERS: NEW, CLEAN: ROWS})

    assert json.dumps(EVERYWHERE) == before


def test_nothing_to_rename_is_the_same_object():
    assert rename_datasets(EVERYWHERE, {}) is EVERYWHERE


def test_facets_of_an_odd_form_stay_as_they_are():
    odd = {
        "columnLineage": {"fields": {"a": None, "b": {"inputFields": "x"}, "c": {"inputFields": [1, {"name": 2}]}}},
        "lineage": {"entries": [None], "inputs": {}},
        "lifecycleStateChange": {"previousIdentifier": "x"},
        "symlinks": [],
    }
    event = event_of(outputs=[named(CLEAN, facets=odd)])

    assert rename_datasets(event, {ORDERS: NEW}) == event


texts = st.text(min_size=1, max_size=3)
datasets = st.builds(Dataset, texts, texts)


@given(st.lists(datasets, min_size=1, max_size=6), st.data())
def test_no_identity_is_merged_or_split_or_left_behind(names, data):
    event = event_of(
        inputs=[named(name) for name in names],
        outputs=[named(names[0], facets={"columnLineage": {"fields": {"a": {"inputFields": [*map(named, names)]}}}})],
    )
    olds = sorted(set(names))
    news = data.draw(st.lists(datasets, min_size=len(olds), max_size=len(olds), unique=True))
    new_names = dict(zip(olds, news, strict=True))

    renamed = rename_datasets(event, new_names)

    assert list(datasets_in(renamed)) == [new_names[name] for name in datasets_in(event)]
    back = {new: old for old, new in new_names.items()}
    assert rename_datasets(renamed, back) == event


@pytest.mark.parametrize("side", ["inputs", "outputs"])
def test_an_event_without_datasets_names_none(side):
    assert list(datasets_in({"run": {}, "job": {}, side: None})) == []
