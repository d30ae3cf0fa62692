"""An event through the whole pipe, from the queue to the catalog, and how long it takes."""

from __future__ import annotations

import json
import math
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone

from airflow_provider_dzlineage import __version__
from airflow_provider_dzlineage.buffer.codec import send_parameters
from airflow_provider_dzlineage.buffer.queue import Queue
from airflow_provider_dzlineage.catalog.client import Catalog
from airflow_provider_dzlineage.doctor.finding import Finding, failed, failure_of, passed, skipped
from airflow_provider_dzlineage.errors import UnavailableError
from airflow_provider_dzlineage.lineage.pipeline import Outcome, Pipeline

JOB = {"namespace": "dzlineage", "name": "canary"}
# Something has to be written, since an event that draws nothing is skipped.
_DATASET = {"namespace": "dzlineage://doctor", "name": "canary"}
# Seldom enough to leave the quota of ListLineageEvents to others.
_POLL_SECONDS = 2.5
_DAY_SECONDS = 24 * 60 * 60


def patience(value: object) -> float:
    """Read how long to wait for a canary.

    :return: seconds.
    :raises ValueError: when nobody could wait so long, or so short.
    """
    try:
        seconds = float(str(value))
    except ValueError:
        seconds = math.nan
    if not 0 < seconds <= _DAY_SECONDS:
        raise ValueError("must be a number of seconds, more than 0 and at most a day")
    return seconds


def check_canary(
    queue: Queue, catalog: Catalog, pipeline: Pipeline, seconds: float, wait: Callable[[float], None] = time.sleep
) -> Iterator[Finding]:
    """Send a canary and wait for it.

    :param pipeline: of the site, which may keep a canary from the catalog as they do any event.
    :param seconds: to wait; a forwarding DAG needs up to its interval.
    """
    run_id = str(uuid.uuid4())
    sent = datetime.now(timezone.utc)
    # What is listed is later than this, and a clock may be a little off.
    since = sent - timedelta(minutes=1)
    event = {
        "eventType": "COMPLETE",
        "eventTime": sent.isoformat(),
        "producer": f"urn:airflow-provider-dzlineage:{__version__}",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": run_id},
        "job": JOB,
        "inputs": [],
        "outputs": [_DATASET],
    }
    text = json.dumps(event)
    decision = pipeline.prepare(text.encode())
    if decision.outcome is Outcome.SKIPPED:
        # Sent all the same, it would look as if nobody forwards.
        yield skipped(
            "canary",
            f"the filters or transforms of this site skip it ({decision.reason}): let the job dzlineage.canary, which "
            f"writes into {_DATASET['namespace']}, through to have it sent",
        )
        return
    if decision.error:
        raise decision.error
    started = time.monotonic()
    group = "dzlineage-canary" if queue.is_fifo else None
    refused = list(queue.send([send_parameters(text, group=group)]))
    if refused:
        yield failed("canary: sending", f"SQS refused it: {refused[0].code}", "allow the action sqs:SendMessage")
        return
    yield passed("canary: sending", f"{time.monotonic() - started:.1f} seconds")
    status, trouble = None, None
    while time.monotonic() - started < seconds:
        try:
            status, trouble = _status(catalog, run_id, since) or status, None
        except UnavailableError as error:
            # It may pass, and there is time.
            trouble = error
        if status == "SUCCESS":
            yield passed("canary: catalog", f"SUCCESS after {time.monotonic() - started:.1f} seconds")
            return
        if status == "FAILED":
            yield failed("canary: catalog", "DataZone failed to process it", "see the event in the DataZone console")
            return
        wait(_POLL_SECONDS)
    if trouble:
        yield failure_of("canary: catalog", trouble)
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
