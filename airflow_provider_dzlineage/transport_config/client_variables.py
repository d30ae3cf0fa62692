"""The transport that environment variables make, as the OpenLineage Python client puts it together.

Source: "Configuration" of https://openlineage.io/docs/client/python , and ``_load_config_from_env_variables`` of its
``OpenLineageClient``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class TransportFromVariables:
    """The client's transport, as variables configure it.

    :param transport: None where they make none.
    :param is_of_url: whether it is what ``OPENLINEAGE_URL`` alone makes.
    :param hints: the mistakes that reading found.
    """

    transport: Mapping[str, Any] | None = None
    is_of_url: bool = False
    hints: tuple[str, ...] = ()


def transport_from_variables(variables: Mapping[str, str]) -> TransportFromVariables:
    """Read variables of the client: ``OPENLINEAGE__TRANSPORT…``, and without a type there, ``OPENLINEAGE_URL``.

    :param variables: by name; those of others do not matter.
    """
    nested: dict[str, Any] = {}
    hints = []
    # As the client does: names lower-cased, values JSON where they are, shorter names over longer ones.
    for name, text in sorted(variables.items(), reverse=True):
        if name.startswith("OPENLINEAGE__"):
            *outer, last = name.lower().split("__")[1:]
            value = json_or_none(text)
            if value is None and text.startswith("{"):
                hints.append(f"{name} is not valid JSON, in which names and texts stand in double quotes")
            # A wrong name of the key gets one hint, by the name of its variable.
            _inner(nested, outer)["api_key" if last == "apikey" else last] = text if value is None else value
    transport = nested.get("transport")
    url = variables.get("OPENLINEAGE_URL")
    if url and not (isinstance(transport, Mapping) and transport.get("type")):
        return TransportFromVariables(_of_url(url, variables), is_of_url=True, hints=tuple(hints))
    return TransportFromVariables(transport if isinstance(transport, Mapping) else None, hints=tuple(hints))


def json_or_none(text: str) -> Any:
    """Return the value of a JSON text; None when it is not valid JSON."""
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
