"""Shared by all commands: their parsers, flags that are settings, signals and exit codes."""

from __future__ import annotations

import argparse
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from enum import IntEnum
from typing import TypeAlias

from airflow_provider_dzlineage.settings.loader import describe
from airflow_provider_dzlineage.settings.site import Settings, load_settings

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
# Those that name a site: its queues and its domain.
SITE_SETTINGS = ("queue_url", "dead_letter_queue_url", "domain_id", "region_name", "domain_region_name")


class ExitCode(IntEnum):
    """The exit codes of the program."""

    OK = 0
    NEEDS_A_LOOK = 1
    USAGE = 2
    INTERRUPTED = 130


def add_command(commands: Commands, name: str, summary: str, examples: str) -> argparse.ArgumentParser:
    """Add a command to the program, or a subcommand to a command.

    :param examples: command lines for the end of its help, and remarks.
    """
    return commands.add_parser(
        name,
        help=summary,
        description=summary,
        epilog=f"examples:\n{examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def add_settings(parser: argparse.ArgumentParser, *names: str) -> None:
    """Add a flag for each of these settings to a command."""
    descriptions = {setting.name: setting for setting in describe(Settings)}
    group = parser.add_argument_group("settings")
    for name in names:
        description = descriptions[name].help.replace("``", "").replace("%", "%%")
        group.add_argument(f"--{name.replace('_', '-')}", metavar="VALUE", help=description)


def settings_of(arguments: argparse.Namespace) -> Settings:
    """Return the settings of the flags and the environment."""
    return load_settings({setting.name: getattr(arguments, setting.name, None) for setting in fields(Settings)})


def positive_int(text: str) -> int:
    """Return the value of a flag that counts something; a ``type`` for :mod:`argparse`."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def port_number(text: str) -> int:
    """Return the value of a flag that is a TCP port, 0 for any free one; a ``type`` for :mod:`argparse`."""
    # Some systems take the remainder of a bigger number, and so listen on another port.
    if not text.isascii() or not text.isdecimal() or len(text) > 5 or int(text) > 65535:
        raise argparse.ArgumentTypeError("must be 0 to 65535")
    return int(text)


@contextmanager
def stopped_by_signals(stop: threading.Event) -> Iterator[None]:
    """Set ``stop`` at the first Ctrl-C or SIGTERM, so that the command ends in order; interrupt at the second."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def request_stop(number: int, _: object) -> None:
        stop.set()
        signal.signal(number, signal.default_int_handler)

    for number in handlers:
        signal.signal(number, request_stop)
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
