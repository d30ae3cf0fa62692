"""Recognise the events of our own forwarding DAG, which would otherwise feed on themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

FORWARDING_DAG_ID = "dzlineage_forward"
FORWARDING_DAG_TAG = "dzlineage-forwarder"


def is_own_job(event: Mapping[str, Any]) -> bool:
    """Tell whether an event comes from a forwarding DAG.

    A job of the DAG ``dzlineage_forward`` (or a DAG whose id starts so) is recognised by its name; a forwarding
    DAG of any other name by the tag that the factory gives it, which Airflow's OpenLineage provider reports in the
    run facets ``airflow`` (tasks) and ``airflowDagRun`` (DAG runs).

    Older versions of it, such as 1.13 of Amazon MWAA 2.10.3, report no tags where a DAG run ends, so a name that starts
    so is the surer way.

    :param event: a parsed OpenLineage event of any kind, valid or not.
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
    return value.get(key) if isinstance(value, Mapping) else None
