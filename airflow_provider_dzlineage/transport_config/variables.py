"""The transport that environment variables make, as the Python client puts it together."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class FromVariables:
    """What variables say.

    :param transport: None where they make none.
    :param is_of_url: whether it is what ``OPENLINEAGE_URL`` alone makes.
    :param remarks: hints that reading gave.
    """

    transport: Mapping[str, Any] | None = None
    is_of_url: bool = False
    remarks: tuple[str, ...] = ()


def from_variables(variables: Mapping[str, str]) -> FromVariables:
    """Read variables of the client: ``OPENLINEAGE__TRANSPORT…``, and without a type there, ``OPENLINEAGE_URL``.

    :param variables: by name; those of others do not matter.
    """
    nested: dict[str, Any] = {}
    remarks = []
    # As the client does: names lower-cased, values JSON where they are, shorter names over longer ones.
    for name, text in sorted(variables.items(), reverse=True):
        if name.startswith("OPENLINEAGE__"):
            *outer, last = name.lower().split("__")[1:]
            parsed = parsed_json(text)
            if parsed is None and text.startswith("{"):
                remarks.append(f"{name} is no JSON, in which names and texts stand in double quotes")
            # Whoever writes the key's name so is told of the variable's, once.
            _inner(nested, outer)["api_key" if last == "apikey" else last] = text if parsed is None else parsed
    transport = nested.get("transport")
    url = variables.get("OPENLINEAGE_URL")
    if url and not (isinstance(transport, Mapping) and transport.get("type")):
        return FromVariables(_of_url(url, variables), is_of_url=True, remarks=tuple(remarks))
    return FromVariables(transport if isinstance(transport, Mapping) else None, remarks=tuple(remarks))


def parsed_json(text: str) -> Any:
    """Return what a text is as JSON; None when it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _of_url(url: str, variables: Mapping[str, str]) -> dict[str, Any]:
    transport: dict[str, Any] = {"type": "http", "url": url}
    if endpoint := variables.get("OPENLINEAGE_ENDPOINT"):
        transport["endpoint"] = endpoint
    if variables.get("OPENLINEAGE_API_KEY"):
        transport["auth"] = {"type": "api_key", "apiKey": "${OPENLINEAGE_API_KEY}"}
    return transport


def _inner(nested: dict[str, Any], path: list[str]) -> dict[str, Any]:
    for key in path:
        inner = nested.setdefault(key, {})
        if not isinstance(inner, dict):
            inner = nested[key] = {}
        nested = inner
    return nested
