"""Names that a site gives to jobs and to namespaces: the settings ``job_names`` and ``namespaces``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from airflow_provider_dzlineage.lineage.datasets import Dataset, Job, rename_jobs
from airflow_provider_dzlineage.lineage.transform import Event, Transform, compiled_pattern, renaming
from airflow_provider_dzlineage.settings.site import setting_error


def job_names(patterns: Sequence[str]) -> Transform:
    r"""Return a transform that cuts what matches from the names of jobs, such as a date; never all of a name.

    :param patterns: regular expressions, such as ``_\d{8}$``.
    :raises ConfigurationError: when one is wrong.
    """
    expressions = [compiled_pattern(pattern, "job_names") for pattern in patterns]

    def rename(job: Job) -> Job:
        name, before = job.name, ""
        # Until nothing matches any more, so that a second time changes nothing.
        while name != before:
            before = name
            for expression in expressions:
                name = expression.sub("", name) or name
        return Job(job.namespace, name)

    return lambda event: rename_jobs(event, rename) if expressions else event


def namespaces(setting: Mapping[str, Any]) -> Transform:
    r"""Return a transform that gives jobs and datasets other namespaces.

    :param setting: ``jobs`` and ``datasets``, each new namespaces by the old ones. A key between slashes is a regular
        expression for the whole of a namespace, whose groups the new one may name as ``\1``. Exact keys come first.
    :raises ConfigurationError: when it has another form.
    """
    if unknown := sorted(setting.keys() - {"jobs", "datasets"}):
        raise setting_error("namespaces", f"there is no {unknown[0]!r}")
    new_of_job, new_of_dataset = _renaming(setting.get("jobs", {})), _renaming(setting.get("datasets", {}))

    def transform(event: Event) -> Event:
        if setting.get("jobs"):
            event = rename_jobs(event, lambda job: Job(new_of_job(job.namespace), job.name))
        if setting.get("datasets"):
            event = renaming(event, lambda dataset: Dataset(new_of_dataset(dataset.namespace), dataset.name))
        return event

    return transform


def _renaming(new_names: Any) -> Callable[[str], str]:
    if not isinstance(new_names, Mapping) or not all(isinstance(new, str) and new for new in new_names.values()):
        raise setting_error("namespaces", "new namespaces must be texts by the old ones")
    expressions = [
        (compiled_pattern(old[1:-1], "namespaces"), new)
        for old, new in new_names.items()
        if len(old) > 2 and old.startswith("/") and old.endswith("/")
    ]
    new = ""
    try:
        for expression, new in expressions:
            re.compile(f"(?:{expression.pattern})|").fullmatch("").expand(new)  # type: ignore[union-attr]
    except (re.error, IndexError) as error:
        raise setting_error("namespaces", f"{new!r}: {error}") from None

    def new_of(namespace: str) -> str:
        if namespace in new_names:
            return str(new_names[namespace])
        matches = ((expression.fullmatch(namespace), new) for expression, new in expressions)
        return next((match.expand(new) for match, new in matches if match), namespace)

    return new_of
