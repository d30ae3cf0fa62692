"""A run event, parsed and validated as far as Amazon DataZone needs it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, NoReturn

from airflow_provider_dzlineage.errors import InvalidEventError
from airflow_provider_dzlineage.lineage.schema import first_violation


@dataclass(frozen=True)
class RunEvent:
    """One OpenLineage run event.

    :param body: the JSON text as it is to be posted, UTF-8.
    :param data: the same, parsed.
    """

    body: bytes
    data: dict[str, Any]

    @property
    def run_id(self) -> str:
        """The run's UUID."""
        return str(self.data["run"]["runId"])

    @property
    def job(self) -> str:
        """The job as ``<namespace>.<name>``, which is also its DataZone source identifier."""
        return f"{self.data['job']['namespace']}.{self.data['job']['name']}"


def parse_run_event(body: bytes) -> RunEvent:
    """Parse and validate one run event.

    :param body: JSON text, UTF-8.
    :return: the event.
    :raises InvalidEventError: with reason ``not_json``, ``not_a_run_event`` (an OpenLineage job or dataset
        event, which ``PostLineageEvent`` does not take) or ``not_an_event``.
    """
    data = _parse_json(body)
    if not isinstance(data, dict):
        raise InvalidEventError("not_an_event", "the JSON value is not an object")
    if "run" not in data and ("job" in data or "dataset" in data):
        kind = "dataset" if "dataset" in data else "job"
        raise InvalidEventError("not_a_run_event", f"DataZone takes run events only, this is a {kind} event")
    try:
        violation = first_violation(data)
    except RecursionError:
        violation = "nested too deeply to be checked"
    if violation:
        raise InvalidEventError("not_an_event", violation)
    return RunEvent(body, data)


def _parse_json(body: bytes) -> Any:
    try:
        return json.loads(body.decode("utf-8"), parse_constant=_refuse_constant)
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
