"""A transform, and how the transforms of a site are applied to an event."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from airflow_provider_dzlineage.errors import (
    ConfigurationError,
    DzLineageError,
    InvalidEventError,
    TransformFailedError,
)
from airflow_provider_dzlineage.lineage.datasets import Dataset, datasets_in, rename_datasets
from airflow_provider_dzlineage.lineage.event import json_bytes, json_copy
from airflow_provider_dzlineage.lineage.schema import violation_of

Event: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Skip:
    """An event is not to be posted.

    :param reason: a short stable word to count by.
    """

    reason: str


# Takes a parsed run event and leaves it as it is; returns it changed, the same object if nothing changes, or a skip.
Transform: TypeAlias = Callable[[Event], Event | Skip]


def always(_: str) -> bool:
    """Return True, for a transform that may change any event."""
    return True


@dataclass(frozen=True)
class NamedTransform:
    """A transform with the name by which settings and dead letters know it.

    :param is_foreign: whether a user wrote it, so that its results are validated.
    :param may_change: returns False for the JSON of an event, in lower case, when there is nothing for it to do, which
        is much cheaper than to apply it.
    :param why: the reason for its changes, for a person.
    """

    name: str
    transform: Transform
    is_foreign: bool = False
    may_change: Callable[[str], bool] = always
    why: str = ""

    def __call__(self, event: Event) -> Event | Skip:
        """Apply it.

        :raises TransformFailedError: when it raises, or returns neither a run event nor a skip.
        """
        try:
            # One that changes its argument must not change it for others.
            result = self.transform(json_copy(event) if self.is_foreign else event)
        except DzLineageError:
            raise
        except Exception as error:
            raise TransformFailedError(self.name, f"{type(error).__name__}: {error}") from error
        if not isinstance(result, dict | Skip):
            raise TransformFailedError(self.name, f"it returned {type(result).__name__}, not an event or a Skip")
        return self._checked(result, event) if self.is_foreign and isinstance(result, dict) else result

    def _checked(self, result: Event, event: Event) -> Event:
        if result == event:
            return event
        try:
            json_bytes(result)
        except (TypeError, ValueError, InvalidEventError, RecursionError) as error:
            raise TransformFailedError(self.name, f"what it returned is not valid JSON: {error}") from None
        if violation := violation_of(result):
            raise TransformFailedError(self.name, f"what it returned is not a run event: {violation}")
        return result


@dataclass(frozen=True)
class Step:
    """One step of the pipeline and its effect on an event.

    :param stage: of the pipeline.
    :param before: the event that went in; of several that were merged, the first.
    :param transform: the name of the transform that was applied, if one was.
    """

    stage: Literal["transform", "merge", "trim"]
    before: Event
    after: Event | Skip
    transform: str = ""
    why: str = ""


def transform_steps(event: Event, transforms: Sequence[NamedTransform], body: bytes | None = None) -> Iterator[Step]:
    """Apply transforms one after the other; a skip ends it.

    :param body: the event's JSON, if it is at hand: with it most transforms need not look into the event.
    :raises TransformFailedError: see :class:`NamedTransform`.
    :raises LookupFailedError: when the meaning of a name could not be looked up.
    """
    # Escapes may hide any word.
    text = None if body is None or b"\\/" in body or b"\\u00" in body else body.decode("utf-8").lower()
    for transform in transforms:
        if text is not None and not transform.may_change(text):
            continue
        after = transform(event)
        yield Step("transform", event, after, transform.name, transform.why)
        if isinstance(after, Skip):
            return
        if after is not event:
            text = None
        event = after


def compiled_pattern(pattern: str, setting: str) -> re.Pattern[str]:
    """Return the regular expression that a transform's setting holds.

    :param setting: its name, for the error.
    :raises ConfigurationError: when it is not a valid regular expression.
    """
    try:
        return re.compile(pattern)
    except (re.error, TypeError) as error:
        raise ConfigurationError(f"setting {setting!r}: {pattern!r} is not a regular expression: {error}") from None


def renaming(event: Event, rename: Callable[[Dataset], Dataset | None], among: Iterable[Dataset] = ()) -> Event:
    """Rename the datasets of an event one by one.

    :param rename: returns the new identity of a dataset; None or the same one to leave it.
    :param among: the datasets to look at; without them, all that the event names.
    """
    new_names = {}
    for dataset in dict.fromkeys(among or datasets_in(event)):
        renamed = rename(dataset)
        if renamed and renamed != dataset:
            new_names[dataset] = renamed
    return rename_datasets(event, new_names)
