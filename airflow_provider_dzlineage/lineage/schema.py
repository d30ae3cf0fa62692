"""Validation against the OpenLineage JSON Schema, which ships with the package."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import fastjsonschema
from fastjsonschema import JsonSchemaValueException
from jsonschema import Draft202012Validator, FormatChecker, ValidationError

from airflow_provider_dzlineage.lineage.flat_schema import flattened

# Source: https://openlineage.io/spec/2-0-2/OpenLineage.json (Apache-2.0), unchanged.
_SCHEMA_FILE = Path(__file__).parent / "schemas" / "OpenLineage.json"

_DATE_TIME = re.compile(
    r"(?P<minute>\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d)(?P<second>:\d\d)?(?:\.\d+)?(?P<zone>[Zz]|[+-]\d\d:?\d\d)"
)


@dataclass(frozen=True)
class Violation:
    """What keeps a parsed event from being one.

    :param pointer: JSON pointer (RFC 6901) to the place; empty for the event as a whole.
    :param rule: the broken rule, without any of the event's values.
    """

    pointer: str
    rule: str

    def __str__(self) -> str:
        return f"{self.pointer or '/'}: {self.rule}"


def first_violation(event: dict[str, Any]) -> str | None:
    """Say in one line what :func:`violation_of` finds; None when the event is valid."""
    violation = violation_of(event)
    return str(violation) if violation else None


def violation_of(event: dict[str, Any]) -> Violation | None:
    """Say what keeps a parsed event from being an OpenLineage run event.

    Facets are only required to be objects: many producers leave out ``_producer`` or ``_schemaURL``, and a
    facet never decides whether an event can be drawn.

    :param event: the parsed JSON object.
    :return: what is wrong first; None when the event is valid.
    """
    try:
        _check(event)
        return None
    except JsonSchemaValueException:
        # Ten times slower, and it knows where the mistake is.
        error = next(_EXPLAINING.iter_errors(event), None)
        return _describe(error) if error else None


def _run_event_schema() -> dict[str, Any]:
    definitions = json.loads(_SCHEMA_FILE.read_text(encoding="utf-8"))["$defs"]
    definitions["BaseFacet"] = {"type": "object"}
    return {"$defs": _without_other_formats(definitions), "$ref": "#/$defs/RunEvent"}


def _without_other_formats(schema: Any) -> Any:
    """Keep of the formats only the time, which the graph shows by; producers do send run ids that are no UUIDs."""
    if isinstance(schema, dict):
        return {
            name: _without_other_formats(value)
            for name, value in schema.items()
            if name != "format" or value == "date-time"
        }
    return [_without_other_formats(value) for value in schema] if isinstance(schema, list) else schema


def _describe(error: ValidationError) -> Violation:
    while error.context:
        # Of several ways none fits; the one that fits furthest down is what was meant.
        error = max(error.context, key=lambda inner: len(inner.absolute_path))
    pointer = "".join(_steps(error))
    if error.validator == "required":
        missing = next(name for name in error.validator_value if name not in error.instance)
        return Violation(pointer, f"required property {missing!r} is missing")
    return Violation(pointer, f"{error.validator} must be {error.validator_value!r}")


def _steps(error: ValidationError) -> Iterator[str]:
    for part in error.absolute_path:
        yield "/" + str(part).replace("~", "~0").replace("/", "~1")


def _is_date_time(value: object) -> bool:
    if not isinstance(value, str):
        return True
    match = _DATE_TIME.fullmatch(value)
    if match is None:
        return False
    try:
        datetime.fromisoformat(match["minute"] + (match["second"] or ""))
    except ValueError:
        return False
    return True


_formats = FormatChecker(formats=())
_formats.checks("date-time")(_is_date_time)
_SCHEMA = _run_event_schema()
_EXPLAINING = Draft202012Validator(_SCHEMA, format_checker=_formats)
_check = fastjsonschema.compile(
    flattened(_SCHEMA, _SCHEMA["$defs"]), formats={"date-time": _is_date_time}, use_default=False
)
