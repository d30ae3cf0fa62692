"""The files that a command is given: whether they can be read, and how far it is with them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from airflow_provider_dzlineage.cli.event_files import EventLine, read_events
from airflow_provider_dzlineage.cli.letter_output import printable
from airflow_provider_dzlineage.errors import ConfigurationError


def check_files(paths: Iterable[str]) -> None:
    """Look whether files are there, before anything is done with one of them.

    :param paths: files, pipes and devices; ``-`` is the standard input.
    :raises ConfigurationError: for the first one that cannot be read.
    """
    for path in paths:
        if path != "-" and stat.S_ISDIR(_status(path).st_mode):
            raise ConfigurationError(f"a directory, not a file: {path}")


def reading_bar() -> Progress:
    """Make a bar on standard error for :func:`read_with`."""
    # A file's name is no markup.
    name = TextColumn("{task.description}", markup=False)
    console = Console(stderr=True, highlight=False)
    return Progress(name, BarColumn(), DownloadColumn(), TimeRemainingColumn(), console=console, transient=True)


def read_with(bar: Progress, path: str) -> Iterator[EventLine]:
    """Yield the events of a file while the bar shows how far it is read; say so when it holds none.

    :raises ConfigurationError: when the file cannot be read.
    """
    task = bar.add_task(printable(path), total=_size(path))
    is_empty = True
    for line in read_events(path, partial(bar.advance, task)):
        is_empty = False
        yield line
    if is_empty:
        name = "standard input" if path == "-" else path
        bar.console.print(f"{printable(name)} holds no event", markup=False, soft_wrap=True)


def _size(path: str) -> int | None:
    """Return the bytes of a file; None for what tells it only at its end."""
    status = _status(path) if path != "-" else None
    return status.st_size if status and stat.S_ISREG(status.st_mode) else None


def _status(path: str) -> os.stat_result:
    try:
        return Path(path).stat()
    except FileNotFoundError:
        raise ConfigurationError(f"no such file: {path}") from None
    except OSError as error:
        raise ConfigurationError(f"cannot read {path}: {error.strerror}") from error
