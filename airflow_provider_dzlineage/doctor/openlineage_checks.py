"""Whether Airflow sends its events to where we look for them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from airflow_provider_dzlineage.doctor.finding import Finding, failed, passed, skipped, warned
from airflow_provider_dzlineage.transport_config import hints

_CHECK = "openlineage.transport"
_OURS = "airflow_provider_dzlineage.transports.sqs.SqsTransport"


@dataclass(frozen=True)
class OpenLineageOptions:
    """What Airflow has in effect.

    :param transport: text of ``[openlineage] transport``; empty without one.
    :param is_disabled: whether OpenLineage is turned off.
    """

    transport: str
    is_disabled: bool


def check_openlineage(options: OpenLineageOptions | None, queue_url: str | None) -> Iterator[Finding]:
    """Look at Airflow's side.

    :param options: None when there is no Airflow to ask.
    :param queue_url: the queue that is drained.
    """
    if options is None:
        yield skipped(_CHECK, "there is no Airflow in this environment")
        return
    if options.is_disabled:
        yield failed("OpenLineage", "it is disabled", "remove [openlineage] disabled and OPENLINEAGE_DISABLED")
    if not options.transport:
        yield warned(_CHECK, "is not set: Airflow sends nothing", "dzlineage config airflow (or mwaa) writes it")
        return
    mistakes = hints(options.transport)
    for mistake in mistakes:
        yield failed(_CHECK, "has a known mistake", mistake)
    transport = _parsed(options.transport)
    if transport is None:
        if not mistakes:
            yield failed(_CHECK, "is no JSON object", "write it on one line, without outer quotes")
        return
    queues = [each.get("queue_url") for each in _all(transport) if each.get("type") == _OURS]
    if queues and queue_url and queue_url not in queues:
        yield failed(_CHECK, "sends to another queue than is drained", "use one queue_url in both places")
    elif not mistakes:
        yield passed(_CHECK, str(transport.get("type")))


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _all(transport: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield transport
    inner = transport.get("transports") or ()
    for each in inner.values() if isinstance(inner, Mapping) else inner:
        if isinstance(each, Mapping):
            yield each
