"""What the forwarder would do to each event, told step by step. Sends nothing."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import Enum
from typing import Any

from airflow_provider_dzlineage.errors import InvalidEventError, LookupFailedError, NotARunEventError
from airflow_provider_dzlineage.lineage.datasets import dataset_of
from airflow_provider_dzlineage.lineage.event import MAX_EVENT_BYTES, RunEvent, encode, parse_run_event
from airflow_provider_dzlineage.lineage.identifiers import dataset_identifier, job_identifier, run_identifier
from airflow_provider_dzlineage.lineage.merging import merge, run_of
from airflow_provider_dzlineage.lineage.naming_hints import naming_hints
from airflow_provider_dzlineage.lineage.pipeline import Rules
from airflow_provider_dzlineage.lineage.preview_changes import Change, changes_of
from airflow_provider_dzlineage.lineage.raw_event import subject_of
from airflow_provider_dzlineage.lineage.transform import Event, Skip
from airflow_provider_dzlineage.lineage.trimming import FIT_FACET, fitted


class Verdict(Enum):
    """What would become of an event."""

    POST = "post"
    MERGE = "merge"
    SKIP = "skip"
    DEAD_LETTER = "dead letter"
    KEEP = "keep in the queue"


@dataclass(frozen=True)
class Identifiers:
    """The ``sourceIdentifier`` of each node that DataZone would draw."""

    job: str
    run: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True)
class Preview:
    """What would become of one event.

    :param place: where it was found.
    :param subject: of what it tells, in a few words.
    :param reason: a short stable word; empty for a plain post.
    :param detail: the reason in a sentence.
    :param size_before: bytes of its JSON as it came.
    :param size_after: bytes that would be posted; None for no post.
    :param united: datasets that have become one: ``side``, ``count``, ``namespace``, ``name``.
    :param lost: what fitting leaves out: ``what``, ``count``, ``bytes``.
    :param hints: what would make datasets link that cannot.
    :param with_place: the event of the same run whose post would carry it.
    :param before: the event as it came.
    :param whole: the repaired event before it is fitted, which is what is merged; None when it could not be repaired.
    :param after: the event that would be posted.
    """

    place: str
    verdict: Verdict
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
    whole: Event | None = field(default=None, repr=False)
    after: Event | None = field(default=None, repr=False)

    @property
    def needs_a_look(self) -> bool:
        """Whether the event would not reach the catalog although no rule says so."""
        return self.verdict in (Verdict.DEAD_LETTER, Verdict.KEEP)

    def to_dict(self) -> dict[str, Any]:
        """Return it as a JSON value, without the event itself."""
        values = asdict(replace(self, before=None, whole=None, after=None))
        del values["before"], values["whole"], values["after"]
        changes = [change.to_dict() for change in self.changes]
        return {**values, "verdict": self.verdict.value.replace(" ", "_"), "changes": changes}


def preview(place: str, event: Event, rules: Rules, body: bytes | None = None) -> Preview:
    """Say what would become of an event.

    :param place: where it was found, for a person.
    :param event: the parsed JSON object, valid or not.
    :param body: its JSON as it came, UTF-8; its compact JSON by default.
    """
    told = Preview(place, Verdict.POST, before=event)
    try:
        told = replace(told, subject=rules.redact_text(subject_of(event)))
        body = encode(event) if body is None else body
        told = replace(told, size_before=len(body))
        return _told(told, parse_run_event(body), rules)
    except Exception as error:
        return _not_posted(told, error)


def with_merges(previews: Sequence[Preview]) -> Iterator[Preview]:
    """Say which events of one run would be one post, if all were in hand together."""
    runs: dict[tuple[str, str, str], list[Preview]] = {}
    for each in previews:
        if each.whole is not None:
            runs.setdefault(run_of(each.whole), []).append(each)
    first_of = {run: those[0] for run, those in runs.items() if len(those) > 1 and _are_one_post(those)}
    for each in previews:
        first = first_of.get(run_of(each.whole)) if each.whole is not None else None
        if first is None:
            yield each
            continue
        verdict, place = (Verdict.POST, "") if each is first else (Verdict.MERGE, first.place)
        # What would be said of it if it were posted alone is not so.
        yield replace(each, verdict=verdict, with_place=place, reason="", detail="", lost=())


def _are_one_post(previews: Sequence[Preview]) -> bool:
    """Tell whether a merged event is posted; the forwarder posts one by one what fits only with a loss."""
    try:
        return len(encode(merge([each.whole for each in previews if each.whole is not None]))) <= MAX_EVENT_BYTES
    except Exception:
        return False


def _told(told: Preview, event: RunEvent, rules: Rules) -> Preview:
    if skip := rules.refuse(event.data):
        return replace(told, verdict=Verdict.SKIP, reason=skip.reason)
    done = list(rules.steps(event.data, event.body))
    told = replace(told, changes=tuple(changes_of(done, rules.redact_text)))
    # Once more as the forwarder does it, so that both come to the same end.
    repaired = rules.apply(event.data, event.body)
    if isinstance(repaired, Skip):
        return replace(told, verdict=Verdict.SKIP, reason=repaired.reason)
    if repaired is not event.data:
        event = RunEvent(encode(repaired), repaired)
        # What is united is so after the last step.
        told = replace(told, united=tuple(_doubled(done[-1].after)))
    told = replace(told, whole=event.data)
    try:
        body = fitted(event)
    except Exception as error:
        return _not_posted(told, error)
    after = event.data if body is event.body else json.loads(body)
    return replace(
        told,
        size_after=len(body),
        # A note that came with the event tells of another time.
        lost=() if after == event.data else tuple(after["run"]["facets"][FIT_FACET]["lost"]),
        identifiers=_identifiers(after),
        hints=tuple(naming_hints(after)),
        after=after,
    )


def _not_posted(told: Preview, error: Exception) -> Preview:
    """Tell what the forwarder does with an event at which something was raised."""
    if isinstance(error, LookupFailedError):
        return replace(told, verdict=Verdict.KEEP, reason=error.reason, detail=str(error))
    if isinstance(error, InvalidEventError):
        verdict = Verdict.SKIP if isinstance(error, NotARunEventError) else Verdict.DEAD_LETTER
        return replace(told, verdict=verdict, reason=error.reason, detail=error.detail)
    return replace(told, verdict=Verdict.DEAD_LETTER, reason="unexpected_error", detail=type(error).__name__)


def _doubled(event: Event | Skip) -> Iterator[dict[str, Any]]:
    if isinstance(event, Skip):
        return
    for side in ("inputs", "outputs"):
        counts = Counter(dataset_of(dataset) for dataset in event.get(side) or ())
        for dataset, count in counts.items():
            if count > 1:
                yield {"side": side, "count": count, **dataset._asdict()}


def _identifiers(event: Event) -> Identifiers:
    job, run = event["job"], event["run"]
    sides = [
        tuple(dict.fromkeys(dataset_identifier(each, run) for each in event.get(side) or ()))
        for side in ("inputs", "outputs")
    ]
    return Identifiers(job_identifier(job), run_identifier(job, run), *sides)
