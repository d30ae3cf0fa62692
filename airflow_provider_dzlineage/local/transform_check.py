"""Check a transform that somebody has written."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, TypeAlias

from airflow_provider_dzlineage.lineage.datasets import datasets_in
from airflow_provider_dzlineage.lineage.schema import first_violation
from airflow_provider_dzlineage.lineage.transform import Event, Skip, Transform

CheckTransform: TypeAlias = Callable[[Transform, Event], Any]


def checked(transform: Transform, event: Event) -> Event | Skip:
    """Apply a transform to an event, and check what every transform has to keep to.

    :return: what it returns.
    :raises AssertionError: what it does not keep to.
    """
    before = copy.deepcopy(event)
    after = transform(event)
    assert event == before, "the transform changes the event that it is given; it has to return a changed copy"  # noqa: S101
    if isinstance(after, Skip):
        return after
    assert isinstance(after, dict), f"the transform returns {type(after).__name__}, not an event or a Skip"  # noqa: S101
    violation = first_violation(after)
    assert violation is None, f"what the transform returns is no run event: {violation}"  # noqa: S101
    assert transform(copy.deepcopy(after)) == after, "applied to its own result, the transform changes it once more"  # noqa: S101
    gone = _own_datasets(before) - _own_datasets(after)
    left = gone & set(datasets_in(after))
    assert not left, f"some places still have the former name of {sorted(left)}; renaming() reaches all"  # noqa: S101
    return after


def _own_datasets(event: Event) -> set[tuple[str, str]]:
    return {(each["namespace"], each["name"]) for side in ("inputs", "outputs") for each in event.get(side) or ()}
