"""Validation against the OpenLineage JSON Schema, which ships with the package."""

from __future__ import annotations

import json
import re
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, ValidationError

# Source: https://openlineage.io/spec/2-0-2/OpenLineage.json (Apache-2.0), unchanged.
_SCHEMA_FILE = Path(__file__).parent / "schemas" / "OpenLineage.json"

_DATE_TIME = re.compile(
    r"(?P<minute>\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d)(?P<second>:\d\d)?(?:\.\d+)?(?P<zone>[Zz]|[+-]\d\d:?\d\d)"
)


def first_violation(event: dict[str, Any]) -> str | None:
    """Say what keeps a parsed event from being an OpenLineage run event.

    Facets are only required to be objects: many producers leave out ``_producer`` or ``_schemaURL``, and a
    facet never decides whether an event can be drawn.

    :param event: the parsed JSON object.
    :return: a JSON pointer and the broken rule, without any of the event's values; None when it is valid.
    """
    error = next(_run_event_validator().iter_errors(event), None)
    return _describe(error) if error else None


@cache
def _run_event_validator() -> Draft202012Validator:
    schema = json.loads(_SCHEMA_FILE.read_text(encoding="utf-8"))
    schema["$defs"]["BaseFacet"] = {"type": "object"}
    run_event = {"$defs": schema["$defs"], "$ref": "#/$defs/RunEvent"}
    # Of the formats only the time decides what the graph shows; producers do send run ids that are no UUIDs. The
    # default checker would also change with the optional packages that happen to be installed.
    formats = FormatChecker(formats=())
    formats.checks("date-time", raises=ValueError)(_is_date_time)
    return Draft202012Validator(run_event, format_checker=formats)


def _describe(error: ValidationError) -> str:
    pointer = "".join(f"/{part}" for part in error.absolute_path) or "/"
    if error.validator == "required":
        missing = next(name for name in error.validator_value if name not in error.instance)
        return f"{pointer}: required property {missing!r} is missing"
    return f"{pointer}: {error.validator} must be {error.validator_value!r}"


def _is_date_time(value: object) -> bool:
    if not isinstance(value, str):
        return True
    match = _DATE_TIME.fullmatch(value)
    if match is None:
        return False
    datetime.fromisoformat(match["minute"] + (match["second"] or ""))
    return True
