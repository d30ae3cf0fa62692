"""``dzlineage dead-letters``: see what could not be published, send it again, or drop it."""

from __future__ import annotations

import argparse
import json
import sys
import threading
from collections.abc import Callable
from dataclasses import replace

from rich.prompt import Confirm

from airflow_provider_dzlineage.buffer.dead_letter_filter import DlqFilter, age_seconds
from airflow_provider_dzlineage.buffer.dead_letter_queue import DeadLetterQueue, DlqMessage, dead_letter_queue_of
from airflow_provider_dzlineage.buffer.dead_letter_scan import DlqScan
from airflow_provider_dzlineage.buffer.queue import queue_of
from airflow_provider_dzlineage.buffer.redrive import NOT_REDRIVABLE_REASONS, DlqAction, Drop, Redrive
from airflow_provider_dzlineage.cli.command import (
    Commands,
    ExitCode,
    add_command,
    add_settings,
    positive_int,
    settings_of,
    stopped_by_signals,
)
from airflow_provider_dzlineage.cli.dead_letters_output import json_line, print_dead_letter, print_list, row_of
from airflow_provider_dzlineage.cli.output import dead_letter_bar, message_console, print_note
from airflow_provider_dzlineage.errors import ConfigurationError
from airflow_provider_dzlineage.settings.site import Settings

_EXAMPLES = """\
  dzlineage dead-letters list --newer-than 1d
  dzlineage dead-letters show 0c9f4a52-6b0e-4a5e-8f0e-0a3f3f1d2c4b
  dzlineage dead-letters redrive --reason refused --job 'sales.*' --dry-run
  dzlineage dead-letters drop --reason not_json --older-than 2w --yes
"""
_LIST_EXAMPLES = """\
  dzlineage dead-letters list
  dzlineage dead-letters list --json | jq -r .job | sort | uniq -c

a FIFO queue shows at most ten dead letters of a message group
"""
_SHOW_EXAMPLES = """\
  dzlineage dead-letters show 0c9f4a52-6b0e-4a5e-8f0e-0a3f3f1d2c4b
  dzlineage dead-letters show --reason refused --limit 3
"""
_REDRIVE_EXAMPLES = f"""\
  dzlineage dead-letters redrive --reason refused --job 'sales.*' --dry-run
  dzlineage dead-letters redrive --all

those that would fail again unchanged stay, unless --reason, an id or --all asks for them; their reasons:
{", ".join(sorted(NOT_REDRIVABLE_REASONS))}
"""
_DROP_EXAMPLES = """\
  dzlineage dead-letters drop --reason not_json --dry-run
  dzlineage dead-letters drop --reason not_json --yes
"""
_GLOBS = {
    "reason": "for example not_json, refused, processing_failed, redrive_policy",
    "error_code": "error code of DataZone, for example ValidationException",
    "job": "the job that sent it, <namespace>.<name>",
    "namespace": "the namespace of that job",
}


def add_to(commands: Commands) -> None:
    """Add the command to the program."""
    summary = "List events that could not be published, send them again, or drop them."
    parser = add_command(commands, "dead-letters", summary, _EXAMPLES)
    subcommands = parser.add_subparsers(metavar="COMMAND", required=True)
    lister = add_command(subcommands, "list", "List dead letters, and count them by reason.", _LIST_EXAMPLES)
    lister.add_argument("--json", action="store_true", help="print each as one line of JSON, without the count")
    shower = add_command(subcommands, "show", "Show everything about dead letters, with their events.", _SHOW_EXAMPLES)
    shower.add_argument("--json", action="store_true", help="print each as one line of JSON")
    redriver = add_command(subcommands, "redrive", "Send dead letters through the buffer again.", _REDRIVE_EXAMPLES)
    dropper = add_command(subcommands, "drop", "Delete dead letters for good.", _DROP_EXAMPLES)
    dropper.add_argument("--yes", action="store_true", help="do not ask for confirmation")
    for parser in (redriver, dropper):
        parser.add_argument("--dry-run", action="store_true", help="only count them")
        parser.add_argument("--json", action="store_true", help="print the report as one JSON object")
    for parser, run in ((lister, _list), (shower, _show), (redriver, _redrive), (dropper, _drop)):
        parser.set_defaults(run=run)
        group = parser.add_argument_group("which dead letters (all criteria have to match; GLOB takes *, ? and [abc])")
        if parser is not lister:
            help_text = "message id, in the dead-letter queue or in the buffer"
            group.add_argument("ids", nargs="*", metavar="ID", help=help_text)
            group.add_argument("--all", action="store_true", help="all of them; not together with ids or filters")
        for name, help_text in _GLOBS.items():
            group.add_argument(f"--{name.replace('_', '-')}", metavar="GLOB", help=help_text)
        help_text = "age since the event was first sent, for example 90s, 30m, 2h, 1d or 2w"
        group.add_argument("--older-than", metavar="AGE", help=help_text)
        group.add_argument("--newer-than", metavar="AGE", help="the opposite of --older-than")
        group.add_argument("--limit", type=positive_int, metavar="N", help="at most this many")
        add_settings(parser, "dead_letter_queue_url", "queue_url", "region_name")


