"""The command line: ``dzlineage``."""

from __future__ import annotations

import argparse
import errno
import logging
import os
import sys
from collections.abc import Sequence

from rich.console import Console
from rich.logging import RichHandler
from rich.markup import escape

from airflow_provider_dzlineage import __version__
from airflow_provider_dzlineage.cli.command import ExitCode
from airflow_provider_dzlineage.cli.output import message_console
from airflow_provider_dzlineage.errors import ConfigurationError, DzLineageError

_EPILOG = """\
exit codes: 0 all well; 1 done, but something needs a look; 2 wrong usage or configuration; 130 interrupted

settings come from flags, then from the environment (DZLINEAGE_QUEUE_URL, DZLINEAGE_DOMAIN_ID, ...); AWS_PROFILE,
AWS_ENDPOINT_URL and the other AWS_* variables work as in the AWS CLI
"""

_DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    :param argv: the arguments; the process's own by default.
    :return: the exit code.
    """
    for stream in (sys.stdout, sys.stderr):
        # What the terminal's encoding lacks is escaped. A closed stream is None; a replacement may lack the method.
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")
    errors = message_console()
    try:
        # Inside the try, since the commands import boto3, which takes a while, and Ctrl-C may come meanwhile.
        arguments = build_parser().parse_args(argv)
        _log_to(errors, logging.INFO if arguments.verbose else logging.WARNING)
        code = int(arguments.run(arguments))
        if sys.stdout is not None:
            # While an error can still be reported.
            sys.stdout.flush()
        return code
    except DzLineageError as error:
        errors.print(f"[red]error:[/] {escape(str(error))}", soft_wrap=True)
        return ExitCode.USAGE if isinstance(error, ConfigurationError) else ExitCode.NEEDS_A_LOOK
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # The reader of our output, such as head, has ended.
        _drop_output()
        return ExitCode.OK
    except OSError as error:
        if error.errno not in _DISK_FULL:
            raise
        _drop_output()
        errors.print(f"[red]error:[/] cannot write: {error.strerror}", soft_wrap=True)
        return ExitCode.NEEDS_A_LOOK


def build_parser() -> argparse.ArgumentParser:
    """Return the program's parser with all commands; the documentation of the command line is generated from it."""
    from airflow_provider_dzlineage.cli import config, dead_letters, doctor, forward, graph, local, preview, send, serve

    parser = argparse.ArgumentParser(
        prog="dzlineage",
        description="Send OpenLineage events through Amazon SQS into Amazon DataZone.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"dzlineage {__version__}")
    parser.add_argument("-v", "--verbose", action="store_true", help="log more to standard error")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for command in (local, serve, config, send, preview, forward, dead_letters, graph, doctor):
        command.add_to(commands)
    return parser


def _log_to(console: Console, level: int) -> None:
    if console.is_terminal:
        handler: logging.Handler = RichHandler(console=console, show_time=False, show_path=False)
        logging.basicConfig(level=level, format="%(message)s", handlers=[handler])
    else:
        # One line a record, for log collectors.
        logging.basicConfig(level=level, format="%(levelname)-8s %(message)s")


def _drop_output() -> None:
    """Discard what is not written yet, so that the interpreter does not fail once more at its exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
