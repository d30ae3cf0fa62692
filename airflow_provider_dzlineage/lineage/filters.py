"""Filters of the events that are posted: globs over the names that producers wrote."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property

from airflow_provider_dzlineage.lineage.datasets import inputs_and_outputs
from airflow_provider_dzlineage.lineage.transform import Event


@dataclass(frozen=True)
class Globs:
    """Globs of what is included and of what of that is excluded; as in a shell, case counts.

    :param include: globs of which one has to match; none includes everything.
    :param exclude: globs of which none may match.
    """

    include: Sequence[str] = ()
    exclude: Sequence[str] = ()

    def match(self, *names: str) -> bool:
        """Return whether a thing with any of these names is included and not excluded."""
        return (not self.include or _any(self.include, names)) and not _any(self.exclude, names)

    def __bool__(self) -> bool:
        return bool(self.include or self.exclude)


@dataclass(frozen=True)
class Filters:
    """Filters of events.

    :param jobs: over a job's name, and over ``<namespace>.<name>``.
    :param job_namespaces: over the namespace of the job.
    :param producers: over the URI of the event's producer.
    :param dataset_namespaces: over the namespaces of inputs and outputs: an event passes when it has no dataset or
        one of its datasets passes.
    """

    jobs: Globs = Globs()
    job_namespaces: Globs = Globs()
    producers: Globs = Globs()
    dataset_namespaces: Globs = Globs()

    def reason_to_skip(self, event: Event) -> str | None:
        """Return why a run event does not pass, as a short stable word; None when it does."""
        if not self._is_set:
            return None
        job = event["job"]
        if not self.jobs.match(job["name"], f"{job['namespace']}.{job['name']}"):
            return "filtered_job"
        if not self.job_namespaces.match(job["namespace"]):
            return "filtered_job_namespace"
        if not self.producers.match(event["producer"]):
            return "filtered_producer"
        namespaces = [dataset["namespace"] for dataset in inputs_and_outputs(event)]
        if namespaces and not any(map(self.dataset_namespaces.match, namespaces)):
            return "filtered_dataset_namespace"
        return None

    @cached_property
    def _is_set(self) -> bool:
        return any((self.jobs, self.job_namespaces, self.producers, self.dataset_namespaces))


def _any(globs: Sequence[str], names: Sequence[str]) -> bool:
    return any(fnmatchcase(name, glob) for glob in globs for name in names)
