"""What an event is called where people read of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def subject_of(event: Mapping[str, Any]) -> str:
    """Name an event in a few words, whatever it holds.

    :param event: an OpenLineage run, job or dataset event, or what claims to be one.
    :return: such as ``COMPLETE of sales.load, run 0191c0de-0000-7000-8000-000000000001``.
    """
    job, run, dataset = (
        value if isinstance(value := event.get(name), Mapping) else {} for name in ("job", "run", "dataset")
    )
    if run:
        return f"{event.get('eventType')} of {job.get('namespace')}.{job.get('name')}, run {run.get('runId')}"
    if job:
        return f"job {job.get('namespace')}.{job.get('name')}"
    return f"dataset {dataset.get('namespace')}  {dataset.get('name')}" if dataset else "no job, no run, no dataset"
