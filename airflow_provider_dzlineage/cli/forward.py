"""``dzlineage forward``: drain the buffer and publish, without Airflow."""

from __future__ import annotations

import argparse
import json
import math
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from airflow_provider_dzlineage.buffer.dead_letter_queue import find_dead_letter_queue
from airflow_provider_dzlineage.buffer.queue import queue_of
from airflow_provider_dzlineage.catalog.client import catalog_of
from airflow_provider_dzlineage.cli.command import (
    SITE_SETTINGS,
    Commands,
    ExitCode,
    add_command,
    add_settings,
    settings_of,
    stopped_by_signals,
)
from airflow_provider_dzlineage.cli.output import message_console
from airflow_provider_dzlineage.forwarding.forwarder import Forwarder
from airflow_provider_dzlineage.forwarding.report import ProgressLog, Report
from airflow_provider_dzlineage.lineage.rules.from_settings import pipeline_of
from airflow_provider_dzlineage.lineage.rules.redshift_lookup import lookup_client
from airflow_provider_dzlineage.settings.site import RULES

_EXAMPLES = """\
  dzlineage forward --once
  dzlineage forward --once --max-seconds 60 --json
  dzlineage forward --follow
"""


def add_to(commands: Commands) -> None:
    """Add the command to the program."""
    parser = add_command(commands, "forward", "Drain the buffer and publish its events, without Airflow.", _EXAMPLES)
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--once", action="store_true", help="stop when the queue is empty (the default)")
    mode.add_argument("--follow", action="store_true", help="keep forwarding until Ctrl-C or --max-seconds")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    add_settings(parser, *SITE_SETTINGS, "rate", "max_seconds", "max_receives", "merge", *RULES)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Drain the buffer and print the report."""
    settings = settings_of(arguments)
    queue, catalog = queue_of(settings), catalog_of(settings)
    stop = threading.Event()
    dead_letters = find_dead_letter_queue(queue, settings.dead_letter_queue_url)
    forwarder = Forwarder(queue, dead_letters, catalog, settings, pipeline_of(settings, lookup_client), stop=stop)
    try:
        with stopped_by_signals(stop), _drain_bar() as show:
            drain = forwarder.follow if arguments.follow else forwarder.drain
            drain(settings.max_seconds or math.inf, on_progress=show)
    finally:
        report = forwarder.report()
        print(json.dumps(report.to_dict()) if arguments.json else "\n".join(report.lines()), flush=True)
    if stop.is_set():
        return ExitCode.INTERRUPTED
    return ExitCode.NEEDS_A_LOOK if report.needs_a_look else ExitCode.OK


class _RateColumn(ProgressColumn):
    """Messages a second."""

    def render(self, task: Task) -> Text:
        """Return the recent rate; empty while there is none."""
        return Text(f"{task.speed:.1f}/s" if task.speed else "")


@contextmanager
def _drain_bar() -> Iterator[Callable[[Report], None]]:
    """Show rate, backlog and time left of a drain on a terminal, and a log line now and then elsewhere.

    :return: a function to call with the report so far.
    """
    console = message_console()
    if not console.is_terminal:
        yield ProgressLog(lambda line: console.print(line, soft_wrap=True)).update
        return
    notes = TextColumn("{task.fields[note]}")
    columns = (TextColumn("draining"), BarColumn(), MofNCompleteColumn(), _RateColumn(), notes, TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=None, note="")
        backlog: int | None = None

        def show(report: Report) -> None:
            nonlocal backlog
            done = report.received - report.released
            if report.backlog is not None and report.backlog != backlog:
                # SQS is asked for the backlog only now and then; what was done since was in it.
                backlog = report.backlog
                progress.update(task, total=done + backlog)
            counts = {"throttled": report.throttled, "dead-lettered": report.dead_lettered, "released": report.released}
            note = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
            progress.update(task, completed=done, note=note)

        yield show
