"""Which events have to stay in order. Imports the standard library only, as the transport pays for each import."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def message_group(event: Mapping[str, Any]) -> str:
    """Return what has to stay in order with an event: its run; without one, its job or its dataset.

    :param event: a parsed event of any kind, valid or not.
    """
    run, job = event.get("run"), event.get("job") or event.get("dataset")
    if isinstance(run, Mapping) and run.get("runId"):
        return str(run["runId"])
    return f"{job.get('namespace')}.{job.get('name')}" if isinstance(job, Mapping) else "none"
