"""``dzlineage doctor``: check everything between a producer and the catalog, and print what to fix."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from rich.text import Text

from airflow_provider_dzlineage.buffer.queue import queue_of
from airflow_provider_dzlineage.catalog.client import catalog_of
from airflow_provider_dzlineage.cli.command import SITE_SETTINGS, Commands, ExitCode, add_command, add_settings
from airflow_provider_dzlineage.cli.output import line_console, printable
from airflow_provider_dzlineage.doctor.canary import canary_seconds
from airflow_provider_dzlineage.doctor.checkup import Site, check_site, eager
from airflow_provider_dzlineage.doctor.finding import CheckVerdict
from airflow_provider_dzlineage.doctor.openlineage import OpenLineageOptions
from airflow_provider_dzlineage.errors import ConfigurationError
from airflow_provider_dzlineage.lineage.rules.from_settings import pipeline_of
from airflow_provider_dzlineage.lineage.rules.redshift_lookup import lookup_client
from airflow_provider_dzlineage.settings.loader import variable_of
from airflow_provider_dzlineage.settings.site import Settings, readable_settings

_EXAMPLES = """\
  dzlineage doctor
  dzlineage doctor --endpoint-url https://lineage.example.com --json
  dzlineage doctor --canary                  # also sends an event and waits for it in the catalog

settings that are neither flags nor environment variables come from the section [dzlineage] of the Airflow that is
installed beside this program
"""
_STYLES = {
    CheckVerdict.PASS: "green",
    CheckVerdict.WARN: "yellow",
    CheckVerdict.FAIL: "bold red",
    CheckVerdict.SKIP: "dim",
}
# Longer than the interval of the forwarding DAG's usual schedule.
_CANARY_SECONDS = 400.0
_AIRFLOW_SECONDS = 15.0
_AIRFLOW_PROGRAM = "airflow_provider_dzlineage.operators.print_configuration"


def add_to(commands: Commands) -> None:
    """Add the command to the program."""
    parser = add_command(
        commands, "doctor", "Check settings, queue, domain and producers, and say what to fix.", _EXAMPLES
    )
    parser.add_argument("--canary", action="store_true", help="send an event and wait until the catalog has it")
    help_text = "how long to wait for it (default %(default).0f)"
    parser.add_argument("--canary-seconds", type=_seconds, default=_CANARY_SECONDS, metavar="N", help=help_text)
    parser.add_argument("--endpoint-url", metavar="URL", help="check this HTTP endpoint as well")
    parser.add_argument("--json", action="store_true", help="print each finding as one line of JSON")
    add_settings(parser, *SITE_SETTINGS)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Check the site; print each finding as soon as there is one."""
    # Airflow is asked once, for the settings here and for the checks of it.
    openlineage = eager(read_airflow_options)
    settings, problems = _load_settings(arguments, openlineage)
    site = Site(
        settings,
        problems,
        pipeline=lambda: pipeline_of(settings, lookup_client),
        queue=lambda: queue_of(settings),
        catalog=lambda: catalog_of(settings),
        openlineage=openlineage,
        endpoint_url=arguments.endpoint_url,
        canary_seconds=arguments.canary_seconds if arguments.canary else None,
    )
    console = line_console()
    failures = 0
    for finding in check_site(site):
        failures += finding.verdict is CheckVerdict.FAIL
        if arguments.json:
            print(json.dumps(finding.to_dict()), flush=True)
            continue
        text = f" {finding.check}: {finding.detail}" if finding.detail else f" {finding.check}"
        console.print(Text.assemble((f"{finding.verdict.value:5}", _STYLES[finding.verdict]), printable(text)))
        if finding.fix:
            console.print(Text(printable(f"      to fix: {finding.fix}"), "bold"))
    return ExitCode.NEEDS_A_LOOK if failures else ExitCode.OK


def _seconds(text: str) -> float:
    try:
        return canary_seconds(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _load_settings(
    arguments: argparse.Namespace, openlineage: Callable[[], OpenLineageOptions | None]
) -> tuple[Settings, dict[str, ConfigurationError]]:
    """Return the settings of flags, then the environment, then the Airflow beside this program; and what is wrong."""
    section: Mapping[str, str] = {}
    # The check of OpenLineage reports what is wrong there.
    with suppress(ConfigurationError):
        airflow = openlineage()
        section = airflow.section if airflow else {}
    missing = {name: value for name, value in section.items() if not os.environ.get(variable_of(name))}
    return readable_settings({name: getattr(arguments, name) for name in SITE_SETTINGS}, missing)


def read_airflow_options(program: str = _AIRFLOW_PROGRAM) -> OpenLineageOptions | None:
    """Return what the Airflow beside this program has configured; None when there is no Airflow.

    It is asked in a process of its own, since importing Airflow takes seconds, and may fail.

    :param program: module that prints the options.
    :raises ConfigurationError: when it does not answer.
    """
    if not (Path(sys.prefix) / "bin" / "airflow").exists():
        return None
    try:
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-m", program], capture_output=True, text=True, timeout=_AIRFLOW_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise ConfigurationError(
            f"Airflow does not say within {_AIRFLOW_SECONDS:.0f} seconds what is configured",
            fix="see what airflow config list does",
        ) from None
    # Airflow may have printed something of its own before.
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode or not lines:
        raise ConfigurationError(
            "Airflow does not say what is configured", fix="see what airflow config list and airflow info say"
        )
    return OpenLineageOptions(**json.loads(lines[-1]))
