"""The size that ``PostLineageEvent`` takes."""

from __future__ import annotations

from airflow_provider_dzlineage.errors import InvalidEventError
from airflow_provider_dzlineage.lineage.event import RunEvent

# Source: the `LineageEvent` shape (blob, max 300000) of the DataZone service model in botocore. Bytes of UTF-8.
MAX_EVENT_BYTES = 300_000


def check_size(event: RunEvent) -> RunEvent:
    """Return the event if DataZone can take it.

    :raises InvalidEventError: with reason ``too_large``.
    """
    size = len(event.body)
    if size > MAX_EVENT_BYTES:
        raise InvalidEventError("too_large", f"{size:,} bytes, DataZone takes {MAX_EVENT_BYTES:,}")
    return event
