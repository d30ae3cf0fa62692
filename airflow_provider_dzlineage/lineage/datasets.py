"""The places of an event that name datasets and jobs, and the renaming in all of these places at once.

Source of the places: the OpenLineage specification 2.0.2 and its facets ``columnLineage`` (1-2-0), ``lineage`` (1-0-0),
``lifecycleStateChange`` (1-0-1) and ``symlinks`` (1-0-1); for jobs also ``parent`` (1-1-0) and ``jobDependencies``
(1-0-1).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, TypeVar

SIDES = ("inputs", "outputs")
# Where the facets of a dataset stand; those of a run and a job stand in the first of them.
DATASET_FACETS = ("facets", "inputFacets", "outputFacets")


class Dataset(NamedTuple):
    """The identity of a dataset: two with one name in two namespaces are two."""

    namespace: str
    name: str


class Job(NamedTuple):
    """The identity of a job."""

    namespace: str
    name: str


_Name = TypeVar("_Name", Dataset, Job)


def dataset_of(value: Mapping[str, Any]) -> Dataset:
    """Return the identity that an object with ``namespace`` and ``name`` has."""
    return Dataset(value["namespace"], value["name"])


def inputs_and_outputs(event: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield every input and output of a valid run event."""
    for side in SIDES:
        yield from event.get(side) or ()


def datasets_in(event: Mapping[str, Any]) -> list[Dataset]:
    """Return every identity of a dataset that an event names, each as often as it is named.

    Symlinks are not among them: they are further names of a dataset.
    """
    found: list[Dataset] = []

    def note(dataset: Dataset) -> Dataset:
        found.append(dataset)
        return dataset

    _Renaming(note, with_symlinks=False).event(event)
    return found


def rename_datasets(event: dict[str, Any], new_names: Mapping[Dataset, Dataset]) -> dict[str, Any]:
    """Return a run event with other names of datasets, wherever it names them; the same object without any.

    :param new_names: by the present identity, the new one. Others keep theirs.
    """
    if not new_names:
        return event
    return _Renaming(lambda dataset: new_names.get(dataset, dataset), with_symlinks=True).event(event)


class _Renaming:
    """Visits every name of a dataset in an event, and copies only what leads to one."""

    def __init__(self, rename: Callable[[Dataset], Dataset], *, with_symlinks: bool) -> None:
        self._rename = rename
        self._with_symlinks = with_symlinks

    def event(self, event: Mapping[str, Any]) -> dict[str, Any]:
        changed = dict(event)
        for side in SIDES:
            if isinstance(event.get(side), list):
                changed[side] = [self._dataset(dataset) for dataset in event[side]]
        for owner in ("job", "run"):
            if facets := _object(event.get(owner), "facets"):
                changed[owner] = {**event[owner], "facets": self._facets(facets)}
        return changed

    def _dataset(self, dataset: dict[str, Any]) -> dict[str, Any]:
        changed = self._name(dataset)
        for kind in DATASET_FACETS:
            if facets := _object(dataset, kind):
                changed[kind] = self._facets(facets)
        return changed

    def _facets(self, facets: dict[str, Any]) -> dict[str, Any]:
        changed = dict(facets)
        if facet := _object(facets, "columnLineage"):
            changed["columnLineage"] = self._lineage(facet, "dataset", "inputFields")
        if facet := _object(facets, "lineage"):
            changed["lineage"] = self._explicit_lineage(facet)
        if previous := _object(_object(facets, "lifecycleStateChange"), "previousIdentifier"):
            changed["lifecycleStateChange"] = {
                **facets["lifecycleStateChange"],
                "previousIdentifier": self._name(previous),
            }
        if self._with_symlinks and (facet := _object(facets, "symlinks")):
            changed["symlinks"] = self._with_names(facet, "identifiers")
        return changed

    def _explicit_lineage(self, facet: dict[str, Any]) -> dict[str, Any]:
        """Visit a facet of a dataset or job: targets in ``entries``, sources in ``inputs`` and ``fields``."""
        changed = self._lineage(facet, "inputs", "inputs")
        if isinstance(facet.get("entries"), list):
            changed["entries"] = [
                self._explicit_lineage(self._name(entry)) if isinstance(entry, dict) else entry
                for entry in facet["entries"]
            ]
        return changed

    def _lineage(self, facet: dict[str, Any], sources: str, sources_of_field: str) -> dict[str, Any]:
        changed: dict[str, Any] = self._with_names(facet, sources)
        if fields := _object(facet, "fields"):
            changed["fields"] = {column: self._with_names(field, sources_of_field) for column, field in fields.items()}
        return changed

    def _with_names(self, holder: Any, key: str) -> Any:
        if not isinstance(holder, dict):
            return holder
        if not isinstance(holder.get(key), list):
            return dict(holder)
        return {**holder, key: [self._name(item) if isinstance(item, dict) else item for item in holder[key]]}

    def _name(self, holder: dict[str, Any]) -> dict[str, Any]:
        # In the explicit lineage facet, jobs are named in the same way.
        return dict(holder) if holder.get("type") == "JOB" else _renamed(holder, Dataset, self._rename)


def _object(holder: Any, key: str) -> dict[str, Any] | None:
    value = holder.get(key) if isinstance(holder, dict) else None
    return value if isinstance(value, dict) else None


def jobs_in(event: dict[str, Any]) -> list[Job]:
    """Return every identity of a job that an event names, each as often as it is named."""
    found: list[Job] = []

    def note(job: Job) -> Job:
        found.append(job)
        return job

    rename_jobs(event, note)
    return found


def rename_jobs(event: dict[str, Any], rename: Callable[[Job], Job]) -> dict[str, Any]:
    """Return a run event with other names of jobs, wherever it names them; the same object when nothing changes."""
    changed = {**event, "job": _renamed(event["job"], Job, rename)}
    for owner in ("run", "job"):
        facets = changed[owner].get("facets")
        if isinstance(facets, dict):
            changed[owner] = {**changed[owner], "facets": _job_facets(facets, rename)}
    return event if changed == event else changed


def _job_facets(facets: Mapping[str, Any], rename: Callable[[Job], Job]) -> dict[str, Any]:
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
        changed["lineage"] = _explicit_jobs(lineage, rename)
    return changed


def _explicit_jobs(value: Any, rename: Callable[[Job], Job]) -> Any:
    """Rename every object of the type ``JOB``, however deep it stands."""
    if isinstance(value, list):
        return [_explicit_jobs(item, rename) for item in value]
    if not isinstance(value, dict):
        return value
    walked = {key: _explicit_jobs(item, rename) for key, item in value.items()}
    return _renamed(walked, Job, rename) if walked.get("type") == "JOB" else walked


def _with_job(holder: Any, rename: Callable[[Job], Job]) -> Any:
    if not isinstance(holder, dict) or not isinstance(holder.get("job"), dict):
        return holder
    return {**holder, "job": _renamed(holder["job"], Job, rename)}


def _renamed(holder: dict[str, Any], kind: type[_Name], rename: Callable[[_Name], _Name]) -> dict[str, Any]:
    """Return a copy of what a dataset or job is named by, renamed."""
    namespace, name = holder.get("namespace"), holder.get("name")
    if not isinstance(namespace, str) or not isinstance(name, str):
        return dict(holder)
    renamed = rename(kind(namespace, name))
    return {**holder, "namespace": renamed.namespace, "name": renamed.name}
