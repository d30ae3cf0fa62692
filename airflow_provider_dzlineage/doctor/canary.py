"""The canary: an event that goes the whole way from the queue to the catalog, and how long it takes."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

from airflow_provider_dzlineage import __version__
from airflow_provider_dzlineage.aws.deadline import Clock, Deadline
from airflow_provider_dzlineage.buffer.codec import send_parameters
from airflow_provider_dzlineage.buffer.queue import Queue
from airflow_provider_dzlineage.catalog.client import Catalog
from airflow_provider_dzlineage.doctor.finding import Finding, failed, failed_with, passed, skipped
from airflow_provider_dzlineage.errors import UnavailableError
from airflow_provider_dzlineage.lineage.pipeline import Outcome, Pipeline
from airflow_provider_dzlineage.settings.parsers import seconds_up_to

_NAMESPACE = "dzlineage://doctor"
# Long enough to leave most of the quota of ListLineageEvents to others.
_POLL_SECONDS = 2.5


_CANARY = {
    "eventType": "COMPLETE",
    "producer": f"urn:airflow-provider-dzlineage:{__version__}",
    "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
    "job": {"namespace": "dzlineage", "name": "canary"},
    # An output, since events without datasets are skipped.
    "outputs": [{"namespace": _NAMESPACE, "name": "canary"}],
}

canary_seconds = seconds_up_to(24 * 60 * 60)


def check_canary(
    queue: Queue, catalog: Catalog, pipeline: Pipeline, seconds: float, clock: Clock | None = None
) -> Iterator[Finding]:
    """Send a canary and wait until the catalog has processed it.

    :param pipeline: of the site, which may skip the canary like any event.
    :param seconds: to wait; a forwarding DAG needs up to its interval.
    """
    sent_at = datetime.now(timezone.utc)
    run_id = str(uuid.uuid4())
    text = json.dumps({**_CANARY, "eventTime": sent_at.isoformat(), "run": {"runId": run_id}})
    decision = pipeline.prepare(text.encode())
    if decision.outcome is Outcome.SKIPPED:
        # Not sent, or it would look as if nothing was forwarded.
        yield skipped(
            "canary",
            f"the filters or transforms of this site skip it ({decision.reason}): let the job dzlineage.canary, which "
            f"writes into {_NAMESPACE}, through to have it sent",
        )
        return
    if decision.error:
        raise decision.error
    deadline = Deadline(seconds, clock=clock)
    started = deadline.clock.now()
    group = "dzlineage-canary" if queue.is_fifo else None
    refused = list(queue.send([send_parameters(text, group=group)]))
    if refused:
        yield failed("canary: sending", f"SQS refused it: {refused[0].code}", "allow the action sqs:SendMessage")
        return
    yield passed("canary: sending", f"{deadline.clock.now() - started:.1f} seconds")
    # Only later events are listed, and the clocks may differ a little.
    yield _wait_for(catalog, run_id, sent_at - timedelta(minutes=1), deadline, started, seconds)


def _wait_for(
    catalog: Catalog, run_id: str, since: datetime, deadline: Deadline, started: float, seconds: float
) -> Finding:
    status, unavailable = None, None
    while not deadline.passed():
        try:
            status, unavailable = _status(catalog, run_id, since) or status, None
        except UnavailableError as error:
            unavailable = error
        if status == "SUCCESS":
            return passed("canary: catalog", f"SUCCESS after {deadline.clock.now() - started:.1f} seconds")
        if status == "FAILED":
            return failed("canary: catalog", "DataZone failed to process it", "see the event in the DataZone console")
        deadline.pause(_POLL_SECONDS)
    if unavailable:
        return failed_with("canary: catalog", unavailable)
    if status:
        fix = "give it longer; when that does not help, see the event in the DataZone console"
        return failed("canary: catalog", f"{status} after {seconds:.0f} seconds", fix)
    fix = "turn the forwarding DAG on and look at its last run, or run dzlineage forward --once; a canary needs up to "
    return failed("canary: forwarding", f"not posted after {seconds:.0f} seconds", f"{fix}the DAG's interval")


def _status(catalog: Catalog, run_id: str, since: datetime) -> str | None:
    for summary in catalog.list_events(timestampAfter=since):
        run = summary.get("eventSummary", {}).get("openLineageRunEventSummary", {})
        if run.get("runId") == run_id:
            return str(summary["processingStatus"])
    return None
