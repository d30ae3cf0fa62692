"""Event files that a command reads: JSON lines, one JSON object, or an array of objects."""

from __future__ import annotations

import codecs
import json
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any

from rich.progress import Progress

from airflow_provider_dzlineage.cli.output import printable
from airflow_provider_dzlineage.errors import ConfigurationError

# Source of both: RFC 8259, "JSON Grammar".
_WHITESPACE = " \t\n\r"
_BETWEEN_ITEMS = f"{_WHITESPACE},"


@dataclass(frozen=True)
class EventLine:
    """One event of a file, or what is wrong at its place.

    :param place: file and line, for a person.
    :param event: the parsed JSON object; None when there is none.
    :param problem: why; empty when there is an event.
    :param text: the event's JSON as it is written.
    """

    place: str
    event: dict[str, Any] | None = None
    problem: str = ""
    text: str = ""


def check_files(paths: Iterable[str]) -> None:
    """Check that files can be read, before anything is done with one of them.

    :param paths: files, pipes and devices; ``-`` is the standard input.
    :raises ConfigurationError: for the first one that cannot be read.
    """
    for path in paths:
        try:
            is_directory = path != "-" and stat.S_ISDIR(Path(path).stat().st_mode)
        except FileNotFoundError:
            raise ConfigurationError(f"no such file: {path}") from None
        except OSError as error:
            raise ConfigurationError(f"cannot read {path}: {error.strerror}") from error
        if is_directory:
            raise ConfigurationError(f"a directory, not a file: {path}")


def read_with_bar(bar: Progress, path: str) -> Iterator[EventLine]:
    """Yield the events of a file while the bar shows how far it is read; print a note when there is none.

    :raises ConfigurationError: when the file cannot be read.
    """
    # The size of a pipe or device shows only at its end.
    size = Path(path).stat().st_size if path != "-" and Path(path).is_file() else None
    task = bar.add_task(printable(path), total=size)
    is_empty = True
    for line in read_events(path, partial(bar.advance, task)):
        is_empty = False
        yield line
    if is_empty:
        bar.console.print(f"{printable(_name(path))} holds no event", markup=False, soft_wrap=True)


def read_events(path: str, on_bytes: Callable[[int], None] = lambda _: None) -> Iterator[EventLine]:
    """Yield the events of a file: one a line, or the whole file as one JSON object or one array of objects.

    OpenLineage's file transport writes either form, according to its ``append`` option.

    :param path: the file; ``-`` is the standard input.
    :param on_bytes: called with the number of bytes of each line as it is read.
    :raises ConfigurationError: when the file cannot be read.
    """
    name = _name(path)
    if path == "-" and sys.stdin is None:
        raise ConfigurationError(f"cannot read {name}: it is closed")
    try:
        with nullcontext(sys.stdin.buffer) if path == "-" else Path(path).open("rb") as file:
            yield from _events_in(file, name, on_bytes)
    except OSError as error:
        raise ConfigurationError(f"cannot read {name}: {error.strerror}") from error


def _name(path: str) -> str:
    return "standard input" if path == "-" else path


def _events_in(file: IO[bytes], name: str, on_bytes: Callable[[int], None]) -> Iterator[EventLine]:
    is_first = True
    for number, line in enumerate(file, start=1):
        on_bytes(len(line))
        text = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
        if not text.strip():
            continue
        event_line = _parse(f"{name}:{number}", text)
        # The first line begins a value and does not end it: the file is one value over many lines.
        if is_first and event_line.event is None and text.lstrip()[:1] in (b"{", b"["):
            rest = file.read()
            on_bytes(len(rest))
            yield from _parse_whole(name, text + rest, number)
            return
        is_first = False
        yield event_line


def _parse_whole(name: str, written: bytes, first_line: int) -> Iterator[EventLine]:
    try:
        text = _decoded(written)
        value = json.loads(text)
    except (ValueError, RecursionError):
        # JSON lines after all, of which the first one is broken.
        lines = enumerate(written.splitlines(), start=first_line)
        yield from (_parse(f"{name}:{number}", line) for number, line in lines if line.strip())
        return
    items = _items(text) if isinstance(value, list) else [(value, text)]
    for number, (item, item_text) in enumerate(items, start=1):
        yield _line(f"{name}[{number}]", item, item_text)


def _items(array: str) -> Iterator[tuple[Any, str]]:
    """Yield each item of a valid JSON array, parsed and as it is written."""
    decoder, start = json.JSONDecoder(), 1
    while array[start] != "]":
        if array[start] in _BETWEEN_ITEMS:
            start += 1
            continue
        item, end = decoder.raw_decode(array, start)
        yield item, array[start:end]
        start = end


def _parse(place: str, written: bytes) -> EventLine:
    try:
        text = _decoded(written)
        return _line(place, json.loads(text), text)
    except (ValueError, RecursionError) as error:
        return EventLine(place, problem=f"not JSON: {error}")


def _decoded(written: bytes) -> str:
    """Return a JSON text as ``json`` would read it from bytes."""
    return written.decode(json.detect_encoding(written), "surrogatepass").strip(_WHITESPACE)


def _line(place: str, value: object, text: str) -> EventLine:
    if isinstance(value, dict):
        return EventLine(place, value, text=text)
    return EventLine(place, problem="not a JSON object")
