"""What is posted breaks no rule of the OpenLineage specification that the producer had not broken already."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry

from airflow_provider_dzlineage.lineage.event import json_bytes
from tests.unit.golden.forms import FORMS, event_of
from tests.unit.golden.texts import site_pipeline

SPEC = Path(__file__).parents[4] / "shared" / "spec"
# By the end of a facet's name: where it may stand.
PLACES = (
    ("InputDatasetFacet", ("inputs", "inputFacets")),
    ("OutputDatasetFacet", ("outputs", "outputFacets")),
    ("DatasetFacet", ("inputs", "facets"), ("outputs", "facets")),
    ("JobFacet", ("job", "facets")),
    ("RunFacet", ("run", "facets")),
)


@pytest.fixture(scope="module")
def violations():
    """Say which rules an event breaks, each with its place."""
    if not SPEC.exists():
        pytest.skip("the OpenLineage specification is not beside this checkout")
    schemas = [json.loads(path.read_text(encoding="utf-8")) for path in SPEC.rglob("*.json")]
    registry = Registry().with_contents((schema["$id"], schema) for schema in schemas)
    specification = next(schema["$id"] for schema in schemas if "RunEvent" in schema["$defs"])
    event_schema = Draft202012Validator({"$ref": f"{specification}#/$defs/RunEvent"}, registry=registry)
    facets = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in (SPEC / "facets").glob("*.json")}

    def violations(event):
        found = {(*error.absolute_path, broken(error)) for error in event_schema.iter_errors(event)}
        for stem, schema in facets.items():
            validator = Draft202012Validator(schema, registry=registry)
            places = next((places for ending, *places in PLACES if stem.endswith(ending)), ())
            for owner, kind in places:
                for index, holder in enumerate(holders(event, owner)):
                    errors = validator.iter_errors(holder.get(kind) or {})
                    found |= {(owner, index, kind, *error.absolute_path, broken(error)) for error in errors}
        return found

    return violations


def broken(error) -> str:
    """Name the rule, without the value that breaks it."""
    return error.message if error.validator == "required" else f"{error.validator} {error.validator_value}"


def holders(event, owner) -> Iterator[dict]:
    held = event.get(owner) or []
    yield from held if isinstance(held, list) else [held]


def test_rules_are_found_to_be_broken(violations):
    event = event_of(FORMS[0])
    del event["outputs"][0]["facets"]["columnLineage"]["fields"]["id"]["inputFields"][0]["name"]

    assert any("'name' is a required property" in violation[-1] for violation in violations(event))


def test_real_events_break_no_further_rule(violations, corpus):
    pipeline = site_pipeline()
    for event in corpus:
        repaired = pipeline.prepare(json_bytes(event)).event
        if repaired:
            assert violations(repaired.data) <= violations(event)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.producer)
def test_no_form_of_a_name_breaks_a_further_rule(violations, form):
    event = event_of(form)

    assert violations(site_pipeline().prepare(json_bytes(event)).event.data) <= violations(event)
