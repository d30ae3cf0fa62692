"""dbt (``dbt-ol``) and own programs: the OpenLineage Python client's environment variables and ``openlineage.yml``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from airflow_provider_dzlineage.transport_config.destinations import Destination, Http
from airflow_provider_dzlineage.transport_config.keys import KeyInClear
from airflow_provider_dzlineage.transport_config.python_client import transport

_PREFIX = "OPENLINEAGE__TRANSPORT"


def dbt_variables(
    destination: Destination, *, namespace: str | None = None, fallback_file: str | None = None
) -> dict[str, str]:
    """Return the environment variables of ``dbt-ol``.

    The client lower-cases the names of what is nested and reads values as JSON where they are. So texts that JSON would
    read as something else stand in quotes, and structures with capitals in their keys are JSON.

    :param destination: where events go.
    :param namespace: of all jobs; ``dbt-ol``'s own default is ``dbt``.
    :param fallback_file: file for events that the destination did not take.
    :return: values by name. A key by reference is ``"${VARIABLE}"``, which a shell expands.
    """
    variables = {"OPENLINEAGE_NAMESPACE": namespace} if namespace else {}
    configuration = _snake_case_key(transport(destination, fallback_file=fallback_file))
    return variables | dict(_flat(_PREFIX, configuration))


def openlineage_yml(destination: Destination, *, fallback_file: str | None = None) -> str:
    """Return an ``openlineage.yml``, for the folder in which ``dbt-ol`` runs or for ``OPENLINEAGE_CONFIG``.

    Nothing is expanded in that file: a key by reference comes from the variables that
    :func:`openlineage_yml_variables` returns, which clients from 1.24 on merge with the file.

    :param destination: where events go.
    :param fallback_file: file for events that the destination did not take.
    :return: JSON, which is YAML too.
    """
    configuration = transport(destination, fallback_file=fallback_file)
    if _refers(destination):
        del _auth_of(configuration)["apiKey"]
    return json.dumps({"transport": configuration}, indent=2) + "\n"


def openlineage_yml_variables(destination: Destination, *, fallback_file: str | None = None) -> dict[str, str]:
    """Return the environment variables that bring the key to an :func:`openlineage_yml`; none where it needs none."""
    if not _refers(destination):
        return {}
    variables = dbt_variables(destination, fallback_file=fallback_file)
    return {name: value for name, value in variables.items() if name.endswith("__API_KEY")}


def _refers(destination: Destination) -> bool:
    return (
        isinstance(destination, Http)
        and destination.api_key is not None
        and not isinstance(destination.api_key, KeyInClear)
    )


def _auth_of(configuration: dict[str, Any]) -> dict[str, Any]:
    auth: dict[str, Any] = configuration.get("transports", {}).get("primary", configuration)["auth"]
    return auth


def _snake_case_key(configuration: dict[str, Any]) -> dict[str, Any]:
    # Of `apiKey`, a variable's name would leave `apikey`, which clients up to 1.37 at least do not know.
    changed = {
        key: _snake_case_key(value) if isinstance(value, dict) else value for key, value in configuration.items()
    }
    if "apiKey" in changed:
        changed["api_key"] = changed.pop("apiKey")
    return changed


def _flat(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(value, Mapping):
        yield name, value if isinstance(value, str) and not _is_json(value) else json.dumps(value)
    elif any(key != key.lower() for key in value):
        yield name, json.dumps(value)
    else:
        for key, nested in value.items():
            yield from _flat(f"{name}__{key.upper()}", nested)


def _is_json(text: str) -> bool:
    # What a shell puts in for a reference may be JSON, as a key of digits is.
    if text.startswith("${"):
        return True
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
