"""Validation against the OpenLineage JSON Schema, which ships with the package."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import fastjsonschema
from fastjsonschema import JsonSchemaValueException

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator, ValidationError

# Source: https://openlineage.io/spec/2-0-2/OpenLineage.json (Apache-2.0), unchanged.
_SCHEMA_FILE = Path(__file__).parent / "schemas" / "OpenLineage.json"
_DEFINITIONS = "#/$defs/"

_DATE_TIME = re.compile(
    r"(?P<minute>\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d)(?P<second>:\d\d)?(?:\.\d+)?(?P<zone>[Zz]|[+-]\d\d:?\d\d)"
)


@dataclass(frozen=True)
class Violation:
    """The first rule of the schema that a parsed event breaks.

    :param pointer: JSON pointer (RFC 6901) to the place; empty for the event as a whole.
    :param rule: the broken rule, without any of the event's values.
    """

    pointer: str
    rule: str

    def __str__(self) -> str:
        return f"{self.pointer or '/'}: {self.rule}"


def violation_of(event: dict[str, Any]) -> Violation | None:
    """Return why a parsed event is no OpenLineage run event; None when it is one.

    Facets are only required to be objects: many producers leave out ``_producer`` or ``_schemaURL``, and a
    facet never decides whether an event can be drawn.
    """
    try:
        _check(event)
        return None
    except JsonSchemaValueException:
        # Ten times slower, and it knows where the mistake is.
        error = next(explaining_validator().iter_errors(event), None)
        return _violation(error) if error else None


def flattened(schema: Any, definitions: Mapping[str, Any]) -> Any:
    """Return a JSON Schema in one piece, so that what is compiled of it checks each value once and calls nothing.

    :param schema: of the forms that OpenLineage's has: no recursion, and parts of an ``allOf`` that do not contradict.
    :param definitions: by the names that references have after ``#/$defs/``.
    :raises ValueError: for a schema that states one thing in two ways.
    """
    if isinstance(schema, list):
        return [flattened(item, definitions) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return flattened(definitions[schema["$ref"].removeprefix(_DEFINITIONS)], definitions)
    flat = {key: flattened(value, definitions) for key, value in schema.items() if key not in ("$defs", "description")}
    parts = flat.pop("allOf", [])
    if len(flat.get("anyOf", ())) == 1:
        parts += flat.pop("anyOf")
    for part in parts:
        for key, value in part.items():
            if key == "properties":
                flat[key] = {**value, **flat.get(key, {})}
            elif key == "required":
                flat[key] = sorted({*flat.get(key, ()), *value})
            elif flat.setdefault(key, value) != value:
                raise ValueError(f"{key} is {flat[key]!r} and {value!r}")
    return flat


def _run_event_schema() -> dict[str, Any]:
    definitions = json.loads(_SCHEMA_FILE.read_text(encoding="utf-8"))["$defs"]
    definitions["BaseFacet"] = {"type": "object"}
    return {"$defs": _without_other_formats(definitions), "$ref": f"{_DEFINITIONS}RunEvent"}


def _without_other_formats(schema: Any) -> Any:
    """Keep of the formats only the time, which the graph shows; producers do send run ids that are no UUIDs."""
    if isinstance(schema, dict):
        return {
            name: _without_other_formats(value)
            for name, value in schema.items()
            if name != "format" or value == "date-time"
        }
    return [_without_other_formats(value) for value in schema] if isinstance(schema, list) else schema


def _violation(error: ValidationError) -> Violation:
    while error.context:
        # No alternative is valid; the one that is valid furthest down is what was meant.
        error = max(error.context, key=lambda inner: len(inner.absolute_path))
    pointer = "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in error.absolute_path)
    if error.validator == "required":
        missing = next(name for name in error.validator_value if name not in error.instance)
        return Violation(pointer, f"required property {missing!r} is missing")
    return Violation(pointer, f"{error.validator} must be {error.validator_value!r}")


@cache
def explaining_validator() -> Draft202012Validator:
    """Return a validator that names every rule that an event breaks."""
    # Its import takes as long as that of all else together, and most events are valid.
    from jsonschema import Draft202012Validator, FormatChecker

    formats = FormatChecker(formats=())
    formats.checks("date-time")(_is_date_time)
    return Draft202012Validator(_SCHEMA, format_checker=formats)


def _is_date_time(value: object) -> bool:
    match = _DATE_TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return not isinstance(value, str)
    try:
        datetime.fromisoformat(match["minute"] + (match["second"] or ""))
    except ValueError:
        return False
    return True


_SCHEMA = _run_event_schema()
_check = fastjsonschema.compile(
    flattened(_SCHEMA, _SCHEMA["$defs"]), formats={"date-time": _is_date_time}, use_default=False
)
