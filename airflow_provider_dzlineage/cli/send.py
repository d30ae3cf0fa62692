"""``dzlineage send``: put events into the buffer, for replay and backfill."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from rich.markup import escape

from airflow_provider_dzlineage.buffer.codec import send_parameters
from airflow_provider_dzlineage.buffer.queue import Queue, queue_of
from airflow_provider_dzlineage.cli.command import Commands, ExitCode, add_command, add_settings, settings_of
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
    parser = add_command(
        commands, "send", "Send events from files into the buffer, for replay and backfill.", _EXAMPLES
    )
    help_text = "events as JSON lines, or a file of OpenLineage's file transport; - for standard input"
    parser.add_argument("files", nargs="+", metavar="FILE", help=help_text)
    add_settings(parser, "queue_url", "region_name")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Send every event of the files; print each that was not sent."""
    queue = queue_of(settings_of(arguments))
    check_files(arguments.files)
    sent, problems = 0, 0
    with reading_bar() as bar:

        def report_problem(problem: str) -> None:
            nonlocal problems
            problems += 1
            bar.console.print(f"[red]not sent:[/] {escape(problem)}", soft_wrap=True)

        for path in arguments.files:
            sent += _send(read_with_bar(bar, path), queue, report_problem)
    print(f"{sent} events sent, {problems} not sent")
    return ExitCode.NEEDS_A_LOOK if problems else ExitCode.OK


def _send(lines: Iterable[EventLine], queue: Queue, report_problem: Callable[[str], None]) -> int:
    """Send the events of one file; return how many were sent.

    :param report_problem: called for each event that was not.
    """
    places: list[str] = []

    def entries() -> Iterator[dict[str, Any]]:
        for line in lines:
            if line.event is None:
                report_problem(f"{line.place}: {line.problem}")
                continue
            try:
                entry = send_parameters(line.text, group=message_group(line.event) if queue.is_fifo else None)
            except InvalidEventError as error:
                report_problem(f"{line.place}: {error}")
                continue
            places.append(line.place)
            yield entry

    refused = 0
    for refusal in queue.send(entries()):
        refused += 1
        report_problem(f"{places[refusal.index]}: SQS refused it: {refusal.code}")
    return len(places) - refused
