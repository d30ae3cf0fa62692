"""Output that commands share: consoles, progress bars, and text that is safe to print on a terminal."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

# Control characters, and halves of characters (surrogates), which no encoding can write.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_UNBOUNDED_WIDTH = 10_000


def printable(text: str) -> str:
    """Return the text with escapes for the characters that would steer a terminal or cannot be encoded."""
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def printable_lines(text: str) -> str:
    """Return the text with its line breaks as they are and each line :func:`printable`."""
    return "\n".join(map(printable, text.split("\n")))


def message_console() -> Console:
    """Return a console on standard error, for progress, notes and errors."""
    return Console(stderr=True, highlight=False)


def line_console() -> Console:
    """Return a console on standard output that breaks no line, so that what is copied from it is complete."""
    return Console(file=sys.stdout, soft_wrap=True, highlight=False)


def drawing_console() -> Console:
    """Return a console on standard output for trees and tables, which fit a terminal and are not cut elsewhere."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else _UNBOUNDED_WIDTH)


def print_note(text: str) -> None:
    """Print a remark on standard error."""
    message_console().print(f"note: {text}", markup=False, soft_wrap=True)


def reading_bar() -> Progress:
    """Return a bar on standard error that shows how far files are read."""
    # Without markup, since a file's name may have brackets.
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    return Progress(*columns, console=message_console(), transient=True)


@contextmanager
def dead_letter_bar(*, prints: bool = False) -> Iterator[Callable[[int, int], None]]:
    """Show on a terminal how far the dead-letter queue is scanned.

    :param prints: the command prints to standard output meanwhile; on a terminal the bar would be in its way.
    :return: a function to call with the number of messages examined, and of all.
    """
    console = message_console()
    columns = (TextColumn("dead letters"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    is_hidden = not console.is_terminal or (prints and sys.stdout.isatty())
    # Standard output may be a file or a pipe, where the bar must not send what is printed.
    with Progress(*columns, console=console, transient=True, disable=is_hidden, redirect_stdout=False) as progress:
        task = progress.add_task("", total=None)
        yield lambda examined, total: progress.update(task, completed=examined, total=max(total, examined))