def _filter_of(arguments: argparse.Namespace) -> DlqFilter:
    """Return the filter that the flags describe.

    :raises ConfigurationError: when the command requires a choice and there is none, or two.
    """
    dlq_filter = DlqFilter(
        **{name: getattr(arguments, name) for name in _GLOBS},
        ids=frozenset(getattr(arguments, "ids", ())) or None,
        older_than=arguments.older_than and age_seconds(arguments.older_than),
        newer_than=arguments.newer_than and age_seconds(arguments.newer_than),
    )
    if "all" in arguments:
        dlq_filter.check_explicit(everything=arguments.all)
    return dlq_filter


def _dlq_of(settings: Settings) -> DeadLetterQueue:
    """Return the dead-letter queue that the settings name.

    :raises ConfigurationError: when they name none, and neither does the buffer's redrive policy.
    """
    url = settings.dead_letter_queue_url
    queue = queue_of(replace(settings, queue_url=settings.queue_url or url))
    return dead_letter_queue_of(queue, url)


def _list(arguments: argparse.Namespace) -> int:
    if arguments.json:
        return _scan(arguments, lambda dead_letter: print(json_line(dead_letter, with_event=False)), prints=True)
    rows: list[tuple[str, ...]] = []
    code = _scan(arguments, lambda dead_letter: rows.append(row_of(dead_letter)), prints=False)
    print_list(rows)
    return code


def _show(arguments: argparse.Namespace) -> int:
    missing = set(arguments.ids)

    def show(dead_letter: DlqMessage) -> None:
        missing.difference_update({dead_letter.id, dead_letter.message_id})
        if arguments.json:
            print(json_line(dead_letter, with_event=True))
        else:
            print_dead_letter(dead_letter)

    code = _scan(arguments, show, prints=True)
    for message_id in sorted(missing):
        print_note(f"there is no dead letter {message_id}, or it is in flight elsewhere")
    return code or (ExitCode.NEEDS_A_LOOK if missing else ExitCode.OK)


def _redrive(arguments: argparse.Namespace) -> int:
    settings, dlq_filter, stop = settings_of(arguments), _filter_of(arguments), threading.Event()
    buffer, dlq = queue_of(settings), _dlq_of(settings)
    redrive = Redrive(dlq, dlq_filter, buffer, limit=arguments.limit, dry_run=arguments.dry_run, stop=stop)
    return _run(redrive, stop, as_json=arguments.json)


def _drop(arguments: argparse.Namespace) -> int:
    dlq, dlq_filter, stop = _dlq_of(settings_of(arguments)), _filter_of(arguments), threading.Event()
    if not (arguments.yes or arguments.dry_run):
        if not sys.stdin.isatty():
            raise ConfigurationError("a dropped event is gone for good: say --yes, or look first with --dry-run")
        found: set[str] = set()
        code = _scan(arguments, lambda dead_letter: found.add(dead_letter.id), prints=False)
        if not found:
            print_note("no dead letter matches")
        if code or not found or not _confirm(len(found)):
            return code
        dlq_filter = DlqFilter(ids=frozenset(found))
    drop = Drop(dlq, dlq_filter, limit=arguments.limit, dry_run=arguments.dry_run, stop=stop)
    return _run(drop, stop, as_json=arguments.json)


def _confirm(count: int) -> bool:
    try:
        return Confirm.ask(f"Delete {count} dead letters for good?", console=message_console(), default=False)
    except EOFError:
        return False


def _scan(arguments: argparse.Namespace, handle: Callable[[DlqMessage], None], *, prints: bool) -> int:
    """Call ``handle`` for each dead letter that the flags select, and return the exit code."""
    dlq, dlq_filter, stop = _dlq_of(settings_of(arguments)), _filter_of(arguments), threading.Event()
    with stopped_by_signals(stop), dead_letter_bar(prints=prints) as progress, DlqScan(dlq, stop=stop) as scan:
        for found in scan.matching(dlq_filter.matches, arguments.limit):
            for dead_letter in found:
                handle(dead_letter)
            progress(scan.examined, scan.total)
    _note_unseen(scan.unseen)
    return ExitCode.INTERRUPTED if stop.is_set() else ExitCode.OK


def _run(action: DlqAction, stop: threading.Event, *, as_json: bool) -> int:
    try:
        with stopped_by_signals(stop), dead_letter_bar() as progress:
            action.run(lambda report, total: progress(report.examined, total))
    finally:
        report = action.report()
        print(json.dumps(report.to_dict()) if as_json else report.line(), flush=True)
    if report.not_redrivable:
        print_note(f"{report.not_redrivable} would fail again unchanged and stay; --reason asks for them all the same")
    _note_unseen(report.unseen)
    if stop.is_set():
        return ExitCode.INTERRUPTED
    return ExitCode.NEEDS_A_LOOK if report.needs_a_look else ExitCode.OK


def _note_unseen(count: int) -> None:
    if count:
        print_note(
            f"about {count} more could not be seen: in flight elsewhere, or behind others of their message group"
        )
