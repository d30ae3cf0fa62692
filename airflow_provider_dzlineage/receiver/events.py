"""One event: from a JSON value to a message for the buffer, or to why there is none."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from airflow_provider_dzlineage.buffer.codec import send_parameters
from airflow_provider_dzlineage.errors import InvalidEventError
from airflow_provider_dzlineage.lineage.event import json_bytes
from airflow_provider_dzlineage.lineage.raw_event import message_group
from airflow_provider_dzlineage.lineage.schema import violation_of
from airflow_provider_dzlineage.receiver.authentication import Principal
from airflow_provider_dzlineage.receiver.http_messages import HttpAnswer, refusal


@dataclass(frozen=True)
class RefusedEvent:
    """Why an event is not taken, nor ever will be.

    :param status: HTTP status of the answer to it.
    :param reason: a short stable word.
    :param detail: for a person; repeats nothing of the event's values.
    :param pointer: JSON pointer (RFC 6901) to what is wrong; None when it is no place in the event.
    """

    status: int
    reason: str
    detail: str
    pointer: str | None = None

    def __str__(self) -> str:
        place = "" if self.pointer is None else f" at {self.pointer or '/'}"
        return f"{self.reason}: {self.detail}{place}"

    def answer(self) -> HttpAnswer:
        """Return the answer to a request of this one event."""
        return refusal(self.status, self.reason, self.detail, pointer=self.pointer)


def message_of(event: Any, principal: Principal, *, max_depth: int, is_fifo: bool) -> dict[str, Any] | RefusedEvent:
    """Return the parameters of SendMessage for one event.

    What the forwarder could only dead-letter is refused here, where its sender still hears of it. The message holds the
    value that was checked, written anew: what duplicate keys or odd numbers mean to other readers does not matter.

    :param event: a parsed JSON value.
    :param principal: who sends it.
    :param max_depth: how deep it may be nested.
    :param is_fifo: whether the queue keeps order.
    """
    if not isinstance(event, dict):
        return _not_an_event("the JSON value is not an object", "")
    if _is_deeper(event, max_depth):
        return _not_an_event(f"nested more than {max_depth} levels deep", "")
    kind = _kind_of(event)
    if problem := _problem_of(kind, event) or _forbidden(kind, event, principal):
        return problem
    try:
        text = json_bytes(event).decode("utf-8")
        return send_parameters(text, group=message_group(event) if is_fifo else None)
    except InvalidEventError as error:
        pointer = next(_infinite_numbers(event), None) if error.reason == "not_json" else None
        return RefusedEvent(413 if error.reason == "too_large" else 400, error.reason, error.detail, pointer)


def _kind_of(event: dict[str, Any]) -> str:
    # As the forwarder does it: one that has a type lacks its run by mistake.
    if {"run", "eventType"} & event.keys() or not {"job", "dataset"} & event.keys():
        return "run"
    return "dataset" if "dataset" in event else "job"


def _problem_of(kind: str, event: dict[str, Any]) -> RefusedEvent | None:
    if kind == "run":
        violation = violation_of(event)
        return _not_an_event(violation.rule, violation.pointer) if violation else None
    # The forwarder counts and skips job and dataset events, so that they only have to be one.
    if not isinstance(event.get("eventTime"), str):
        return _not_an_event("required property 'eventTime' is missing or no text", "/eventTime")
    for name in ("namespace", "name"):
        if not isinstance(event[kind], dict) or not isinstance(event[kind].get(name), str):
            return _not_an_event(f"required property {name!r} is missing or no text", f"/{kind}/{name}")
    return None


def _forbidden(kind: str, event: dict[str, Any], principal: Principal) -> RefusedEvent | None:
    if not principal.is_limited:
        return None
    if kind == "dataset":
        return RefusedEvent(403, "forbidden_namespace", "this key may only write events of jobs", "/dataset")
    if principal.may_write(event["job"]["namespace"]):
        return None
    return RefusedEvent(403, "forbidden_namespace", "this key may not write jobs of this namespace", "/job/namespace")


def _is_deeper(value: Any, limit: int) -> bool:
    """Return whether a value is nested deeper than so many levels, without recursion."""
    level = [value]
    for _ in range(limit):
        level = [
            child
            for parent in level
            for child in (parent.values() if isinstance(parent, dict) else parent)
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True


def _infinite_numbers(value: Any, pointer: str = "") -> Iterator[str]:
    """Yield where numbers are that JSON can write and Python cannot hold, such as 1e999."""
    if isinstance(value, float) and not math.isfinite(value):
        yield pointer
    elif isinstance(value, dict):
        for name, child in value.items():
            yield from _infinite_numbers(child, f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from _infinite_numbers(child, f"{pointer}/{index}")


def _not_an_event(detail: str, pointer: str) -> RefusedEvent:
    return RefusedEvent(400, "not_an_event", detail, pointer)
