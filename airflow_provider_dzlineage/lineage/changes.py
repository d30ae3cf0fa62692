"""The changes that transforms make in an event, by the names that they change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from airflow_provider_dzlineage.lineage.datasets import Dataset, Job, datasets_in, jobs_in, rename_datasets, rename_jobs
from airflow_provider_dzlineage.lineage.transform import Event, Skip, Step

_Name = TypeVar("_Name", Dataset, Job)


@dataclass(frozen=True)
class Change:
    """The changes of one transform.

    :param renames: pairs of identities of datasets, before and after.
    :param job_renames: pairs of identities of jobs, before and after.
    :param changes_more: whether it changes anything but these.
    """

    transform: str
    why: str
    renames: tuple[tuple[Dataset, Dataset], ...] = ()
    job_renames: tuple[tuple[Job, Job], ...] = ()
    changes_more: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return it as a JSON value."""
        return {
            "transform": self.transform,
            "why": self.why,
            "renames": [{"from": old._asdict(), "to": new._asdict()} for old, new in self.renames],
            "job_renames": [{"from": old._asdict(), "to": new._asdict()} for old, new in self.job_renames],
            "changes_more": self.changes_more,
        }


def changes_of(steps: Iterable[Step], redact_text: Callable[[str], str]) -> Iterator[Change]:
    """Yield the changes of each transform that changes anything, with redacted names."""
    for step in steps:
        if step.stage != "transform" or isinstance(step.after, Skip) or step.after is step.before:
            continue
        try:
            if step.after != step.before:
                yield _change(step, step.after, redact_text)
        except RecursionError:
            # Too deep to be compared here; it may be posted all the same.
            yield Change(step.transform, step.why, changes_more=True)


def _change(step: Step, after: Event, redact_text: Callable[[str], str]) -> Change:
    old, new = _shared(step.before, after)
    datasets = _pairs(datasets_in(old), datasets_in(new), redact_text)
    jobs = _pairs(jobs_in(old), jobs_in(new), redact_text)
    new_names = dict(jobs)
    renamed = rename_jobs(rename_datasets(step.before, dict(datasets)), lambda job: new_names.get(job, job))
    return Change(
        step.transform,
        step.why,
        tuple(_shown(pair, redact_text) for pair in datasets),
        tuple(_shown(pair, redact_text) for pair in jobs),
        changes_more=renamed != after,
    )


def _pairs(
    before: Iterable[_Name], after: Iterable[_Name], redact_text: Callable[[str], str]
) -> list[tuple[_Name, _Name]]:
    """Return the pairs of an old and a new name, each once, that differ when they are shown."""
    old, new = list(before), list(after)
    if len(old) != len(new):
        return []
    pairs = dict.fromkeys(pair for pair in zip(old, new, strict=True) if pair[0] != pair[1])
    return [pair for pair in pairs if len(set(_shown(pair, redact_text))) > 1]


def _shown(pair: tuple[_Name, _Name], redact_text: Callable[[str], str]) -> tuple[_Name, _Name]:
    old, new = (type(name)(*map(redact_text, name)) for name in pair)
    return old, new


def _shared(before: Any, after: Any) -> tuple[Any, Any]:
    """Return the parts that two values have at the same places, so that the names in them have the same order."""
    if before is after:
        return before, after
    if isinstance(before, dict) and isinstance(after, dict):
        items = {key: _shared(value, after[key]) for key, value in before.items() if key in after}
        return {key: old for key, (old, _) in items.items()}, {key: new for key, (_, new) in items.items()}
    if isinstance(before, list) and isinstance(after, list):
        # In lists of different lengths it is unknown which item has become which.
        values = [_shared(*pair) for pair in zip(before, after, strict=True)] if len(before) == len(after) else []
        return [old for old, _ in values], [new for _, new in values]
    return (before, after) if type(before) is type(after) else (None, None)
