"""Which events are wanted, by globs over the names that producers gave."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property

from airflow_provider_dzlineage.lineage.transform import Event


@dataclass(frozen=True)
class Globs:
    """What is included and what of that is excluded; ``*``, ``?`` and ``[…]`` as in a shell, case counts.

    :param include: globs of which one has to match; none includes everything.
    :param exclude: globs of which none may match.
    """

    include: Sequence[str] = ()
    exclude: Sequence[str] = ()

    def want(self, *names: str) -> bool:
        """Tell whether a thing with these names is wanted."""
        included = not self.include or _match(self.include, names)
        return included and not _match(self.exclude, names)

    @property
    def want_all(self) -> bool:
        """Whether everything is wanted."""
        return not (self.include or self.exclude)


@dataclass(frozen=True)
class Filters:
    """Which events are wanted.

    :param jobs: over a job's name, and over ``<namespace>.<name>``.
    :param job_namespaces: over the namespace of the job.
    :param producers: over the URI of the event's producer.
    :param dataset_namespaces: over the namespaces of inputs and outputs: an event is wanted when it has no dataset or
        one of its datasets is wanted.
    """

    jobs: Globs = Globs()
    job_namespaces: Globs = Globs()
    producers: Globs = Globs()
    dataset_namespaces: Globs = Globs()

    def reason_to_skip(self, event: Event) -> str | None:
        """Return why a run event is not wanted, as a short stable word; None when it is."""
        if self._want_all:
            return None
        job = event["job"]
        if not self.jobs.want(job["name"], f"{job['namespace']}.{job['name']}"):
            return "filtered_job"
        if not self.job_namespaces.want(job["namespace"]):
            return "filtered_job_namespace"
        if not self.producers.want(event["producer"]):
            return "filtered_producer"
        if not self.dataset_namespaces.want_all:
            wanted = [self.dataset_namespaces.want(namespace) for namespace in _dataset_namespaces(event)]
            if wanted and not any(wanted):
                return "filtered_dataset_namespace"
        return None

    @cached_property
    def _want_all(self) -> bool:
        return all(
            globs.want_all for globs in (self.jobs, self.job_namespaces, self.producers, self.dataset_namespaces)
        )


def _dataset_namespaces(event: Event) -> Iterator[str]:
    for side in ("inputs", "outputs"):
        for dataset in event.get(side) or ():
            yield dataset["namespace"]


def _match(globs: Iterable[str], names: Iterable[str]) -> bool:
    return any(fnmatchcase(name, glob) for glob in globs for name in names)
