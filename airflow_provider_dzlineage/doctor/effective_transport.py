"""Which of the places that can name a transport the provider takes it from.

Source of the order: ``get_openlineage_config`` of the provider's ``plugins/adapter.py``, 1.13 to 2.20, and
``_resolve_transport`` of the Python client, 1.23 to 1.54.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from airflow_provider_dzlineage.transport_config import hints
from airflow_provider_dzlineage.transport_config.client_variables import json_or_none, transport_from_variables
from airflow_provider_dzlineage.transport_config.configuration_reader import read_configuration
from airflow_provider_dzlineage.transport_config.hints import KEY_IN_CLEAR

_OPTION = "[openlineage] transport"
_PATH = "[openlineage] config_path"
# Whatever its name is, the client reads it as YAML.
_FILE = "openlineage.yml"
_REFERENCE = re.compile(r"\$\{(\w+)\}")


@dataclass(frozen=True)
class Effective:
    """The transport that is in effect.

    :param source: where it stands; empty when nothing names one.
    :param transport: parsed; None when it cannot be.
    :param mistakes: known ones, as :func:`~..transport_config.hints` tells them.
    :param problem: what is wrong with the place itself, and what to do about it.
    :param unset: environment variables that it takes values from and that are not set.
    """

    source: str = ""
    transport: Mapping[str, Any] | None = None
    mistakes: tuple[str, ...] = ()
    problem: tuple[str, str] | None = None
    unset: tuple[str, ...] = ()


def effective_transport(
    option: str, config_path: str, variables: Mapping[str, str], written: str | None = None
) -> Effective:
    """Find the transport.

    :param option: text of ``[openlineage] transport``, with the values of environment variables put in.
    :param config_path: ``[openlineage] config_path``.
    :param variables: the environment's ``OPENLINEAGE_*``.
    :param written: ``option`` as it is written; None when that is not known.
    """
    if config_path:
        found = _of_file(config_path, _PATH + (f", which wins over {_OPTION}" if option else ""))
        if found:
            return found
    elif option:
        return _of_option(option, written)
    # What follows is the client's own. It passes over a file that is not there.
    path = variables.get("OPENLINEAGE_CONFIG", "")
    found = _of_file(path, "OPENLINEAGE_CONFIG") if path and Path(path).is_file() else None
    return found or _of_variables(variables)


def _of_option(option: str, written: str | None) -> Effective:
    # A key that Airflow has put in stands nowhere in clear.
    in_clear = written is not None and KEY_IN_CLEAR in hints(written)
    mistakes = tuple(hint for hint in hints(option) if hint != KEY_IN_CLEAR or in_clear)
    # What is left as a reference had nothing to be replaced with.
    unset = tuple(dict.fromkeys(_REFERENCE.findall(option)))
    return Effective(_OPTION, _json_object(option), mistakes, unset=unset)


def _of_file(path: str, source: str) -> Effective | None:
    """Return what a YAML file names; None when that is no transport."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        told = f"{source} names {path}, which cannot be read: {type(error).__name__}"
        return Effective(source, problem=(told, "put the file there, on every worker, or remove the option"))
    found = read_configuration(text)
    if not isinstance(found.document.get("transport"), Mapping):
        # What is given without its name is no transport to the client, though somebody meant it to be one.
        return Effective(source, mistakes=tuple(hints(text, file_name=_FILE))) if found.is_bare else None
    mistakes = [*hints(text, file_name=_FILE), *_left_as_they_stand(found.transport)]
    return Effective(source, found.transport, tuple(mistakes))


def _of_variables(variables: Mapping[str, str]) -> Effective:
    found = transport_from_variables(variables)
    if not found.transport:
        return Effective()
    # A variable is where a key belongs.
    mistakes = [hint for hint in hints(dict(variables)) if hint != KEY_IN_CLEAR]
    if found.is_of_url:
        return Effective("OPENLINEAGE_URL", found.transport, tuple(mistakes))
    mistakes += _left_as_they_stand(found.transport)
    return Effective("OPENLINEAGE__TRANSPORT", found.transport, tuple(mistakes))


def _left_as_they_stand(transport: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield the references to variables that the client takes for values: it expands none, and no shell did."""
    for name in dict.fromkeys(_REFERENCE.findall(json.dumps(transport))):
        yield (
            f"nothing puts in what the variable {name} holds: only [openlineage] transport and a shell do; dzlineage "
            "config dbt prints the line that exports the key"
        )


def _json_object(text: str) -> dict[str, Any] | None:
    value = json_or_none(text)
    return value if isinstance(value, dict) else None
