"""The canary: an event that goes the whole way from the queue to the catalog, and how long it takes."""

from __future__ import annotations

import json
import math
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

_NAMESPACE = "dzlineage://doctor"
# Long enough to leave most of the quota of ListLineageEvents to others.
_POLL_SECONDS = 2.5
_DAY_SECONDS = 24 * 60 * 60


def canary_seconds(value: object) -> float:
    """Return how long to wait for a canary, in seconds.

    :raises ValueError: when it is not a number, or out of range.
    """
    try:
        seconds = float(str(value))
    except ValueError:
        seconds = math.nan
    if not 0 < seconds <= _DAY_SECONDS:
        raise ValueError("must be a number of seconds, more than 0 and at most a day")
    return seconds


def check_canary(
    queue: Queue, catalog: Catalog, pipeline: Pipeline, seconds: float, clock: Clock | None = None
) -> Iterator[Finding]:
    """Send a canary and wait until the catalog has processed it.

    :param pipeline: of the site, which may skip the canary like any event.
    :param seconds: to wait; a forwarding DAG needs up to its interval.
    """
    sent_at = datetime.now(timezone.utc)
    run_id = str(uuid.uuid4())
    text = json.dumps(
        {
            "eventType": "COMPLETE",
            "eventTime": sent_at.isoformat(),
            "producer": f"urn:airflow-provider-dzlineage:{__version__}",
            "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
            "run": {"runId": run_id},
            "job": {"namespace": "dzlineage", "name": "canary"},
            "inputs": [],
            # An output, since events without datasets are skipped.
            "outputs": [{"namespace": _NAMESPACE, "name": "canary"}],
        }
    )
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
    status, unavailable = None, None
    # Only later events are listed, and the clocks may differ a little.
    since = sent_at - timedelta(minutes=1)
    while not deadline.passed():
        try:
            status, unavailable = _status(catalog, run_id, since) or status, None
        except UnavailableError as error:
            unavailable = error
        if status == "SUCCESS":
            yield passed("canary: catalog", f"SUCCESS after {deadline.clock.now() - started:.1f} seconds")
            return
        if status == "FAILED":
            yield failed("canary: catalog", "DataZone failed to process it", "see the event in the DataZone console")
            return
        deadline.pause(_POLL_SECONDS)
    if unavailable:
        yield failed_with("canary: catalog", unavailable)
    elif status:
        yield failed(
            "canary: catalog",
            f"{status} after {seconds:.0f} seconds",
            "give it longer; when that does not help, see the event in the DataZone console",
        )
    else:
        yield failed(
            "canary: forwarding",
            f"not posted after {seconds:.0f} seconds",
            "turn the forwarding DAG on and look at its last run, or run dzlineage forward --once; a canary needs up "
            "to the DAG's interval",
        )


def _status(catalog: Catalog, run_id: str, since: datetime) -> str | None:
    for summary in catalog.list_events(timestampAfter=since):
        run = summary.get("eventSummary", {}).get("openLineageRunEventSummary", {})
        if run.get("runId") == run_id:
            return str(summary["processingStatus"])
    return None
