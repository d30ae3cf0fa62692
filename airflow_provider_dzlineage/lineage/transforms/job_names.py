"""Job names that are other ones each time, such as those with a date or a hash at their end."""

from __future__ import annotations

from collections.abc import Sequence

from airflow_provider_dzlineage.lineage.jobs import Job, rename_jobs
from airflow_provider_dzlineage.lineage.transform import Event, Transform
from airflow_provider_dzlineage.lineage.transforms.patterns import compiled


def job_names(patterns: Sequence[str]) -> Transform:
    r"""Make a transform that cuts what matches from the names of jobs; never all of a name.

    :param patterns: regular expressions, such as ``_\d{8}$``.
    :raises ConfigurationError: when one is wrong.
    """
    expressions = [compiled(pattern, "job_names") for pattern in patterns]

    def rename(job: Job) -> Job:
        name, before = job.name, ""
        # Again for what only the end of a cut shows, so that a second time changes nothing.
        while name != before:
            before = name
            for expression in expressions:
                name = expression.sub("", name) or name
        return Job(job.namespace, name)

    def transform(event: Event) -> Event:
        return rename_jobs(event, rename) if expressions else event

    return transform
