"""Read events from files: JSON lines, or one JSON value a file."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class EventLine:
    """What one place of a file holds: an event, or why there is none.

    :param place: file and line, for a person.
    :param event: the parsed JSON object; None when there is none.
    :param problem: why; empty when there is an event.
    """

    place: str
    event: dict[str, Any] | None = None
    problem: str = ""


def read_events(path: str, on_bytes: Callable[[int], None] = lambda _: None) -> Iterator[EventLine]:
    """Yield the events of a file: one a line, or the whole file as one JSON object or one array of objects.

    OpenLineage's file transport writes either form, according to its ``append`` option.

    :param path: the file; ``-`` is the standard input.
    :param on_bytes: called with the number of bytes of each line as it is read.
    :raises OSError: when the file cannot be read.
    """
    name = "standard input" if path == "-" else path
    with nullcontext(sys.stdin.buffer) if path == "-" else Path(path).open("rb") as file:
        first = file.readline()
        # A first line that opens a value and does not end it: the file is one value over many lines.
        if first.lstrip()[:1] in (b"{", b"[") and _parse(name, first).event is None:
            whole = first + file.read()
            on_bytes(len(whole))
            yield from _parse_whole(name, whole)
            return
        for number, line in enumerate(chain([first], file), start=1):
            on_bytes(len(line))
            if line.strip():
                yield _parse(f"{name}:{number}", line)


def _parse_whole(name: str, text: bytes) -> Iterator[EventLine]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        # Lines after all, of which the first one is broken.
        lines = enumerate(text.splitlines(), start=1)
        yield from (_parse(f"{name}:{number}", line) for number, line in lines if line.strip())
        return
    for number, item in enumerate(value if isinstance(value, list) else [value], start=1):
        yield _line(f"{name}[{number}]", item)


def _parse(place: str, text: bytes) -> EventLine:
    try:
        return _line(place, json.loads(text))
    except (ValueError, RecursionError) as error:
        return EventLine(place, problem=f"not JSON: {error}")


def _line(place: str, value: object) -> EventLine:
    if isinstance(value, dict):
        return EventLine(place, value)
    return EventLine(place, problem="not a JSON object")
