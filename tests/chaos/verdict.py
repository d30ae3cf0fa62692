"""What a run has shown: a table for people, JSON for machines, and what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from account import LOST, TWICE, Account
from plan import KILLS
from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Verdict:
    """What a run has shown.

    :param sent: messages.
    :param seconds: from the first message sent until the queue was empty.
    :param account: what became of every message.
    :param graph: for each kind of thing, how many there are, how many too many, how many too few.
    :param groups_out_of_order: message groups whose events were not accepted in their order; None where none is kept.
    :param kills: of forwarders.
    :param failures: forwarders that ended with an error, as they do when they are started while SQS is away.
    :param faults: how often each happened.
    :param complaints: other things that are wrong.
    """

    sent: int
    seconds: float
    account: Account
    graph: Mapping[str, tuple[int, int, int]]
    groups_out_of_order: int | None
    kills: int
    failures: int
    faults: Mapping[str, int]
    complaints: list[str]

    @property
    def wrong(self) -> list[str]:
        """Return what is wrong, one line each."""
        lines = [
            f"{count:,} {about}, such as {', '.join(digest[:12] for digest in self.account.examples[about])}"
            for about, count in self.account.wrong.items()
        ]
        lines += [
            f"graph: {more:,} {what} too many, {less:,} too few"
            for what, (_, more, less) in self.graph.items()
            if more or less
        ]
        if self.account.outcomes["still queued"]:
            lines.append(f"{self.account.outcomes['still queued']:,} are still queued")
        if self.groups_out_of_order:
            lines.append(f"{self.groups_out_of_order:,} message groups were not accepted in their order")
        if self.kills != KILLS:
            lines.append(f"{self.kills} forwarders were killed, not {KILLS}")
        # A run that meets no trouble shows nothing.
        lines += [f"there were no {what}" for what, count in self.faults.items() if not count]
        return lines + self.complaints

    @property
    def _promises(self) -> dict[str, int]:
        return {what: self.account.wrong[what] for what in (LOST, TWICE)}

    def to_dict(self) -> dict[str, Any]:
        """Return it as a JSON value."""
        return {
            "sent": self.sent,
            "seconds": round(self.seconds, 1),
            "outcomes": dict(self.account.outcomes),
            **self._promises,
            "graph": {
                what: dict(zip(("there", "too many", "too few"), row, strict=True)) for what, row in self.graph.items()
            },
            "groups out of order": self.groups_out_of_order,
            "kills": self.kills,
            "failures": self.failures,
            "faults": dict(self.faults),
            "dead letters written again": self.account.written_again,
            "wrong": self.wrong,
        }

    def show(self, console: Console) -> None:
        """Print it."""
        table = Table("what became of the events", "number", title=f"{self.sent:,} events in {self.seconds:,.0f} s")
        for outcome, count in sorted(self.account.outcomes.items()):
            table.add_row(outcome, f"{count:,}")
        table.add_section()
        for what, count in self._promises.items():
            table.add_row(what, f"{count:,}")
        for what, (there, more, less) in self.graph.items():
            table.add_row(f"graph: {what}", f"{there:,}, {more:,} too many, {less:,} too few")
        if self.groups_out_of_order is not None:
            table.add_row("message groups out of order", f"{self.groups_out_of_order:,}")
        table.add_section()
        table.add_row("forwarders killed", f"{self.kills:,}")
        table.add_row("forwarders ended with an error", f"{self.failures:,}")
        for what, count in self.faults.items():
            table.add_row(what, f"{count:,}")
        table.add_row("dead letters written again", f"{self.account.written_again:,}")
        console.print(table)
        for line in self.wrong:
            console.print(f"[red]wrong[/red] {line}", highlight=False)
