"""Values by the shapes of a service model: read them, check them, write them.

Source of the rules: the Smithy constraint traits as botocore's models carry them (``min``, ``max``, ``pattern``,
``enum``, ``required``).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sized
from datetime import datetime, timezone
from email.utils import format_datetime
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape
from botocore.utils import parse_timestamp


def parse_datetime(value: Any) -> datetime:
    """Read a moment in any form that AWS clients send.

    :param value: ISO 8601 or HTTP-date text, or seconds since the epoch.
    :return: the moment in UTC; text without a time zone is taken as UTC.
    :raises ValueError: when it is none, or one that :func:`utc_datetime` could not give back.
    """
    try:
        moment = parse_timestamp(value)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=timezone.utc)
        return utc_datetime(moment.timestamp())
    except (ValueError, OverflowError, RuntimeError, TypeError, OSError):
        # What is beyond the calendar raises one or another of these, according to the platform.
        raise ValueError(f"not a moment: {value!r}") from None


def utc_datetime(seconds: float) -> datetime:
    """Return a moment from seconds since the epoch."""
    return datetime.fromtimestamp(seconds, tz=timezone.utc)


_TYPES: dict[str, Any] = {
    "structure": (dict,),
    "list": (list,),
    "map": (dict,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "blob": (bytes,),
    "timestamp": (datetime,),
}


def read_text(text: str, shape: Shape) -> Any:
    """Read a member that came in the URI or a header, where everything is text.

    :return: its value; the text itself when it is no such value, for :func:`problems` to report.
    """
    if shape.type_name == "boolean":
        return {"true": True, "false": False}.get(text, text)
    try:
        return int(text) if shape.type_name in ("integer", "long") else read(text, shape)
    except ValueError:
        return text


def read(value: Any, shape: Shape) -> Any:
    """Read a member that came as JSON, with all that it holds; ``None`` is left out, as AWS does.

    :return: its value; what is no such value stays as it is, for :func:`problems` to report.
    """
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        names = {member.serialization.get("name", name): name for name, member in shape.members.items()}
        return {
            names[key]: read(item, shape.members[names[key]])
            for key, item in value.items()
            if item is not None and key in names
        }
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [read(item, shape.member) for item in value]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {key: read(item, shape.value) for key, item in value.items()}
    try:
        if shape.type_name == "timestamp":
            return parse_datetime(value)
        if shape.type_name == "blob" and isinstance(value, str):
            return base64.b64decode(value, validate=True)
    except ValueError:
        pass
    return value


def problems(value: Any, shape: Shape, path: str = "") -> Iterator[str]:
    """List every rule of the model that a value breaks.

    :param path: of the value, for the messages; empty for a whole request.
    """
    expected = _TYPES[shape.type_name]
    if not isinstance(value, expected) or (isinstance(value, bool) and bool not in expected):
        is_scalar = shape.type_name not in ("structure", "list", "map")
        yield f"{path} must be {'of type' if is_scalar else 'a'} {shape.type_name}"
        return
    yield from _size_problems(value, shape, path)
    if isinstance(shape, StructureShape):
        dot = f"{path}." if path else ""
        yield from (f"{dot}{name} is required" for name in shape.required_members if name not in value)
        for name, member in shape.members.items():
            if name in value:
                yield from problems(value[name], member, f"{dot}{name}")
    elif isinstance(shape, ListShape):
        for item in value:
            yield from problems(item, shape.member, f"{path}[]")
    elif isinstance(shape, MapShape):
        for key, item in value.items():
            yield from problems(key, shape.key, f"{path}'s key")
            yield from problems(item, shape.value, f"{path}{{}}")
    elif isinstance(value, str):
        pattern, choices = shape.metadata.get("pattern"), shape.metadata.get("enum")
        if pattern and not re.fullmatch(pattern, value):
            yield f"{path} must match {pattern}"
        if choices and value not in choices:
            yield f"{path} must be one of {', '.join(choices)}"


def _size_problems(value: Any, shape: Shape, path: str) -> Iterator[str]:
    """Compare a number, or the length of anything else, with the limits of the model."""
    size, measured = (len(value), f"the length of {path}") if isinstance(value, Sized) else (value, path)
    if "min" in shape.metadata and size < shape.metadata["min"]:
        yield f"{measured} must be at least {shape.metadata['min']}"
    if "max" in shape.metadata and size > shape.metadata["max"]:
        yield f"{measured} must be at most {shape.metadata['max']}"


def write(value: Any, shape: Shape) -> Any:
    """Return a value as JSON has it, without what its shape does not name."""
    if isinstance(shape, StructureShape):
        return {
            shape.members[name].serialization.get("name", name): write(item, shape.members[name])
            for name, item in value.items()
            if item is not None and name in shape.members
        }
    if isinstance(shape, ListShape):
        return [write(item, shape.member) for item in value]
    return value.timestamp() if isinstance(value, datetime) else value


def write_header(value: Any) -> str:
    """Return a value as a header has it.

    Source: httpHeader trait of Smithy: a timestamp in a header is an HTTP-date unless the model says otherwise.
    """
    return format_datetime(value, usegmt=True) if isinstance(value, datetime) else str(value)
