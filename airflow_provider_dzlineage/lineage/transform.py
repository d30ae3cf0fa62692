"""What a transform is, and how those of a site are applied to an event."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from airflow_provider_dzlineage.errors import DzLineageError, InvalidEventError, TransformFailedError
from airflow_provider_dzlineage.lineage.datasets import Dataset, datasets_in, rename_datasets
from airflow_provider_dzlineage.lineage.event import copy_of, encode
from airflow_provider_dzlineage.lineage.schema import first_violation

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
    """Tell that there may always be something to do."""
    return True


@dataclass(frozen=True)
class NamedTransform:
    """A transform with the name by which settings and dead letters know it.

    :param is_foreign: whether somebody else wrote it, so that what it returns is to be validated.
    :param may_change: tells by an event's JSON in lower case whether there may be anything to do, much cheaper than by
        looking for it.
    :param why: for a person, why it changes what it changes.
    """

    name: str
    transform: Transform
    is_foreign: bool = False
    may_change: Callable[[str], bool] = always
    why: str = ""

    def __call__(self, event: Event) -> Event | Skip:
        """Apply it.

        :raises TransformFailedError: when it raises or returns something else than it should.
        """
        try:
            # Who changes what it is given must not change it for others.
            result = self.transform(copy_of(event) if self.is_foreign else event)
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
            encode(result)
        except (TypeError, ValueError, InvalidEventError, RecursionError) as error:
            raise TransformFailedError(self.name, f"what it returned is no JSON: {error}") from None
        if violation := first_violation(result):
            raise TransformFailedError(self.name, f"what it returned is no run event: {violation}")
        return result


@dataclass(frozen=True)
class Step:
    """What one transform did to an event.

    :param name: the transform's.
    :param why: why it does such things.
    :param before: the event that it was given.
    :param after: what it returned.
    """

    name: str
    why: str
    before: Event
    after: Event | Skip


def steps(event: Event, transforms: Sequence[NamedTransform], text: bytes | None = None) -> Iterator[Step]:
    """Apply transforms one after the other; a skip ends it.

    :param text: the event's JSON, if it is at hand.
    :raises TransformFailedError: see :class:`NamedTransform`.
    """
    # Escapes may hide any word.
    look = None if text is None or b"\\/" in text or b"\\u00" in text else text.decode("utf-8").lower()
    for transform in transforms:
        if look is not None and not transform.may_change(look):
            continue
        after = transform(event)
        yield Step(transform.name, transform.why, event, after)
        if isinstance(after, Skip):
            return
        if after is not event:
            look = None
        event = after


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
