import copy
import json
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from referencing import Registry

from airflow_provider_dzlineage.errors import InvalidEventError
from airflow_provider_dzlineage.lineage import trimming as module
from airflow_provider_dzlineage.lineage.event import MAX_EVENT_BYTES, json_bytes, parse_run_event
from airflow_provider_dzlineage.lineage.trimming import TRIM_FACET, trim

SCHEMA = Path(module.__file__).parent / "schemas" / "DzLineageFitRunFacet.json"
SPEC = Path(__file__).parents[4] / "shared" / "spec"


def facet(**values):
    return {"_producer": "https://example.com", "_schemaURL": "https://example.com/schema", **values}


@pytest.fixture
def event(make_event):
    return make_event()


def lost(smaller):
    return {loss["what"]: loss for loss in smaller["run"]["facets"][TRIM_FACET]["lost"]}


def test_what_is_small_enough_is_the_same_object(event):
    assert trim(event) is event


def test_an_event_that_only_its_escapes_make_too_big_loses_nothing(make_event):
    event = make_event("ñ" * 120_000)
    assert len(json.dumps(event)) > MAX_EVENT_BYTES

    assert trim(event) is event


def test_a_spark_plan_of_20_mb_goes_and_the_rest_stays(event):
    event["run"]["facets"] = {
        "spark.logicalPlan": facet(plan="x" * 20_000_000),
        "parent": facet(run={"runId": "r"}, job={"namespace": "n", "name": "j"}),
        "nominalTime": facet(nominalStartTime="2026-01-01T00:00:00Z"),
    }

    smaller = trim(event)

    assert set(smaller["run"]["facets"]) == {"parent", "nominalTime", TRIM_FACET}
    assert lost(smaller)["run facet spark.logicalPlan"]["bytes"] > 20_000_000
    assert {**smaller, "run": event["run"]} == event


@pytest.mark.parametrize(
    ("owner", "name", "values"),
    [
        ("run", "extractionError", {"errors": [{"stackTrace": "x" * 400_000}]}),
        ("job", "tags", {"tags": ["x" * 400_000]}),
        ("run", "errorMessage", {"message": "x" * 400_000}),
    ],
)
def test_columns_stay_when_something_that_is_not_drawn_is_what_is_big(make_event, owner, name, values):
    columns = {"columnLineage": facet(fields={"a": {"inputFields": []}}), "schema": facet(fields=[{"name": "a"}])}
    event = make_event(outputs=[{"namespace": "n", "name": "out", "facets": columns}])
    event[owner]["facets"] = {name: facet(**values), "jobType": facet(jobType="TASK")}

    smaller = trim(event)

    assert smaller["outputs"] == event["outputs"]
    assert "jobType" in smaller[owner]["facets"]
    assert len(lost(smaller)) == 1


def test_big_facets_of_datasets_go_before_columns(make_event):
    columns = {"columnLineage": facet(fields={"a": {"inputFields": []}})}
    checks = {"dataQualityAssertions": facet(assertions=[{"assertion": "not_null", "success": True}] * 10_000)}
    event = make_event(
        inputs=[{"namespace": "n", "name": "in", "inputFacets": checks}],
        outputs=[{"namespace": "n", "name": "out", "facets": columns}],
    )

    smaller = trim(event)

    assert smaller["outputs"] == event["outputs"]
    assert lost(smaller).keys() == {"input facet dataQualityAssertions"}


def test_sql_of_1_mb_is_cut_and_says_so(event):
    event["job"]["facets"] = {"sql": facet(query="SELECT 1, " * 100_000)}

    smaller = trim(event)

    query = smaller["job"]["facets"]["sql"]["query"]
    assert query.startswith("SELECT 1, SELECT 1")
    assert query.endswith("more characters left out]")
    assert "end of job facet sql" in lost(smaller)


