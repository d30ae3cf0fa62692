"""Checks of the DataZone domain: it exists, we may post to it and read from it, and recent events succeeded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

from airflow_provider_dzlineage.catalog.client import Catalog
from airflow_provider_dzlineage.doctor.finding import Finding, failed, failed_with, passed, skipped, warned
from airflow_provider_dzlineage.errors import AccessDeniedError, CatalogError, RefusedError, UnavailableError

_RECENT = timedelta(days=1)
_INVALID_EVENT = b"{}"
_ABSENT_EVENT_ID = "dzlineage-doctor"


def check_domain(catalog: Catalog) -> Iterator[Finding]:
    """Check the domain, the permissions on it, and the events of the last day."""
    try:
        status = catalog.domain_status()
    except CatalogError as error:
        yield failed_with("domain", error)
    else:
        if status in (None, "AVAILABLE"):
            yield passed("domain", status or "is there")
        else:
            yield failed("domain", f"its status is {status}", "wait until it is AVAILABLE, or see the DataZone console")
    yield _permission_to_post(catalog)
    yield from _permission_to_read(catalog)
    try:
        since = datetime.now(timezone.utc) - _RECENT
        failures = sum(1 for _ in catalog.list_events(processingStatus="FAILED", timestampAfter=since))
    except CatalogError as error:
        yield failed_with("lineage events", error)
        return
    if failures:
        yield warned(
            "lineage events", f"{failures} of the last day failed", "dzlineage dead-letters list, after a reconcile"
        )
    else:
        yield passed("lineage events", "none of the last day failed")


def _permission_to_post(catalog: Catalog) -> Finding:
    """Post an invalid event: with the permission it is refused as invalid, without it access is denied."""
    check = "permission to post"
    try:
        catalog.post_event(_INVALID_EVENT)
    except RefusedError:
        return passed(check, "datazone:PostLineageEvent is not denied")
    except UnavailableError as error:
        return skipped(check, f"DataZone does not answer: {error.code}")
    except CatalogError as error:
        return failed_with(check, error)
    return passed(check)


def _permission_to_read(catalog: Catalog) -> Iterator[Finding]:
    """Get an event that does not exist: without the permission access is denied."""
    try:
        catalog.get_event(_ABSENT_EVENT_ID)
    except AccessDeniedError:
        yield warned(
            "permission to read events",
            "denied: datazone:GetLineageEvent",
            "allow it on the domain to the role that runs this, if it is to reconcile too",
        )
    except CatalogError:
        # Other checks report it.
        pass
