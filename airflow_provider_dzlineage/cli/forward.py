"""``dzlineage forward``: drain the buffer and publish, without Airflow."""

from __future__ import annotations

import argparse
import json
import math
import threading

from rich.console import Console

from airflow_provider_dzlineage.buffer.dead_letters import dead_letters_of
from airflow_provider_dzlineage.catalog.client import CLIENT_CONFIG
from airflow_provider_dzlineage.cli.drain_bar import DrainBar
from airflow_provider_dzlineage.cli.exit_codes import EXIT_INTERRUPTED, EXIT_NEEDS_A_LOOK, EXIT_OK
from airflow_provider_dzlineage.cli.options import (
    Commands,
    add_command,
    add_settings,
    catalog_of,
    client_for,
    queue_of,
    settings_of,
)
from airflow_provider_dzlineage.cli.signals import stopped_by_signals
from airflow_provider_dzlineage.forwarding.forwarder import Forwarder
from airflow_provider_dzlineage.lineage.rules.from_settings import rules_of
from airflow_provider_dzlineage.settings import RULES

_EXAMPLES = """\
  dzlineage forward --once
  dzlineage forward --once --max-seconds 60 --json
  dzlineage forward --follow
"""


def add_to(commands: Commands) -> None:
    """Add the command to the program."""
    parser = add_command(commands, "forward", "Drain the buffer and publish, without Airflow.", _EXAMPLES)
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--once", action="store_true", help="end when the queue is empty (the default)")
    mode.add_argument("--follow", action="store_true", help="go on until Ctrl-C or --max-seconds")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    add_settings(
        parser,
        "queue_url",
        "dead_letter_queue_url",
        "domain_id",
        "region_name",
        "domain_region_name",
        "rate",
        "max_seconds",
        "max_receives",
        "merge",
        *RULES,
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Forward and print the report."""
    settings = settings_of(arguments)
    queue, catalog = queue_of(settings), catalog_of(settings, CLIENT_CONFIG)
    stop = threading.Event()
    dead_letters = dead_letters_of(queue, settings.dead_letter_queue_url)
    forwarder = Forwarder(queue, dead_letters, catalog, settings, rules_of(settings, client_for), stop=stop)
    console = Console(stderr=True, highlight=False)
    try:
        with stopped_by_signals(stop), DrainBar(console) as bar:
            drain = forwarder.follow if arguments.follow else forwarder.drain
            drain(settings.max_seconds or math.inf, on_progress=bar.show)
    finally:
        report = forwarder.report()
        print(json.dumps(report.to_dict()) if arguments.json else "\n".join(report.lines()), flush=True)
    if stop.is_set():
        return EXIT_INTERRUPTED
    return EXIT_NEEDS_A_LOOK if report.needs_a_look else EXIT_OK
