"""Write a JSON Schema in one piece, so that what is compiled of it checks each value once and calls nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_DEFINITIONS = "#/$defs/"


def flattened(schema: Any, definitions: Mapping[str, Any]) -> Any:
    """Put definitions in place of references, and into one schema what ``allOf`` joins.

    :param schema: of the forms that OpenLineage's has: no recursion, and parts of an ``allOf`` that do not contradict.
    :param definitions: by the names that references have after ``#/$defs/``.
    :raises ValueError: for a schema that says one thing in two ways.
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
        _join(flat, part)
    return flat


def _join(flat: dict[str, Any], part: Mapping[str, Any]) -> None:
    for key, value in part.items():
        if key == "properties":
            flat[key] = {**value, **flat.get(key, {})}
        elif key == "required":
            flat[key] = sorted({*flat.get(key, ()), *value})
        elif flat.setdefault(key, value) != value:
            raise ValueError(f"{key} is {flat[key]!r} and {value!r}")
