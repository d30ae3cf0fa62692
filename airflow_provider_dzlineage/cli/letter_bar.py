"""A walk over the dead letters as a bar."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


@contextmanager
def letter_bar(*, prints: bool = False) -> Iterator[Callable[[int, int], None]]:
    """Show on the terminal how far a walk is.

    :param prints: the command prints while it walks, and would print into the bar.
    :return: to be called with the number of letters examined and of all.
    """
    console = Console(stderr=True, highlight=False)
    columns = (TextColumn("dead letters"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    is_hidden = not console.is_terminal or (prints and sys.stdout.isatty())
    # What is printed is to go where the user has sent it.
    with Progress(*columns, console=console, transient=True, disable=is_hidden, redirect_stdout=False) as progress:
        task = progress.add_task("", total=None)
        yield lambda examined, total: progress.update(task, completed=examined, total=max(total, examined))
