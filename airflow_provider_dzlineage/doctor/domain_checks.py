"""Whether the domain answers and we may read it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

from airflow_provider_dzlineage.catalog.client import Catalog
from airflow_provider_dzlineage.doctor.finding import Finding, failed, failure_of, passed, skipped, warned
from airflow_provider_dzlineage.errors import AccessDeniedError, CatalogError, RefusedError, UnavailableError

_RECENT = timedelta(days=1)
_NO_EVENT = b"{}"
_NO_ID = "dzlineage-doctor"


def check_domain(catalog: Catalog) -> Iterator[Finding]:
    """Look at the domain and at what became of recent events."""
    try:
        status = catalog.domain_status()
    except CatalogError as error:
        yield failure_of("domain", error)
    else:
        if status in (None, "AVAILABLE"):
            yield passed("domain", status or "is there")
        else:
            yield failed("domain", f"its status is {status}", "wait until it is AVAILABLE, or see the DataZone console")
    yield from _permission_to_post(catalog)
    yield from _permission_to_read(catalog)
    try:
        since = datetime.now(timezone.utc) - _RECENT
        bad = sum(1 for _ in catalog.list_events(processingStatus="FAILED", timestampAfter=since))
    except CatalogError as error:
        yield failure_of("lineage events", error)
        return
    if bad:
        yield warned(
            "lineage events", f"{bad} of the last day failed", "dzlineage dead-letters list, after a reconcile"
        )
    else:
        yield passed("lineage events", "none of the last day failed")


def _permission_to_read(catalog: Catalog) -> Iterator[Finding]:
    """Ask for an event that is not there; who may not read events is told that instead. All else is told elsewhere."""
    try:
        catalog.get_event(_NO_ID)
    except AccessDeniedError:
        yield warned(
            "permission to read events",
            "denied: datazone:GetLineageEvent",
            "allow it on the domain to the role that runs this, if it is to reconcile too",
        )
    except CatalogError:
        # Reported by another check.
        pass


def _permission_to_post(catalog: Catalog) -> Iterator[Finding]:
    """Post what is no event: who may post is told so, and who may not is told that."""
    try:
        catalog.post_event(_NO_EVENT)
    except RefusedError:
        yield passed("permission to post", "datazone:PostLineageEvent is not denied")
    except UnavailableError as error:
        yield skipped("permission to post", f"DataZone does not answer: {error.code}")
    except CatalogError as error:
        yield failure_of("permission to post", error)
    else:
        yield passed("permission to post")
