"""How ``dzlineage dead-letters`` prints dead letters, for people and for programs."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from airflow_provider_dzlineage.buffer.dead_letter_queue import DlqMessage
from airflow_provider_dzlineage.cli.output import line_console, printable, printable_lines

_UNITS = ((86_400, "d"), (3600, "h"), (60, "m"))
COLUMNS = ("ID", "AGE", "REASON", "ERROR CODE", "JOB", "DETAIL")


def row_of(dead_letter: DlqMessage) -> tuple[str, ...]:
    """Return one cell for each of :data:`COLUMNS`."""
    age = age_text(time.time() - dead_letter.message.sent_at / 1000)
    cells = (dead_letter.id, age, dead_letter.reason, dead_letter.error_code, dead_letter.job, dead_letter.detail)
    return tuple(map(printable, cells))


def age_text(seconds: float) -> str:
    """Return an age in its largest whole unit, such as ``3d``."""
    for size, unit in _UNITS:
        if seconds >= size:
            return f"{seconds / size:.0f}{unit}"
    return f"{max(0.0, seconds):.0f}s"


def print_table(rows: Sequence[Sequence[str]]) -> None:
    """Print a table: drawn on a terminal, elsewhere a line for each row with tabs between its cells."""
    if not sys.stdout.isatty():
        for row in (COLUMNS, *rows):
            print("\t".join(row))
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in COLUMNS:
        # Whole words, to be copied into other commands; an id in one piece.
        table.add_column(column, overflow="fold", no_wrap=column == "ID")
    for row in rows:
        table.add_row(*map(Text, row))
    Console().print(table)


def print_reasons(reasons: Counter[str]) -> None:
    """Print how often each reason occurs, most frequent first."""
    print(f"\ndead letters: {reasons.total()}")
    for reason, count in reasons.most_common():
        print(f"  {printable(reason)}: {count}")


def print_dead_letter(dead_letter: DlqMessage) -> None:
    """Print all that is known of a dead letter, and its event."""
    console = line_console()
    for name, value in dead_letter.to_dict().items():
        if value:
            console.print(Text.assemble((f"{name}: ", "bold"), printable(str(value))))
    console.print(Text(event_text(dead_letter)), end="\n\n")


def event_text(dead_letter: DlqMessage) -> str:
    """Return an event's JSON, indented; the text as it is where it is not JSON."""
    event = dead_letter.event()
    try:
        text = dead_letter.message.text if event is None else json.dumps(event, indent=2, ensure_ascii=False)
    except RecursionError:
        text = dead_letter.message.text
    return printable_lines(text)


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
