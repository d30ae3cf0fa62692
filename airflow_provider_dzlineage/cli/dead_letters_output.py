"""Output of ``dzlineage dead-letters``, for people and for programs."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress

from rich.console import Console
from rich.table import Table
from rich.text import Text

from airflow_provider_dzlineage.buffer.dead_letter_queue import DlqMessage
from airflow_provider_dzlineage.cli.output import line_console, printable, printable_lines

_UNITS = ((86_400, "d"), (3600, "h"), (60, "m"), (1, "s"))
_COLUMNS = ("ID", "AGE", "REASON", "ERROR CODE", "JOB", "DETAIL")


def row_of(dead_letter: DlqMessage) -> tuple[str, ...]:
    """Return a dead letter as one row of :func:`print_list`."""
    age = max(0.0, time.time() - dead_letter.message.sent_at / 1000)
    size, unit = next((size, unit) for size, unit in _UNITS if age >= size or unit == "s")
    cells = (dead_letter.reason, dead_letter.error_code, dead_letter.job, dead_letter.detail)
    return tuple(map(printable, (dead_letter.id, f"{age / size:.0f}{unit}", *cells)))


def print_list(rows: Sequence[Sequence[str]]) -> None:
    """Print a table, and how often each reason occurs, most frequent first.

    The table is drawn on a terminal; elsewhere it is a line for each row with tabs between its cells.
    """
    if sys.stdout.isatty():
        table = Table(box=None, header_style="bold", pad_edge=False)
        for column in _COLUMNS:
            # Whole words, to be copied into other commands; an id in one piece.
            table.add_column(column, overflow="fold", no_wrap=column == "ID")
        for row in rows:
            table.add_row(*map(Text, row))
        Console().print(table)
    else:
        for row in (_COLUMNS, *rows):
            print("\t".join(row))
    print(f"\ndead letters: {len(rows)}")
    for reason, count in Counter(row[_COLUMNS.index("REASON")] for row in rows).most_common():
        print(f"  {reason}: {count}")


def print_dead_letter(dead_letter: DlqMessage) -> None:
    """Print all that is known of a dead letter, and its event."""
    console = line_console()
    for name, value in dead_letter.to_dict().items():
        if value:
            console.print(Text.assemble((f"{name}: ", "bold"), printable(str(value))))
    # Its event, indented; the text as it is where that is not JSON.
    event, text = dead_letter.event(), dead_letter.message.text
    with suppress(RecursionError):
        text = text if event is None else json.dumps(event, indent=2, ensure_ascii=False)
    console.print(Text(printable_lines(text)), end="\n\n")


def json_line(dead_letter: DlqMessage, *, with_event: bool) -> str:
    """Return a dead letter as one line of JSON.

    :param with_event: add ``event``, or ``text`` where the message is not JSON.
    """
    values = dead_letter.to_dict()
    if with_event:
        event = dead_letter.event()
        values |= {"text": dead_letter.message.text} if event is None else {"event": event}
    try:
        return json.dumps(values)
    except RecursionError:
        return json.dumps(dead_letter.to_dict() | {"text": dead_letter.message.text})
