"""The OpenLineage Python client's configuration: ``transport``, environment variables and ``openlineage.yml``.

Airflow, dbt (``dbt-ol``) and programs of one's own have that client. Source of the keys: its transports ``http``,
``composite``, ``file`` and ``amazon_datazone_api``, see https://openlineage.io/docs/client/python ; written are those
keys that 1.23.0 (Amazon MWAA 2.10.3) up to 1.54.0 read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from airflow_provider_dzlineage.transport_config.destinations import (
    Destination,
    Http,
    KeyFromSecret,
    KeyFromVariable,
    Sqs,
    key_text,
)

SQS_TRANSPORT = "airflow_provider_dzlineage.transports.sqs.SqsTransport"
DATAZONE_TRANSPORT = "airflow_provider_dzlineage.transports.datazone.DataZoneTransport"
_VARIABLE_PREFIX = "OPENLINEAGE__TRANSPORT"
# Airflow gives an emission ten seconds: both tries of the endpoint have to leave time for the file.
_SECONDS_BEFORE_FALLBACK = 3


def transport(destination: Destination, *, fallback_file: str | None = None) -> dict[str, Any]:
    """Return the configuration of a transport.

    :param destination: where events go.
    :param fallback_file: file that takes the events which the destination did not; ``dzlineage send`` sends them
        later. The client of Amazon MWAA 2.10.3 always writes to both.
    :return: what ``openlineage.transport`` holds as JSON. A key by reference is ``${VARIABLE}``.
    """
    primary = _single_transport(destination)
    if fallback_file is None:
        return primary
    if isinstance(destination, Http):
        primary = {"timeout": _SECONDS_BEFORE_FALLBACK} | primary
        primary["retry"] = {"total": 1, "respect_retry_after_header": False}
    # The client that reads these from environment variables sorts them backwards: the first name has to sort last.
    transports = {"primary": primary, "fallback": {"type": "file", "log_file_path": fallback_file, "append": True}}
    return {"type": "composite", "continue_on_failure": True, "continue_on_success": False, "transports": transports}


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
    return variables | dict(_flat(_VARIABLE_PREFIX, transport(destination, fallback_file=fallback_file)))


def openlineage_yml(destination: Destination, *, fallback_file: str | None = None) -> str:
    """Return an ``openlineage.yml``, for the folder in which ``dbt-ol`` runs or for ``OPENLINEAGE_CONFIG``.

    Nothing is expanded in that file: a key by reference comes from the variables that
    :func:`openlineage_yml_variables` returns, which clients from 1.24 on merge with the file.

    :param destination: where events go.
    :param fallback_file: file for events that the destination did not take.
    :return: JSON, which is YAML too.
    """
    configuration = transport(destination, fallback_file=fallback_file)
    if _has_key_by_reference(destination):
        del configuration.get("transports", {}).get("primary", configuration)["auth"]["apiKey"]
    return json.dumps({"transport": configuration}, indent=2) + "\n"


def openlineage_yml_variables(destination: Destination, *, fallback_file: str | None = None) -> dict[str, str]:
    """Return the environment variables that bring the key to an :func:`openlineage_yml`; none where it needs none."""
    if not _has_key_by_reference(destination):
        return {}
    variables = dbt_variables(destination, fallback_file=fallback_file)
    return {name: value for name, value in variables.items() if name.endswith("__API_KEY")}


def _single_transport(destination: Destination) -> dict[str, Any]:
    if isinstance(destination, Sqs):
        return _present(type=SQS_TRANSPORT, **asdict(destination))
    if isinstance(destination, Http):
        key = destination.api_key
        return _present(
            type="http",
            url=destination.host_url,
            # Joined to the URL by the client, which takes it without the slash as with it.
            endpoint=destination.path.lstrip("/"),
            timeout=destination.timeout,
            compression=None if destination.gzip is False else "gzip",
            auth={"type": "api_key", "apiKey": key_text(key)} if key else None,
        )
    domain_id, region, url = destination.domain_id, destination.region_name, destination.endpoint_url
    if destination.native:
        return _present(type="amazon_datazone_api", domainId=domain_id, region=region, endpointOverride=url)
    return _present(type=DATAZONE_TRANSPORT, domain_id=domain_id, region_name=region, endpoint_url=url)


def _present(**keys: Any) -> dict[str, Any]:
    return {key: value for key, value in keys.items() if value is not None}


def _has_key_by_reference(destination: Destination) -> bool:
    return isinstance(destination.api_key, KeyFromVariable | KeyFromSecret)


def _flat(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(value, Mapping):
        yield name, value if isinstance(value, str) and not _reads_as_json(value) else json.dumps(value)
    elif any(key != key.lower() for key in value if key != "apiKey"):
        yield name, json.dumps(value)
    else:
        for key, nested in value.items():
            # Of `apiKey`, a variable's name would leave `apikey`, which clients up to 1.37 at least do not know.
            yield from _flat(f"{name}__{'API_KEY' if key == 'apiKey' else key.upper()}", nested)


def _reads_as_json(text: str) -> bool:
    # What a shell puts in for a reference may be JSON, as a key of digits is.
    if text.startswith("${"):
        return True
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
