"""The command line: ``dzlineage``."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence

from rich.console import Console
from rich.logging import RichHandler
from rich.markup import escape

from airflow_provider_dzlineage import __version__
from airflow_provider_dzlineage.cli.exit_codes import EXIT_INTERRUPTED, EXIT_NEEDS_A_LOOK, EXIT_OK, EXIT_USAGE
from airflow_provider_dzlineage.errors import ConfigurationError, DzLineageError

_EPILOG = """\
exit codes: 0 all well; 1 done, but something needs a look; 2 wrong usage or configuration; 130 interrupted

settings come from flags, then from the environment (DZLINEAGE_QUEUE_URL, DZLINEAGE_DOMAIN_ID, ...); AWS_* variables
and AWS_ENDPOINT_URL* work as everywhere
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    :param argv: the arguments; the process's own by default.
    :return: the exit code.
    """
    arguments = _parser().parse_args(argv)
    errors = Console(stderr=True)
    logging.basicConfig(
        level=logging.INFO if arguments.verbose else logging.WARNING,
        format="%(message)s",
        handlers=[RichHandler(console=errors, show_time=False, show_path=False)],
    )
    try:
        return int(arguments.run(arguments))
    except DzLineageError as error:
        errors.print(f"[red]error:[/] {escape(str(error))}", highlight=False, soft_wrap=True)
        return EXIT_USAGE if isinstance(error, ConfigurationError) else EXIT_NEEDS_A_LOOK
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone; say nothing more, not even when the interpreter flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_OK


def _parser() -> argparse.ArgumentParser:
    from airflow_provider_dzlineage.cli import config, dead_letters, doctor, forward, graph, local, preview, send, serve

    parser = argparse.ArgumentParser(
        prog="dzlineage",
        description="OpenLineage events through Amazon SQS into Amazon DataZone.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"dzlineage {__version__}")
    parser.add_argument("-v", "--verbose", action="store_true", help="say more on standard error")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for command in (local, serve, config, send, preview, forward, dead_letters, graph, doctor):
        command.add_to(commands)
    return parser
