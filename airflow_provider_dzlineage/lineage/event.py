"""A run event: parsed and validated as far as Amazon DataZone needs it, and written as JSON again."""

from __future__ import annotations

import json
import marshal
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple, NoReturn, TypeAlias

from dateutil.parser import isoparse

from airflow_provider_dzlineage.errors import InvalidEventError, NotARunEventError
from airflow_provider_dzlineage.lineage.datasets import DATASET_FACETS, inputs_and_outputs
from airflow_provider_dzlineage.lineage.schema import violation_of

# Source: the `LineageEvent` shape (blob, max 300000) of the DataZone service model in botocore. Bytes of UTF-8.
MAX_EVENT_BYTES = 300_000


# Job namespace, job name, run id: what events must share to be merged.
RunKey: TypeAlias = tuple[str, str, str]


def json_copy(value: Any) -> Any:
    """Return a copy of a JSON value that shares nothing with it, however deep it is nested."""
    return json.loads(json.dumps(value))


def json_bytes(value: Any) -> bytes:
    """Return a JSON value as compact UTF-8, without escapes where JSON needs none.

    Half a character, which only an escape can hold, stays an escape.

    :raises InvalidEventError: with reason ``not_json`` when it holds a number that a JSON text can hold and Python
        cannot, such as 1e999.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except ValueError:
        raise InvalidEventError("not_json", "it holds a number that is too big") from None
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode("ascii")


class FacetVersion(NamedTuple):
    """One facet of a job or dataset, as one event gives it.

    :param facet: kind, namespace and name of its owner, and the name of the facet.
    :param time: the event's, seconds since the epoch.
    :param fingerprint: equal for equal contents.
    """

    facet: tuple[str, str, str, str]
    time: float
    fingerprint: int


@dataclass(frozen=True)
class RunEvent:
    """One OpenLineage run event.

    :param body: the JSON text as it is to be posted, UTF-8.
    :param data: the same, parsed.
    """

    body: bytes
    data: dict[str, Any]

    @classmethod
    def of(cls, data: dict[str, Any]) -> RunEvent:
        """Return an event with its compact JSON.

        :raises InvalidEventError: see :func:`json_bytes`.
        """
        return cls(json_bytes(data), data)

    @cached_property
    def facet_versions(self) -> tuple[FacetVersion, ...]:
        """The facets of its job and its datasets; worked out once, since it looks at every facet."""
        return tuple(_facet_versions(self.data))


def parse_run_event(body: bytes) -> RunEvent:
    """Parse and validate one run event, JSON in UTF-8.

    :raises NotARunEventError: for an OpenLineage job or dataset event, which ``PostLineageEvent`` does not take.
    :raises InvalidEventError: with reason ``not_json`` or ``not_an_event``.
    """
    data = _parse_json(body)
    if not isinstance(data, dict):
        raise InvalidEventError("not_an_event", "the JSON value is not an object")
    # One that has a type lacks its run by mistake.
    kinds = [kind for kind in ("dataset", "job") if isinstance(data.get(kind), dict)]
    if kinds and not {"run", "eventType"} & data.keys():
        raise NotARunEventError(kinds[0])
    try:
        violation = violation_of(data)
    except RecursionError:
        raise InvalidEventError("not_an_event", "nested too deeply to be checked") from None
    if violation:
        raise InvalidEventError("not_an_event", str(violation))
    return RunEvent(body, data)


def _parse_json(body: bytes) -> Any:
    try:
        return _DECODER.decode(body.decode("utf-8"))
    except json.JSONDecodeError as error:
        raise InvalidEventError("not_json", f"{error.msg} at character {error.pos}") from None
    except UnicodeDecodeError as error:
        raise InvalidEventError("not_json", f"not UTF-8 at byte {error.start}") from None
    except RecursionError:
        raise InvalidEventError("not_json", "nested too deeply") from None
    except ValueError as error:
        raise InvalidEventError("not_json", str(error)) from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


# One for all: making it takes longer than decoding a small event.
_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def run_of(event: Mapping[str, Any]) -> RunKey:
    """Return what a valid event shares with the events that it may be merged with."""
    return event["job"]["namespace"], event["job"]["name"], event["run"]["runId"]


def event_timestamp(event: Mapping[str, Any]) -> float:
    """Return the time of a valid event, seconds since the epoch."""
    text = event["eventTime"].upper().replace(" ", "T")
    try:
        # Much quicker; older Pythons do not know all forms.
        return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
    except ValueError:
        moment: datetime = isoparse(text)
        return moment.timestamp()


def _facet_versions(event: Mapping[str, Any]) -> Iterator[FacetVersion]:
    time = event_timestamp(event)
    owners = [("job", event["job"]), *(("dataset", dataset) for dataset in inputs_and_outputs(event))]
    for kind, owner in owners:
        for facets in DATASET_FACETS:
            for name, facet in (owner.get(facets) or {}).items():
                yield FacetVersion((kind, owner["namespace"], owner["name"], name), time, _fingerprint(facet))


def _fingerprint(facet: Any) -> int:
    try:
        return hash(marshal.dumps(facet))
    except ValueError:
        # Nested deeper than 2,000 levels.
        return 0
