"""The quick check and the one that explains are of one opinion."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_dzlineage.lineage import schema
from airflow_provider_dzlineage.lineage.schema import flattened, violation_of
from tests.fixtures.properties import examples

EVENT = {
    "eventType": "COMPLETE",
    "eventTime": "2026-01-02T03:04:05Z",
    "producer": "https://example.com",
    "schemaURL": "https://example.com/schema",
    "run": {"runId": "r", "facets": {"x": {"a": 1}}},
    "job": {"namespace": "n", "name": "j", "facets": {"x": {"_deleted": True}}},
    "inputs": [{"namespace": "n", "name": "d", "facets": {"x": {}}, "inputFacets": {"x": {}}}],
    "outputs": [{"namespace": "n", "name": "d", "facets": {"x": {}}, "outputFacets": {"x": {}}}],
}


def paths(value, path=()):
    yield path
    for key, child in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from paths(child, (*path, key))


PLACES = [path for path in paths(EVENT) if path]
values = st.sampled_from([None, True, 0, 1.5, "", "text", "2026-01-02T03:04:05Z", [], [{}], {}, {"x": 1}, {"x": {}}])


@examples(3)
@given(st.sampled_from(PLACES), values | st.just("delete"))
def test_the_quick_check_takes_exactly_what_the_schema_takes(place, value):
    event = json.loads(json.dumps(EVENT))
    holder = event
    for key in place[:-1]:
        holder = holder[key]
    if value == "delete":
        del holder[place[-1]]
    else:
        holder[place[-1]] = value

    violations = list(schema.explaining_validator().iter_errors(event))
    try:
        # What it refuses is explained, so that no public function shows when it refuses too much.
        schema._check(event)
        accepted = True
    except schema.JsonSchemaValueException:
        accepted = False

    assert accepted == (not violations)
    assert (violation_of(event) is None) == accepted


def test_what_is_joined_must_not_contradict():
    with pytest.raises(ValueError, match="type is"):
        flattened({"allOf": [{"type": "object"}, {"type": "string"}]}, {})


@pytest.mark.parametrize(
    ("change", "pointer", "rule"),
    [
        ({"run": {"runId": "3", "facets": {"a/b": 3}}}, "/run/facets/a~1b", "type must be 'object'"),
        ({"run": {"runId": "3", "facets": {"a: b~": 3}}}, "/run/facets/a: b~0", "type must be 'object'"),
        ({"inputs": [{"namespace": "n"}]}, "/inputs/0", "required property 'name' is missing"),
        ({"job": {"namespace": "n", "name": "j", "facets": {"x": {"_deleted": 3}}}}, "/job/facets/x/_deleted", "type"),
    ],
)
def test_a_violation_is_named_with_its_very_place(change, pointer, rule):
    event = EVENT | change
    violation = violation_of(event)

    assert violation.pointer == pointer
    assert violation.rule.startswith(rule)
    assert str(violation_of(event)) == f"{pointer}: {violation.rule}"


def test_what_is_wrong_with_the_event_as_a_whole_has_an_empty_pointer():
    assert violation_of({}).pointer == ""
    assert str(violation_of({})).startswith("/: ")
