"""What the forwarder would do to each event, told step by step. Sends nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import Enum
from typing import Any

from airflow_provider_dzlineage.errors import InvalidEventError, LookupFailedError, NotARunEventError
from airflow_provider_dzlineage.lineage.datasets import Dataset, datasets_in
from airflow_provider_dzlineage.lineage.event import RunEvent, parse_run_event
from airflow_provider_dzlineage.lineage.fit import FIT_FACET, fitted
from airflow_provider_dzlineage.lineage.json_text import encode
from airflow_provider_dzlineage.lineage.merge import run_of
from airflow_provider_dzlineage.lineage.naming_hints import naming_hints
from airflow_provider_dzlineage.lineage.rules import Rules
from airflow_provider_dzlineage.lineage.source_identifier import dataset_identifier, job_identifier, run_identifier
from airflow_provider_dzlineage.lineage.subject import subject_of
from airflow_provider_dzlineage.lineage.transform import Event, Skip, Step


class Verdict(Enum):
    """What would become of an event."""

    POST = "post"
    MERGE = "merge"
    SKIP = "skip"
    DEAD_LETTER = "dead letter"
    KEEP = "keep in the queue"


@dataclass(frozen=True)
class Change:
    """What one transform does.

    :param transform: its name.
    :param why: why it does such things.
    :param renames: pairs of identities, before and after.
    :param changes_more: whether it changes anything but these.
    """

    transform: str
    why: str
    renames: tuple[tuple[Dataset, Dataset], ...]
    changes_more: bool


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
    :param size_before: bytes of its compact JSON as it came.
    :param size_after: bytes that would be posted; None for no post.
    :param lost: what fitting leaves out: ``what``, ``count``, ``bytes``.
    :param hints: what would make datasets link that cannot.
    :param with_place: the event of the same run whose post would carry it.
    :param before: the event as it came.
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
    lost: tuple[dict[str, Any], ...] = ()
    hints: tuple[str, ...] = ()
    with_place: str = ""
    before: Event | None = field(default=None, repr=False)
    after: Event | None = field(default=None, repr=False)

    @property
    def needs_a_look(self) -> bool:
        """Whether the event would not reach the catalog although no rule says so."""
        return self.verdict in (Verdict.DEAD_LETTER, Verdict.KEEP)

    def to_dict(self) -> dict[str, Any]:
        """Return it as a JSON value, without the event itself."""
        values = asdict(replace(self, before=None, after=None))
        del values["before"], values["after"]
        renames = [
            {
                "transform": change.transform,
                "why": change.why,
                "renames": [{"from": old._asdict(), "to": new._asdict()} for old, new in change.renames],
                "changes_more": change.changes_more,
            }
            for change in self.changes
        ]
        return {**values, "verdict": self.verdict.value.replace(" ", "_"), "changes": renames}


def preview(place: str, event: Event, rules: Rules) -> Preview:
    """Say what would become of an event.

    :param place: where it was found, for a person.
    :param event: the parsed JSON object, valid or not.
    """
    told = Preview(place, Verdict.POST, rules.redact_text(subject_of(event)), before=event)
    try:
        body = encode(event)
        told = replace(told, size_before=len(body))
        return _told(told, parse_run_event(body), rules)
    except NotARunEventError as error:
        return replace(told, verdict=Verdict.SKIP, reason=error.reason, detail=error.detail)
    except LookupFailedError as error:
        return replace(told, verdict=Verdict.KEEP, reason=error.reason, detail=str(error))
    except InvalidEventError as error:
        return replace(told, verdict=Verdict.DEAD_LETTER, reason=error.reason, detail=error.detail)
    except RecursionError:
        return replace(told, verdict=Verdict.DEAD_LETTER, reason="not_json", detail="nested too deeply")


def with_merges(previews: Sequence[Preview]) -> Iterator[Preview]:
    """Say which events of one run would be one post, if all were in hand together."""
    first_places: dict[tuple[str, str, str], str] = {}
    for each in previews:
        if each.verdict is not Verdict.POST or each.after is None:
            yield each
            continue
        run = run_of(each.after)
        if run in first_places:
            yield replace(each, verdict=Verdict.MERGE, with_place=first_places[run])
        else:
            first_places[run] = each.place
            yield each


def _told(told: Preview, event: RunEvent, rules: Rules) -> Preview:
    if skip := rules.refuse(event.data):
        return replace(told, verdict=Verdict.SKIP, reason=skip.reason)
    done = list(rules.steps(event.data))
    told = replace(told, changes=tuple(_changes(done, rules.redact_text)))
    # Once more as the forwarder does it, so that both come to the same end.
    repaired = rules.apply(event.data)
    if isinstance(repaired, Skip):
        return replace(told, verdict=Verdict.SKIP, reason=repaired.reason)
    body = fitted(event if repaired is event.data else RunEvent(encode(repaired), repaired))
    after = json.loads(body)
    return replace(
        told,
        size_after=len(body),
        lost=tuple(_lost(after)),
        identifiers=_identifiers(after),
        hints=tuple(naming_hints(after)),
        after=after,
    )


def _changes(done: Iterable[Step], redact_text: Callable[[str], str]) -> Iterator[Change]:
    for step in done:
        if isinstance(step.after, Skip) or step.after is step.before or step.after == step.before:
            continue
        # What is blotted out is not to be read here either.
        before = (Dataset(*map(redact_text, dataset)) for dataset in datasets_in(step.before))
        pairs = zip(before, datasets_in(step.after), strict=False)
        renames = tuple(dict.fromkeys((old, new) for old, new in pairs if old != new))
        yield Change(step.name, step.why, renames, not renames)


def _lost(after: Event) -> Iterator[dict[str, Any]]:
    facets = after["run"].get("facets") or {}
    yield from (facets.get(FIT_FACET) or {}).get("lost", ())


def _identifiers(event: Event) -> Identifiers:
    job, run = event["job"], event["run"]
    sides = [
        tuple(dict.fromkeys(dataset_identifier(each, run) for each in event.get(side) or ()))
        for side in ("inputs", "outputs")
    ]
    return Identifiers(job_identifier(job), run_identifier(job, run), *sides)
