"""Make an event small enough for DataZone: the ladder, and the note of what was lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from airflow_provider_dzlineage import __version__
from airflow_provider_dzlineage.errors import InvalidEventError
from airflow_provider_dzlineage.lineage.event import MAX_EVENT_BYTES, RunEvent, json_bytes, json_copy
from airflow_provider_dzlineage.lineage.trimming_steps import LADDER, Cut

TRIM_FACET = "dzlineage_fit"
_PRODUCER = f"urn:airflow-provider-dzlineage:{__version__}"
# The $id of schemas/DzLineageFitRunFacet.json.
_SCHEMA = "urn:airflow-provider-dzlineage:facets:1-0-0:DzLineageFitRunFacet"
# Kinds of losses that are named one by one; of the rest only the sum is told.
_NAMED_LOSSES = 20
_NAME_CHARACTERS = 100
# What the facet itself takes, at most.
_FACET_BYTES = 4_000
_BIGGEST_PARTS = 3


def trimmed(event: RunEvent, limit: int = MAX_EVENT_BYTES) -> RunEvent:
    """Return the same event if its body has at most ``limit`` bytes, else one that is trimmed to it; see :func:`trim`.

    :raises InvalidEventError: with reason ``too_large``, the size and the biggest parts.
    """
    return event if len(event.body) <= limit else RunEvent.of(trim(event.data, limit))


def trim(event: dict[str, Any], limit: int = MAX_EVENT_BYTES) -> dict[str, Any]:
    """Shrink an event until its compact JSON has at most ``limit`` bytes.

    Goes down :data:`~.rungs.LADDER` and stops as soon as it fits. What is lost is told by a run facet of our own.

    :param event: a parsed run event; it stays as it is.
    :param limit: bytes of UTF-8.
    :return: the event itself when it fits, else a smaller copy.
    :raises InvalidEventError: with reason ``too_large``, the size and the biggest parts.
    """
    size = len(json_bytes(event))
    if size <= limit:
        return event
    smaller = json_copy(event)
    lost: dict[str, Counter[str]] = {}
    for rung in LADDER:
        excess = len(json_bytes(smaller)) + _FACET_BYTES - limit
        for cut in sorted(rung(smaller), key=lambda cut: cut.size, reverse=True):
            if excess <= 0:
                break
            excess -= _do(cut, lost)
        with_note = _with_note(smaller, size, lost)
        if len(json_bytes(with_note)) <= limit:
            return with_note
    raise InvalidEventError(
        "too_large", f"{size:,} bytes, DataZone takes {limit:,}; the biggest parts: {_biggest_parts(event)}"
    )


def _do(cut: Cut, lost: dict[str, Counter[str]]) -> int:
    saved = cut.do()
    lost.setdefault(cut.what, Counter()).update(count=1, bytes=saved)
    return saved


def _with_note(event: dict[str, Any], size: int, lost: Mapping[str, Counter[str]]) -> dict[str, Any]:
    largest = sorted(lost.items(), key=lambda item: item[1]["bytes"], reverse=True)
    named = [{"what": what[:_NAME_CHARACTERS], **counts} for what, counts in largest[:_NAMED_LOSSES]]
    others: Counter[str] = sum((counts for _, counts in largest[_NAMED_LOSSES:]), Counter())
    note = {
        "_producer": _PRODUCER,
        "_schemaURL": _SCHEMA,
        "originalBytes": size,
        "lost": [*named, {"what": "others", **others}] if others else named,
    }
    run = event["run"]
    return {**event, "run": {**run, "facets": {**(run.get("facets") or {}), TRIM_FACET: note}}}


def _biggest_parts(event: Mapping[str, Any]) -> str:
    parts = {f"/{name}": part for name, part in event.items() if name not in ("run", "job")}
    for owner in ("run", "job"):
        parts |= {f"/{owner}/{name}": part for name, part in event[owner].items() if name != "facets"}
        facets = event[owner].get("facets") or {}
        parts |= {f"/{owner}/facets/{name}": facet for name, facet in facets.items()}
    sizes = sorted(((len(json_bytes(part)), path) for path, part in parts.items()), reverse=True)
    return ", ".join(f"{path[:_NAME_CHARACTERS]} {size:,}" for size, path in sizes[:_BIGGEST_PARTS])
