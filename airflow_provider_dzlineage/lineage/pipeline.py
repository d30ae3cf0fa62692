"""The way of every event: normalise ▸ filter ▸ transform ▸ merge ▸ trim ▸ encode.

The forwarder, the direct transport and the preview take it, so that what one of them does to an event all of them do.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from airflow_provider_dzlineage.errors import (
    DzLineageError,
    InvalidEventError,
    LookupFailedError,
    NotARunEventError,
    TransformFailedError,
)
from airflow_provider_dzlineage.lineage.event import MAX_EVENT_BYTES, RunEvent, parse_run_event
from airflow_provider_dzlineage.lineage.filters import Filters
from airflow_provider_dzlineage.lineage.merging import merge, unite_datasets
from airflow_provider_dzlineage.lineage.raw_event import is_own_job
from airflow_provider_dzlineage.lineage.transform import Event, NamedTransform, Skip, Step, transform_steps
from airflow_provider_dzlineage.lineage.trimming import trimmed

# A run that ends so is news even without a dataset.
_BAD_NEWS = ("FAIL", "ABORT")


class Outcome(Enum):
    """The one thing that becomes of an event, and of its message."""

    POSTED = "posted"
    MERGED = "merged"
    SKIPPED = "skipped"
    DEAD_LETTERED = "dead_lettered"
    RELEASED = "released"


@dataclass(frozen=True)
class Decision:
    """The decision on an event: the pipeline's, and that of the post if it comes to one.

    :param outcome: what is to become of it: ``POSTED`` when nothing speaks against a post.
    :param reason: why it is not posted, as a short stable word; empty for a post.
    :param detail: the reason in a sentence that repeats nothing of the event's content.
    :param code: DataZone's error code, where it said one.
    :param request_id: the AWS request id that belongs to it.
    :param event: the event as it left the pipeline; None when it is not to be posted.
    :param trace: the steps that were taken, in their order; none when one of them failed.
    :param error: the error at which the pipeline ended, if one was raised.
    """

    outcome: Outcome
    reason: str = ""
    detail: str = ""
    code: str = ""
    request_id: str = ""
    event: RunEvent | None = None
    trace: tuple[Step, ...] = ()
    error: DzLineageError | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Pipeline:
    """The rules of one site and how they are applied. Safe to share between threads as far as its transforms are.

    :param transforms: in the order in which they are applied.
    :param filters: which events are posted, by the names that producers wrote.
    :param skip_empty: whether events that draw nothing are skipped.
    :param redact_text: redacts secrets in a text that a person reads, or that becomes a dead letter.
    """

    transforms: Sequence[NamedTransform] = ()
    filters: Filters = field(default_factory=Filters)
    skip_empty: bool = True
    redact_text: Callable[[str], str] = str

    def prepare(self, body: bytes) -> Decision:
        """Normalise, filter and transform one event, JSON in UTF-8; decide on it whatever is raised on the way."""
        try:
            event = parse_run_event(body)
            if reason := self._reason_to_skip(event.data):
                return Decision(Outcome.SKIPPED, reason)
            trace = self._transform(event)
            data = trace[-1].after if trace else event.data
            if isinstance(data, Skip):
                return Decision(Outcome.SKIPPED, data.reason, trace=trace)
            if self.skip_empty and _draws_nothing(data):
                return Decision(Outcome.SKIPPED, "draws_nothing", trace=trace)
            if data is event.data:
                return Decision(Outcome.POSTED, event=event, trace=trace)
            united = unite_datasets(data)
            if united is not data:
                trace = (*trace, Step("merge", data, united))
            return Decision(Outcome.POSTED, event=RunEvent.of(united), trace=trace)
        except Exception as error:
            return decision_on(error)

    @staticmethod
    def encode(events: Sequence[RunEvent]) -> Decision:
        """Merge, trim and encode what :meth:`prepare` let through.

        :param events: of one run, at least one.
        :return: with one event whose body DataZone takes. Of several that do not fit into one post without a loss the
            decision is to post none together; each by itself may be posted.
        """
        # Copies of one event are the same request as one of them alone.
        different = list({event.body: event for event in events}.values())
        first = different[0]
        try:
            if len(different) == 1:
                small = trimmed(first)
                trace = () if small.data is first.data else (Step("trim", first.data, small.data),)
                return Decision(Outcome.POSTED, event=small, trace=trace)
            merged = RunEvent.of(merge([event.data for event in different]))
            size = len(merged.body)
            if size > MAX_EVENT_BYTES:
                raise InvalidEventError("too_large", f"{size:,} bytes together, DataZone takes {MAX_EVENT_BYTES:,}")
            return Decision(Outcome.POSTED, event=merged, trace=(Step("merge", first.data, merged.data),))
        except Exception as error:
            return decision_on(error)

    def _reason_to_skip(self, event: Event) -> str | None:
        """Return why an event is not to be posted, before anything is repaired in it."""
        if is_own_job(event):
            return "own_job"
        if reason := self.filters.reason_to_skip(event):
            return reason
        # A foreign transform may add datasets.
        is_final = not any(transform.is_foreign for transform in self.transforms)
        return "draws_nothing" if is_final and self.skip_empty and _draws_nothing(event) else None

    def _transform(self, event: RunEvent) -> tuple[Step, ...]:
        try:
            return tuple(transform_steps(event.data, self.transforms, event.body))
        except TransformFailedError as error:
            # A transform of somebody else may repeat something of the event.
            raise TransformFailedError(error.name, self.redact_text(error.problem)) from error


def decision_on(error: Exception) -> Decision:
    """Return what becomes of an event at which something was raised, be it a mistake of ours."""
    if isinstance(error, LookupFailedError):
        return Decision(Outcome.RELEASED, error.reason, str(error), error=error)
    if isinstance(error, InvalidEventError):
        outcome = Outcome.SKIPPED if isinstance(error, NotARunEventError) else Outcome.DEAD_LETTERED
        return Decision(outcome, error.reason, error.detail, error=error)
    place = traceback.extract_tb(error.__traceback__)[-1]
    # Without the error's text, which may repeat something of the event.
    detail = f"{type(error).__name__} in {place.name}, line {place.lineno} of {Path(place.filename).name}"
    return Decision(Outcome.DEAD_LETTERED, "unexpected_error", detail, error=DzLineageError(f"unexpected {detail}"))


def _draws_nothing(event: Event) -> bool:
    """Return whether the graph is the same without an event: no dataset, no bad news of its run."""
    return not (event.get("inputs") or event.get("outputs")) and event.get("eventType") not in _BAD_NEWS
