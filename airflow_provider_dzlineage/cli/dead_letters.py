"""``dzlineage dead-letters``: see what could not be published, send it again, or drop it."""

from __future__ import annotations

import argparse
import json
import sys
import threading
from collections import Counter
from collections.abc import Callable

from rich.console import Console
from rich.prompt import Confirm

from airflow_provider_dzlineage.buffer.dead_letter_actions import DlqAction, Drop
from airflow_provider_dzlineage.buffer.dead_letter_filter import DlqFilter
from airflow_provider_dzlineage.buffer.dead_letter_queue import DlqMessage
from airflow_provider_dzlineage.buffer.dead_letter_scan import DlqScan
from airflow_provider_dzlineage.buffer.redrive import HOPELESS_REASONS, Redrive
from airflow_provider_dzlineage.cli.clients import queue_of
from airflow_provider_dzlineage.cli.command import (
    EXIT_INTERRUPTED,
    EXIT_NEEDS_A_LOOK,
    EXIT_OK,
    Commands,
    add_command,
    settings_of,
    stopped_by_signals,
)
from airflow_provider_dzlineage.cli.letter_options import add_filters, filter_of, letters_of
from airflow_provider_dzlineage.cli.letter_output import json_line, print_letter, print_reasons, print_table, row_of
from airflow_provider_dzlineage.cli.output import dead_letter_bar, print_note
from airflow_provider_dzlineage.errors import ConfigurationError

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

those with a reason that the same message would meet again stay, unless --reason, an id or --all asks for them:
{", ".join(sorted(HOPELESS_REASONS))}
"""
_DROP_EXAMPLES = """\
  dzlineage dead-letters drop --reason not_json --dry-run
  dzlineage dead-letters drop --reason not_json --yes
"""


def add_to(commands: Commands) -> None:
    """Add the command to the program."""
    summary = "See what could not be published, send it again, or drop it."
    subcommands = add_command(commands, "dead-letters", summary, _EXAMPLES).add_subparsers(
        metavar="COMMAND", required=True
    )
    lister = add_command(subcommands, "list", "List dead letters, and count them by reason.", _LIST_EXAMPLES)
    lister.add_argument("--json", action="store_true", help="print one JSON object a line for each, and no count")
    shower = add_command(subcommands, "show", "Show all that is known of dead letters, and the events.", _SHOW_EXAMPLES)
    shower.add_argument("--json", action="store_true", help="print one JSON object a line for each")
    redriver = add_command(subcommands, "redrive", "Send dead letters through the buffer again.", _REDRIVE_EXAMPLES)
    dropper = add_command(subcommands, "drop", "Delete dead letters for good.", _DROP_EXAMPLES)
    dropper.add_argument("--yes", action="store_true", help="do not ask")
    for parser in (redriver, dropper):
        parser.add_argument("--dry-run", action="store_true", help="only count")
        parser.add_argument("--json", action="store_true", help="print the report as one JSON object")
    for parser, run in ((lister, _list), (shower, _show), (redriver, _redrive), (dropper, _drop)):
        add_filters(parser, explicit=parser is not lister)
        parser.set_defaults(run=run)


def _list(arguments: argparse.Namespace) -> int:
    rows: list[tuple[str, ...]] = []
    reasons: Counter[str] = Counter()

    def see(letter: DlqMessage) -> None:
        reasons[letter.reason] += 1
        if arguments.json:
            print(json_line(letter, with_event=False))
        else:
            rows.append(row_of(letter))

    code = _look(arguments, see, prints=arguments.json)
    if not arguments.json:
        print_table(rows)
        print_reasons(reasons)
    return code


def _show(arguments: argparse.Namespace) -> int:
    missing = set(arguments.ids)

    def see(letter: DlqMessage) -> None:
        missing.difference_update({letter.id, letter.message_id})
        if arguments.json:
            print(json_line(letter, with_event=True))
        else:
            print_letter(letter)

    code = _look(arguments, see, prints=True)
    for message_id in sorted(missing):
        print_note(f"there is no dead letter {message_id}, or it is in other hands")
    return code or (EXIT_NEEDS_A_LOOK if missing else EXIT_OK)


def _redrive(arguments: argparse.Namespace) -> int:
    settings, wanted, stop = settings_of(arguments), filter_of(arguments), threading.Event()
    buffer, letters = queue_of(settings), letters_of(settings)
    redrive = Redrive(letters, buffer, wanted, limit=arguments.limit, dry_run=arguments.dry_run, stop=stop)
    return _go(redrive, stop, as_json=arguments.json)


def _drop(arguments: argparse.Namespace) -> int:
    letters, wanted, stop = letters_of(settings_of(arguments)), filter_of(arguments), threading.Event()
    if not (arguments.yes or arguments.dry_run):
        if not sys.stdin.isatty():
            raise ConfigurationError("a dropped event is gone for good: say --yes, or look first with --dry-run")
        found: set[str] = set()
        code = _look(arguments, lambda letter: found.add(letter.id), prints=False)
        if not found:
            print_note("no dead letter matches")
        if code or not found or not _agrees(len(found)):
            return code
        wanted = DlqFilter(ids=frozenset(found))
    drop = Drop(letters, wanted, limit=arguments.limit, dry_run=arguments.dry_run, stop=stop)
    return _go(drop, stop, as_json=arguments.json)


def _agrees(count: int) -> bool:
    console = Console(stderr=True, highlight=False)
    try:
        return Confirm.ask(f"Delete {count} dead letters for good?", console=console, default=False)
    except EOFError:
        return False


def _look(arguments: argparse.Namespace, see: Callable[[DlqMessage], None], *, prints: bool) -> int:
    letters, wanted, stop = letters_of(settings_of(arguments)), filter_of(arguments), threading.Event()
    with stopped_by_signals(stop), dead_letter_bar(prints=prints) as show, DlqScan(letters, stop=stop) as walk:
        for found in walk.matching(wanted.matches, arguments.limit):
            for letter in found:
                see(letter)
            show(walk.examined, walk.total)
    _tell_unseen(walk.unseen)
    return EXIT_INTERRUPTED if stop.is_set() else EXIT_OK


def _go(letters: DlqAction, stop: threading.Event, *, as_json: bool) -> int:
    try:
        with stopped_by_signals(stop), dead_letter_bar() as show:
            letters.run(lambda report, total: show(report.examined, total))
    finally:
        report = letters.report()
        print(json.dumps(report.to_dict()) if as_json else report.line(), flush=True)
    if report.hopeless:
        print_note(f"{report.hopeless} would come back as they are and stay; --reason asks for them all the same")
    _tell_unseen(report.unseen)
    if stop.is_set():
        return EXIT_INTERRUPTED
    return EXIT_NEEDS_A_LOOK if report.needs_a_look else EXIT_OK


def _tell_unseen(count: int) -> None:
    if count:
        print_note(f"about {count} more could not be seen: in other hands, or behind others of their message group")
