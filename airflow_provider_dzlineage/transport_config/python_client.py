"""The ``transport`` of the OpenLineage Python client, as Airflow, dbt and own programs have it.

Source of the keys: the client's transports ``http``, ``composite``, ``file`` and ``amazon_datazone_api``; written are
those that 1.23.0 (Amazon MWAA 2.10.3) up to 1.54.0 read.
"""

from __future__ import annotations

from typing import Any

from airflow_provider_dzlineage.transport_config.destinations import DataZone, Destination, Http, Sqs
from airflow_provider_dzlineage.transport_config.keys import in_text

SQS_TRANSPORT = "airflow_provider_dzlineage.transports.sqs.SqsTransport"
DATAZONE_TRANSPORT = "airflow_provider_dzlineage.transports.datazone.DataZoneTransport"
# Airflow gives an emission ten seconds: both tries of the endpoint have to leave time for the file.
_SECONDS_BEFORE_FALLBACK = 3


def transport(destination: Destination, *, fallback_file: str | None = None) -> dict[str, Any]:
    """Return the configuration of a transport.

    :param destination: where events go.
    :param fallback_file: file that takes the events which the destination did not; ``dzlineage send`` sends them
        later. The client of Amazon MWAA 2.10.3 always writes to both.
    :return: what ``openlineage.transport`` holds as JSON. A key by reference is ``${VARIABLE}``.
    """
    if fallback_file is None:
        return _single(destination)
    primary = _single(destination)
    if isinstance(destination, Http):
        primary = {"timeout": _SECONDS_BEFORE_FALLBACK} | primary
        primary["retry"] = {"total": 1, "respect_retry_after_header": False}
    # The client that reads these from environment variables sorts them backwards: the first name has to sort last.
    transports = {"primary": primary, "fallback": {"type": "file", "log_file_path": fallback_file, "append": True}}
    return {"type": "composite", "continue_on_failure": True, "continue_on_success": False, "transports": transports}


def _single(destination: Destination) -> dict[str, Any]:
    if isinstance(destination, Sqs):
        return _present(
            type=SQS_TRANSPORT,
            queue_url=destination.queue_url,
            region_name=destination.region_name,
            role_arn=destination.role_arn,
            endpoint_url=destination.endpoint_url,
        )
    if isinstance(destination, Http):
        key = destination.api_key
        return _present(
            type="http",
            url=destination.host_url,
            # Joined to the URL by the client, which takes it without the slash as with it.
            endpoint=destination.path.lstrip("/"),
            timeout=destination.timeout,
            compression=None if destination.gzip is False else "gzip",
            auth={"type": "api_key", "apiKey": in_text(key)} if key else None,
        )
    return _datazone(destination)


def _datazone(destination: DataZone) -> dict[str, Any]:
    if destination.native:
        return _present(
            type="amazon_datazone_api",
            domainId=destination.domain_id,
            region=destination.region_name,
            endpointOverride=destination.endpoint_url,
        )
    return _present(
        type=DATAZONE_TRANSPORT,
        domain_id=destination.domain_id,
        region_name=destination.region_name,
        endpoint_url=destination.endpoint_url,
    )


def _present(**keys: Any) -> dict[str, Any]:
    return {key: value for key, value in keys.items() if value is not None}
