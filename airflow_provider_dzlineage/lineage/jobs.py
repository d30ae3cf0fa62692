"""The places where an event names jobs, and the renaming in all of these places at once.

Source of the places: the OpenLineage specification 2.0.2 and its facets ``parent`` (1-1-0), ``jobDependencies`` (1-0-1)
and ``lineage`` (1-0-0).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from airflow_provider_dzlineage.lineage.transform import Event


class Job(NamedTuple):
    """The identity of a job."""

    namespace: str
    name: str


def jobs_in(event: Event) -> list[Job]:
    """Return every identity of a job that an event names, each as often as it is named."""
    found: list[Job] = []

    def note(job: Job) -> Job:
        found.append(job)
        return job

    rename_jobs(event, note)
    return found


def rename_jobs(event: Event, rename: Callable[[Job], Job]) -> Event:
    """Return an event with other names of jobs: its own, its parent and root, and those in facets.

    :param event: a parsed run event; it stays as it is.
    :param rename: returns the new identity of a job, or the same one.
    :return: the same object when nothing changes.
    """
    changed = {**event, "job": _renamed(event["job"], rename)}
    for owner in ("run", "job"):
        facets = changed[owner].get("facets")
        if isinstance(facets, dict):
            changed[owner] = {**changed[owner], "facets": _facets(facets, rename)}
    return event if changed == event else changed


def _facets(facets: Mapping[str, Any], rename: Callable[[Job], Job]) -> dict[str, Any]:
    changed = dict(facets)
    if isinstance(parent := facets.get("parent"), dict):
        changed["parent"] = _with_job(parent, rename)
        if isinstance(root := parent.get("root"), dict):
            changed["parent"] = {**changed["parent"], "root": _with_job(root, rename)}
    if isinstance(dependencies := facets.get("jobDependencies"), dict):
        changed["jobDependencies"] = {
            side: [_with_job(item, rename) for item in value] if isinstance(value, list) else value
            for side, value in dependencies.items()
        }
    if isinstance(lineage := facets.get("lineage"), dict):
        changed["lineage"] = _explicit(lineage, rename)
    return changed


def _explicit(value: Any, rename: Callable[[Job], Job]) -> Any:
    """Rename every object of the type ``JOB``, however deep it stands."""
    if isinstance(value, list):
        return [_explicit(item, rename) for item in value]
    if not isinstance(value, dict):
        return value
    walked = {key: _explicit(item, rename) for key, item in value.items()}
    return _renamed(walked, rename) if walked.get("type") == "JOB" else walked


def _with_job(holder: Any, rename: Callable[[Job], Job]) -> Any:
    if not isinstance(holder, dict) or not isinstance(holder.get("job"), dict):
        return holder
    return {**holder, "job": _renamed(holder["job"], rename)}


def _renamed(job: dict[str, Any], rename: Callable[[Job], Job]) -> dict[str, Any]:
    namespace, name = job.get("namespace"), job.get("name")
    if not isinstance(namespace, str) or not isinstance(name, str):
        return job
    renamed = rename(Job(namespace, name))
    return {**job, "namespace": renamed.namespace, "name": renamed.name}
