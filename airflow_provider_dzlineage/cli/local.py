"""``dzlineage local``: a local AWS for development."""

from __future__ import annotations

import argparse
import shlex
import signal
import threading
from pathlib import Path

from airflow_provider_dzlineage.cli.command import Commands, ExitCode, add_command, port_number
from airflow_provider_dzlineage.cli.output import message_console
from airflow_provider_dzlineage.errors import ConfigurationError

_EXAMPLES = """\
  dzlineage local
  dzlineage local --port 0 --datazone-port 0
  dzlineage local --state ./aws
"""


def add_to(commands: Commands) -> None:
    """Add the command to the program."""
    summary = "Start a local AWS: SQS and more (ministack), DataZone lineage (emulator), with a queue and a domain."
    parser = add_command(commands, "local", summary, _EXAMPLES)
    for flag, default, service in (
        ("--port", 4566, "SQS and the other services"),
        ("--datazone-port", 4567, "DataZone"),
    ):
        help_text = f"port of {service} (default {default}; 0: any free port)"
        parser.add_argument(flag, type=port_number, default=default, metavar="N", help=help_text)
    parser.add_argument(
        "--state", type=Path, metavar="DIR", help="folder that keeps everything over a restart on the same port"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Start the servers, print what to export, and stop them on Ctrl-C or SIGTERM."""
    try:
        from airflow_provider_dzlineage.local.embedded import EmbeddedAws
    except ImportError as error:
        raise ConfigurationError(
            f"{error.name} is not installed", fix="pip install 'airflow-provider-dzlineage[local]'"
        ) from error
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    console = message_console()
    log = arguments.state / "ministack.log" if arguments.state else None
    with EmbeddedAws(arguments.port, arguments.datazone_port, state=arguments.state, log=log) as aws:
        exports = [f"export {name}={shlex.quote(value)}" for name, value in aws.environment.items()]
        print("\n".join(exports), flush=True)
        console.print(
            "The embedded AWS runs. Paste these lines into another terminal; Ctrl-C stops it.", soft_wrap=True
        )
        while not stop.wait(1):
            if not aws.is_running():
                console.print("[red]error:[/] ministack has ended")
                return ExitCode.NEEDS_A_LOOK
    return ExitCode.INTERRUPTED
