"""The pipeline's decision on each event and its trace, for a person. Sends nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from airflow_provider_dzlineage.lineage.changes import Change, changes_of
from airflow_provider_dzlineage.lineage.datasets import SIDES, dataset_of
from airflow_provider_dzlineage.lineage.event import RunEvent, RunKey, json_bytes, run_of
from airflow_provider_dzlineage.lineage.identifiers import (
    dataset_identifier,
    job_identifier,
    naming_hints,
    run_identifier,
)
from airflow_provider_dzlineage.lineage.pipeline import Outcome, Pipeline, decision_on
from airflow_provider_dzlineage.lineage.raw_event import subject_of
from airflow_provider_dzlineage.lineage.transform import Event, Skip, Step
from airflow_provider_dzlineage.lineage.trimming import TRIM_FACET

_VERDICTS = {
    Outcome.POSTED: "post",
    Outcome.MERGED: "merge",
    Outcome.SKIPPED: "skip",
    Outcome.DEAD_LETTERED: "dead letter",
    Outcome.RELEASED: "keep in the queue",
}


@dataclass(frozen=True)
class Identifiers:
    """The ``sourceIdentifier`` of each node that DataZone would draw."""

    job: str
    run: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True)
class Preview:
    """The decision on one event, in terms that a person can check.

    :param place: where it was found.
    :param subject: the event in a few words.
    :param reason: a short stable word; empty for a plain post.
    :param detail: the reason in a sentence.
    :param size_before: bytes of its JSON as it came.
    :param size_after: bytes that would be posted; None for no post.
    :param united: datasets that have become one: ``side``, ``count``, ``namespace``, ``name``.
    :param lost: what trimming leaves out: ``what``, ``count``, ``bytes``.
    :param hints: what would make datasets link that cannot.
    :param with_place: the event of the same run whose post would carry it.
    :param before: the event as it came.
    :param prepared: the repaired event before it is trimmed, which is what is merged; None for an event that is not to
        be posted.
    :param after: the event that would be posted.
    """

    place: str
    outcome: Outcome
    subject: str = ""
    reason: str = ""
    detail: str = ""
    changes: tuple[Change, ...] = ()
    identifiers: Identifiers | None = None
    size_before: int = 0
    size_after: int | None = None
    united: tuple[dict[str, Any], ...] = ()
    lost: tuple[dict[str, Any], ...] = ()
    hints: tuple[str, ...] = ()
    with_place: str = ""
    before: Event | None = field(default=None, repr=False)
    prepared: RunEvent | None = field(default=None, repr=False)
    after: Event | None = field(default=None, repr=False)

    @property
    def verdict(self) -> str:
        """The outcome in a word or two, such as ``dead letter``."""
        return _VERDICTS[self.outcome]

    @property
    def needs_a_look(self) -> bool:
        """True when the event would not reach the catalog although no rule says so."""
        return self.outcome in (Outcome.DEAD_LETTERED, Outcome.RELEASED)

    def to_dict(self) -> dict[str, Any]:
        """Return it as a JSON value, without the event itself."""
        values = asdict(replace(self, before=None, prepared=None, after=None))
        for name in ("place", "outcome", "before", "prepared", "after"):
            del values[name]
        changes = [change.to_dict() for change in self.changes]
        return {"place": self.place, "verdict": self.verdict.replace(" ", "_"), **values, "changes": changes}


def preview(place: str, event: Event, pipeline: Pipeline, body: bytes | None = None) -> Preview:
    """Return what would become of an event.

    :param place: where it was found, for a person.
    :param event: the parsed JSON object, valid or not.
    :param body: its JSON as it came, UTF-8; its compact JSON by default.
    """
    result = Preview(place, Outcome.POSTED, before=event)
    try:
        result = replace(result, subject=pipeline.redact_text(subject_of(event)))
        body = json_bytes(event) if body is None else body
        result = replace(result, size_before=len(body))
        decision = pipeline.prepare(body)
        changes = tuple(changes_of(decision.trace, pipeline.redact_text))
        result = replace(result, changes=changes, united=tuple(_united(decision.trace)), prepared=decision.event)
        if decision.event:
            decision = pipeline.encode([decision.event])
        if decision.event:
            after = decision.event.data
            result = replace(
                result,
                size_after=len(decision.event.body),
                lost=_lost(decision.trace),
                identifiers=_identifiers(after),
                hints=tuple(naming_hints(after)),
                after=after,
            )
    except Exception as error:
        decision = decision_on(error)
    return replace(result, outcome=decision.outcome, reason=decision.reason, detail=decision.detail)


def with_merges(previews: Sequence[Preview]) -> Iterator[Preview]:
    """Yield the previews of events that are in flight together: those of one run are one post if they fit into one."""
    runs: dict[RunKey, list[tuple[Preview, RunEvent]]] = {}
    for each in previews:
        if each.prepared:
            runs.setdefault(run_of(each.prepared.data), []).append((each, each.prepared))
    merged: dict[int, Preview] = {}
    for same_run in runs.values():
        first = same_run[0][0]
        decision = Pipeline.encode([event for _, event in same_run]) if len(same_run) > 1 else None
        if decision and decision.event:
            # The reason and the loss were those of an event that is posted alone.
            for each, _ in same_run:
                merged[id(each)] = replace(
                    each, outcome=Outcome.MERGED, with_place=first.place, reason="", detail="", lost=()
                )
            lost = _lost(decision.trace)
            merged[id(first)] = replace(merged[id(first)], outcome=Outcome.POSTED, with_place="", lost=lost)
    for each in previews:
        yield merged.get(id(each), each)


def _identifiers(event: Event) -> Identifiers:
    job, run = event["job"], event["run"]
    sides = [tuple(dict.fromkeys(dataset_identifier(each, run) for each in event.get(side) or ())) for side in SIDES]
    return Identifiers(job_identifier(job), run_identifier(job, run), *sides)


def _lost(trace: Iterable[Step]) -> tuple[dict[str, Any], ...]:
    for step in trace:
        if step.stage == "trim" and not isinstance(step.after, Skip):
            return tuple(step.after["run"]["facets"][TRIM_FACET]["lost"])
    return ()


def _united(trace: Iterable[Step]) -> Iterator[dict[str, Any]]:
    for step in trace:
        for side in SIDES if step.stage == "merge" else ():
            counts = Counter(dataset_of(dataset) for dataset in step.before.get(side) or ())
            for dataset, count in counts.items():
                if count > 1:
                    yield {"side": side, "count": count, **dataset._asdict()}