def test_a_wide_table_loses_column_lineage_before_its_schema(event):
    fields = {
        f"column_{n}": {"inputFields": [{"namespace": "s3://lake", "name": "raw", "field": f"column_{n}"}]}
        for n in range(5_000)
    }
    schema = [{"name": f"column_{n}", "type": "string"} for n in range(5_000)]
    event["outputs"][0]["facets"] = {"columnLineage": facet(fields=fields), "schema": facet(fields=schema)}

    smaller = trim(event)

    assert set(smaller["outputs"][0]["facets"]) == {"schema"}
    assert list(lost(smaller)) == ["output facet columnLineage"]


def test_how_columns_are_made_goes_before_of_what_they_are_made(event):
    made = [{"type": "DIRECT", "subtype": "TRANSFORMATION", "description": "x" * 200}]
    source = {"namespace": "s3://lake", "name": "raw", "field": "a", "transformations": made}
    fields = {f"column_{n}": {"inputFields": [source], "transformationType": "IDENTITY"} for n in range(1_500)}
    # A column may have any name.
    fields["transformations"] = {"inputFields": [source]}
    nested = [{"name": "inner", "type": "string", "description": "y" * 2_000}]
    schema = [{"name": "description", "type": "struct", "description": "y" * 2_000, "fields": nested}]
    event["outputs"][0]["facets"] = {"columnLineage": facet(fields=fields), "schema": facet(fields=schema)}

    smaller = trim(event)

    left = smaller["outputs"][0]["facets"]
    assert left["columnLineage"]["fields"].keys() == fields.keys()
    of_what = {"namespace": "s3://lake", "name": "raw", "field": "a"}
    assert left["columnLineage"]["fields"]["transformations"] == {"inputFields": [of_what]}
    assert [column["name"] for column in left["schema"]["fields"]] == ["description"]
    assert lost(smaller).keys() == {"column details of output facet columnLineage"}


def test_descriptions_of_columns_go_before_the_columns(event):
    nested = [{"name": "inner", "type": "string", "description": "y" * 200}]
    schema = [
        {"name": f"c{n}", "type": "struct", "description": "y" * 200, "fields": copy.deepcopy(nested)}
        for n in range(1_000)
    ]
    event["outputs"][0]["facets"] = {"schema": facet(fields=schema)}

    (first, *_) = trim(event)["outputs"][0]["facets"]["schema"]["fields"]

    assert first == {"name": "c0", "type": "struct", "fields": [{"name": "inner", "type": "string"}]}


def test_2000_inputs_keep_their_names_and_symlinks(make_event):
    inputs = [
        {
            "namespace": "s3://lake",
            "name": f"raw/{n:04}",
            "facets": {
                "schema": facet(fields=[{"name": "a", "type": "string"}] * 10),
                "symlinks": facet(identifiers=[]),
            },
        }
        for n in range(2_000)
    ]
    inputs = [{**each, "facets": {"schema": each["facets"]["schema"]}} for each in inputs]

    smaller = trim(make_event(inputs=inputs))

    assert [each["name"] for each in smaller["inputs"]] == [each["name"] for each in inputs]
    assert 0 < lost(smaller)["input facet schema"]["count"] <= 2_000


def test_on_glue_the_environment_stays_since_it_makes_symlinks_count(event):
    properties = facet(**{"environment-properties": {"GLUE_VERSION": "4.0"}})
    event["run"]["facets"] = {"environment-properties": properties, "debug": facet(text="x" * 400_000)}

    assert set(trim(event)["run"]["facets"]) == {"environment-properties", TRIM_FACET}


def test_what_cannot_fit_says_its_size_and_its_biggest_parts(make_event):
    event = make_event(inputs=[{"namespace": "s3://lake", "name": "x" * 1_000}] * 400)

    with pytest.raises(InvalidEventError, match=r"too_large: 41\d,\d{3} bytes.*/inputs 41\d,\d{3}") as caught:
        trim(event)

    assert caught.value.reason == "too_large"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=8), children, max_size=4),
    max_leaves=10,
)
facet_names = st.sampled_from(
    ["schema", "columnLineage", "symlinks", "parent", "sql", "debug", "spark.logicalPlan", "unknown", "documentation"]
)
facets = st.dictionaries(facet_names, st.dictionaries(st.text(max_size=8), json_values, max_size=4), max_size=5)
dataset = st.builds(
    lambda name, found: {"namespace": "s3://lake", "name": name, "facets": found}, st.text(max_size=5), facets
)
run_events = st.builds(
    lambda run, job, inputs, outputs: {
        "eventTime": "2026-01-02T03:04:05Z",
        "producer": "https://example.com",
        "schemaURL": "https://example.com/schema",
        "run": {"runId": "r", "facets": run},
        "job": {"namespace": "n", "name": "j", "facets": job},
        "inputs": inputs,
        "outputs": outputs,
    },
    facets,
    facets,
    st.lists(dataset, max_size=3),
    st.lists(dataset, max_size=3),
)


