"""Which of the places that can name a transport the provider takes it from.

Source of the order: ``get_openlineage_config`` of the provider's ``plugins/adapter.py``, 1.13 to 2.20, and
``_resolve_transport`` of the Python client, 1.23 to 1.54.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from airflow_provider_dzlineage.transport_config import hints
from airflow_provider_dzlineage.transport_config.given import given
from airflow_provider_dzlineage.transport_config.variables import from_variables, parsed_json

_OPTION = "[openlineage] transport"
_PATH = "[openlineage] config_path"


@dataclass(frozen=True)
class Effective:
    """The transport that is in effect.

    :param source: where it stands; empty when nothing names one.
    :param transport: parsed; None when it cannot be.
    :param mistakes: known ones, as :func:`~..transport_config.hints` tells them.
    :param problem: what is wrong with the place itself, and what to do about it.
    """

    source: str = ""
    transport: Mapping[str, Any] | None = None
    mistakes: tuple[str, ...] = ()
    problem: tuple[str, str] | None = None


def effective_transport(option: str, config_path: str, variables: Mapping[str, str]) -> Effective:
    """Find the transport.

    :param option: text of ``[openlineage] transport``.
    :param config_path: ``[openlineage] config_path``.
    :param variables: the environment's ``OPENLINEAGE_*``.
    """
    if config_path:
        found = _of_file(config_path, _PATH + (f", which wins over {_OPTION}" if option else ""))
        if found:
            return found
    elif option:
        return Effective(_OPTION, _json_object(option), tuple(hints(option)))
    # What follows is the client's own. It passes over a file that is not there.
    path = variables.get("OPENLINEAGE_CONFIG", "")
    found = _of_file(path, "OPENLINEAGE_CONFIG") if path and Path(path).is_file() else None
    return found or _of_variables(variables)


def _of_file(path: str, source: str) -> Effective | None:
    """Return what a YAML file names; None when that is no transport."""
    try:
        found = given(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        told = f"{source} names {path}, which cannot be read: {type(error).__name__}"
        return Effective(source, problem=(told, "put the file there, on every worker, or remove the option"))
    if not isinstance(found.document.get("transport"), Mapping):
        return None
    # YAML may be written as no JSON is; remarks about that are not for a file.
    return Effective(source, found.transport, tuple(hints(found.document)))


def _of_variables(variables: Mapping[str, str]) -> Effective:
    found = from_variables(variables)
    if not found.transport:
        return Effective()
    source = "OPENLINEAGE_URL" if found.is_of_url else "OPENLINEAGE__TRANSPORT"
    return Effective(source, found.transport, tuple(hints(dict(variables))))


def _json_object(text: str) -> dict[str, Any] | None:
    value = parsed_json(text)
    return value if isinstance(value, dict) else None
