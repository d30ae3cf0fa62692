"""Facets that a site drops, or the only ones that it keeps: the setting ``facets``."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from airflow_provider_dzlineage.lineage.datasets import DATASET_FACETS, SIDES
from airflow_provider_dzlineage.lineage.transform import Event, Transform
from airflow_provider_dzlineage.settings.site import setting_error

# The graph hangs on them.
_NEVER_DROPPED = {"parent", "symlinks"}
# It decides whether symlinks count: dropped only by its very name.
_HARDLY_DROPPED = "environment-properties"


def facets(choice: Mapping[str, Any]) -> Transform:
    """Return a transform that drops facets of runs, jobs and datasets.

    :param choice: ``drop`` with globs of what goes, or ``keep`` with globs of the only ones that stay; ``parent`` and
        ``symlinks`` always stay.
    :raises ConfigurationError: when it has another form.
    """
    if not choice:
        return lambda event: event
    verb, globs = _checked(choice)

    def is_dropped(name: str) -> bool:
        if name in _NEVER_DROPPED:
            return False
        if name == _HARDLY_DROPPED:
            return verb == "drop" and name in globs
        return any(fnmatchcase(name, glob) for glob in globs) == (verb == "drop")

    def without(holder: dict[str, Any], key: str) -> dict[str, Any]:
        held = holder.get(key)
        if not isinstance(held, dict) or not any(map(is_dropped, held)):
            return holder
        return {**holder, key: {name: facet for name, facet in held.items() if not is_dropped(name)}}

    def transform(event: Event) -> Event:
        changed = {**event, "run": without(event["run"], "facets"), "job": without(event["job"], "facets")}
        for side in SIDES:
            for key in DATASET_FACETS:
                if changed.get(side):
                    changed[side] = [without(dataset, key) for dataset in changed[side]]
        return event if changed == event else changed

    return transform


def _checked(choice: Mapping[str, Any]) -> tuple[str, list[str]]:
    if len(choice) != 1 or not choice.keys() <= {"drop", "keep"}:
        raise setting_error("facets", "it needs either 'drop' or 'keep'")
    ((verb, globs),) = choice.items()
    if not isinstance(globs, list | tuple) or not all(isinstance(glob, str) for glob in globs):
        raise setting_error("facets", f"{verb!r} must be a list of globs")
    return verb, list(globs)
