"""``dzlineage send``: put events into the buffer, for replay and backfill."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from typing import Any

from rich.markup import escape

from airflow_provider_dzlineage.buffer.codec import send_parameters
from airflow_provider_dzlineage.buffer.queue import Queue
from airflow_provider_dzlineage.cli.clients import queue_of
from airflow_provider_dzlineage.cli.command import (
    EXIT_NEEDS_A_LOOK,
    EXIT_OK,
    Commands,
    add_command,
    add_settings,
    settings_of,
)
from airflow_provider_dzlineage.cli.files import EventLine, check_files, read_with_bar
from airflow_provider_dzlineage.cli.output import reading_bar
from airflow_provider_dzlineage.errors import InvalidEventError
from airflow_provider_dzlineage.lineage.raw_event import message_group

_EXAMPLES = """\
  dzlineage send events.jsonl
  zcat events.jsonl.gz | dzlineage send -
"""


def add_to(commands: Commands) -> None:
    """Add the command to the program."""
    parser = add_command(commands, "send", "Put events into the buffer: replay and backfill.", _EXAMPLES)
    help_text = "JSON lines, or what OpenLineage's file transport wrote; - is the standard input"
    parser.add_argument("files", nargs="+", metavar="FILE", help=help_text)
    add_settings(parser, "queue_url", "region_name")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Send every event of the files; print each that was not sent."""
    queue = queue_of(settings_of(arguments))
    check_files(arguments.files)
    sent = failed = 0
    with reading_bar() as bar:
        for path in arguments.files:
            file = _FileSender(read_with_bar(bar, path), queue)
            for problem in file.send():
                failed += 1
                bar.console.print(f"[red]not sent:[/] {escape(problem)}", soft_wrap=True)
            sent += file.sent
    print(f"{sent} events sent, {failed} not sent")
    return EXIT_NEEDS_A_LOOK if failed else EXIT_OK


class _FileSender:
    """Sends the events of one file, and remembers the place of each for error messages."""

    def __init__(self, lines: Iterable[EventLine], queue: Queue) -> None:
        self._lines = lines
        self._queue = queue
        self._places: list[str] = []
        self._problems: list[str] = []
        self.sent = 0

    def send(self) -> Iterator[str]:
        """Send the events; yield one text for each that was not sent."""
        refused = 0
        for entry in self._queue.send(self._entries()):
            refused += 1
            yield f"{self._places[entry.index]}: SQS refused it: {entry.code}"
        self.sent = len(self._places) - refused
        yield from self._problems

    def _entries(self) -> Iterator[dict[str, Any]]:
        for line in self._lines:
            if line.event is None:
                self._problems.append(f"{line.place}: {line.problem}")
                continue
            try:
                entry = send_parameters(line.text, group=message_group(line.event) if self._queue.is_fifo else None)
            except InvalidEventError as error:
                self._problems.append(f"{line.place}: {error}")
                continue
            self._places.append(line.place)
            yield entry