def assume_it_can_be_trimmed(event, limit):
    """Leave out events of which already the facets that are never lost, and the note, are too large."""
    holders = [event["run"], event["job"], *event["inputs"], *event["outputs"]]
    never_lost = [{name: holder["facets"].get(name) for name in ("parent", "symlinks")} for holder in holders]
    assume(len(json_bytes(never_lost)) + 2_500 <= limit)


@given(run_events, st.integers(4_500, 6_000), st.integers(0, 4_000))
def test_the_result_fits_is_valid_and_keeps_what_is_never_lost(event, limit, padding):
    assume_it_can_be_trimmed(event, limit)
    event["run"]["facets"]["padding"] = {"text": "x" * padding}
    before = copy.deepcopy(event)

    smaller = trim(event, limit)

    assert event == before
    body = json_bytes(smaller)
    assert len(body) <= limit
    assert parse_run_event(body).data == smaller
    assert [each["name"] for each in smaller["inputs"]] == [each["name"] for each in event["inputs"]]
    for owner in ("run", "job"):
        for name in ("parent", "symlinks"):
            assert smaller[owner]["facets"].get(name) == event[owner]["facets"].get(name)


@given(run_events, st.integers(4_500, 6_000), st.integers(0, 2_000))
def test_more_room_never_loses_more(event, limit, more):
    assume_it_can_be_trimmed(event, limit)
    event["run"]["facets"]["padding"] = {"text": "x" * 5_000}
    assert _kept(trim(event, limit)) <= _kept(trim(event, limit + more))


def _kept(event):
    return len(json_bytes({**event, "run": {**event["run"], "facets": {**event["run"]["facets"], TRIM_FACET: 0}}}))


def test_what_is_posted_and_our_facet_are_valid_by_the_specification(make_event):
    if not SPEC.exists():
        pytest.skip("the OpenLineage specification is not beside this checkout")
    event = make_event()
    event["run"]["facets"] = {f"facet_{n}": facet(text="x" * 10_000) for n in range(60)}
    ours = json.loads(SCHEMA.read_text(encoding="utf-8"))
    specification = json.loads((SPEC / "OpenLineage.json").read_text(encoding="utf-8"))
    registry = Registry().with_contents((each["$id"], each) for each in (ours, specification))

    smaller = trim(event)

    (note,) = [note for name, note in smaller["run"]["facets"].items() if name == TRIM_FACET]
    Draft202012Validator(ours, registry=registry).validate({TRIM_FACET: note})
    Draft202012Validator({"$ref": f"{specification['$id']}#/$defs/RunEvent"}, registry=registry).validate(smaller)
    assert note["_schemaURL"] == ours["$id"]
    assert [loss["what"] for loss in note["lost"]][-1] == "others"


def test_however_deep_it_is_nested_it_is_made_to_fit(event):
    deep = "x" * 400_000
    for _ in range(700):
        deep = {"a": deep}
    event["run"]["facets"] = {"debug": facet(deep=deep)}

    assert set(trim(event)["run"]["facets"]) == {TRIM_FACET}


def test_facets_with_long_names_are_left_out_too(event):
    event["run"]["facets"] = {f"{n}{'x' * 9_000}": facet() for n in range(40)}

    assert len(json_bytes(trim(event))) <= MAX_EVENT_BYTES


def test_a_long_name_is_named_as_the_biggest_part(make_event):
    with pytest.raises(InvalidEventError, match=r"the biggest parts: /job/name 400,\d{3}"):
        trim(make_event("x" * 400_000))
