"""What an event says of things that events of other runs speak of too: of its job and of its datasets."""

from __future__ import annotations

import marshal
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from airflow_provider_dzlineage.lineage.merging import moment_of

_FACETS = ("facets", "inputFacets", "outputFacets")

# Kind, namespace and name of a thing, and the name of a facet.
Subject: TypeAlias = tuple[str, str, str, str]


class Statement(NamedTuple):
    """One facet of one thing.

    :param moment: the event's time, seconds since the epoch.
    :param content: tells equal facets from others.
    """

    subject: Subject
    moment: float
    content: int


def statements_of(event: Mapping[str, Any]) -> Iterator[Statement]:
    """Yield what a valid run event says."""
    moment = moment_of(event)
    things = [("job", event["job"])]
    things += [("dataset", dataset) for side in ("inputs", "outputs") for dataset in event.get(side) or ()]
    for kind, thing in things:
        for facets in _FACETS:
            for name, facet in (thing.get(facets) or {}).items():
                yield Statement((kind, thing["namespace"], thing["name"], name), moment, _content(facet))


def _content(facet: Any) -> int:
    try:
        return hash(marshal.dumps(facet))
    except ValueError:
        # Nested deeper than 2,000 levels.
        return 0
