"""Facts about an event that need no validation: its subject, its message group, whether it is of our own DAG.

Imports the standard library only, as the transport pays for each import.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def subject_of(event: Mapping[str, Any]) -> str:
    """Return an event of any kind in a few words, such as ``COMPLETE of sales.load, run 0191c0de-…``."""
    job, run, dataset = (
        value if isinstance(value := event.get(name), Mapping) else {} for name in ("job", "run", "dataset")
    )
    if run:
        return f"{event.get('eventType')} of {job.get('namespace')}.{job.get('name')}, run {run.get('runId')}"
    if job:
        return f"job {job.get('namespace')}.{job.get('name')}"
    return f"dataset {dataset.get('namespace')}  {dataset.get('name')}" if dataset else "no job, no run, no dataset"


def message_group(event: Mapping[str, Any]) -> str:
    """Return what has to stay in order with an event of any kind: its run; without one, its job or its dataset."""
    run, job = event.get("run"), event.get("job") or event.get("dataset")
    if isinstance(run, Mapping) and run.get("runId"):
        return str(run["runId"])
    return f"{job.get('namespace')}.{job.get('name')}" if isinstance(job, Mapping) else "none"


FORWARDING_DAG_ID = "dzlineage_forward"
FORWARDING_DAG_TAG = "dzlineage-forwarder"


def is_own_job(event: Mapping[str, Any]) -> bool:
    """Return whether an event, valid or not, comes from a forwarding DAG.

    A job of the DAG ``dzlineage_forward`` (or a DAG whose id starts so) is recognised by its name; a forwarding
    DAG of any other name by the tag that the factory gives it, which Airflow's OpenLineage provider reports in the
    run facets ``airflow`` (tasks) and ``airflowDagRun`` (DAG runs).

    Older versions of it, such as 1.13 of Amazon MWAA 2.10.3, report no tags where a DAG run ends, so a name that starts
    so is the surer way.
    """
    name = _member(_member(event, "job"), "name")
    if isinstance(name, str) and name.startswith(FORWARDING_DAG_ID):
        return True
    facets = _member(_member(event, "run"), "facets")
    return any(
        # A list in some versions of the provider, its text in others.
        FORWARDING_DAG_TAG in str(_member(_member(_member(facets, facet), "dag"), "tags") or "")
        for facet in ("airflow", "airflowDagRun")
    )


def _member(value: object, key: str) -> object:
    # To ask for a Mapping costs several times as much, and parsed JSON has none but this.
    return value.get(key) if isinstance(value, dict) else None
