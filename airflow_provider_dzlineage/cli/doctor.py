"""``dzlineage doctor``: check everything between a producer and the catalog, and say what to fix."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

from airflow_provider_dzlineage.buffer.queue import Queue
from airflow_provider_dzlineage.catalog.datazone import CLIENT_CONFIG
from airflow_provider_dzlineage.cli.exit_codes import EXIT_NEEDS_A_LOOK, EXIT_OK
from airflow_provider_dzlineage.cli.letter_output import printable
from airflow_provider_dzlineage.cli.options import (
    Commands,
    add_command,
    add_settings,
    catalog_of,
    queue_of,
    settings_of,
)
from airflow_provider_dzlineage.doctor.checkup import Site, check_up
from airflow_provider_dzlineage.doctor.finding import Finding, Verdict
from airflow_provider_dzlineage.doctor.openlineage_checks import OpenLineageOptions
from airflow_provider_dzlineage.settings import Settings

_EXAMPLES = """\
  dzlineage doctor
  dzlineage doctor --endpoint-url https://lineage.example.com --json
  dzlineage doctor --canary                  # also sends an event and waits for it in the catalog
"""
_STYLES = {Verdict.PASS: "green", Verdict.WARN: "yellow", Verdict.FAIL: "bold red", Verdict.SKIP: "dim"}
# Longer than the interval of the forwarding DAG's usual schedule.
_CANARY_SECONDS = 400.0
_AIRFLOW_SECONDS = 15.0


def add_to(commands: Commands) -> None:
    """Add the command to the program."""
    parser = add_command(commands, "doctor", "Check settings, queue, domain and producers; say what to fix.", _EXAMPLES)
    parser.add_argument("--canary", action="store_true", help="send an event and wait until the catalog has it")
    parser.add_argument(
        "--canary-seconds", type=float, default=_CANARY_SECONDS, metavar="N", help="how long (default %(default).0f)"
    )
    parser.add_argument("--endpoint-url", metavar="URL", help="the HTTP endpoint, to look at it as well")
    parser.add_argument("--json", action="store_true", help="print one JSON object a line for each finding")
    names = ("queue_url", "dead_letter_queue_url", "domain_id", "region_name", "domain_region_name")
    add_settings(parser, *names)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Examine, line by line."""
    settings = settings_of(arguments)
    site = Site(
        settings,
        queue=lambda: queue_of(settings),
        dead_letters=lambda url: _sibling(settings, url),
        catalog=lambda: catalog_of(settings, CLIENT_CONFIG),
        openlineage=_airflow_options,
        endpoint_url=arguments.endpoint_url,
        canary_seconds=arguments.canary_seconds if arguments.canary else None,
    )
    console = Console(file=sys.stdout, soft_wrap=True, highlight=False)
    failures = 0
    for finding in check_up(site):
        failures += finding.verdict is Verdict.FAIL
        if arguments.json:
            print(json.dumps(finding.to_dict()), flush=True)
        else:
            _print(console, finding)
    return EXIT_NEEDS_A_LOOK if failures else EXIT_OK


def _print(console: Console, finding: Finding) -> None:
    told = f" {finding.check}: {finding.detail}" if finding.detail else f" {finding.check}"
    line = Text(f"{finding.verdict.value:5}", _STYLES[finding.verdict]).append(printable(told), "")
    console.print(line)
    if finding.fix:
        console.print(Text(printable(f"      to fix: {finding.fix}"), "bold"))


def _sibling(settings: Settings, url: str) -> Queue:
    return queue_of(settings).sibling(url)


def _airflow_options() -> OpenLineageOptions | None:
    """Ask the Airflow of this environment, in a process of its own: this one never imports it."""
    program = Path(sys.prefix) / "bin" / "airflow"
    if not program.exists():
        return None
    disabled = os.environ.get("OPENLINEAGE_DISABLED", "") or _airflow_value(program, "disabled")
    return OpenLineageOptions(_airflow_value(program, "transport"), disabled.lower() in ("true", "1", "yes", "on"))


def _airflow_value(program: Path, option: str) -> str:
    done = subprocess.run(  # noqa: S603
        [str(program), "config", "get-value", "openlineage", option],
        capture_output=True,
        text=True,
        timeout=_AIRFLOW_SECONDS,
        check=False,
    )
    lines = done.stdout.strip().splitlines()
    return lines[-1] if done.returncode == 0 and lines else ""
