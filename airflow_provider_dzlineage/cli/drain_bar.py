"""A drain as a bar."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from airflow_provider_dzlineage.forwarding.report import ProgressLog, Report


class PaceColumn(ProgressColumn):
    """Messages a second."""

    def render(self, task: Task) -> Text:
        """Return the pace of late; nothing before there is one."""
        return Text(f"{task.speed:.1f}/s" if task.speed else "")


class DrainBar:
    """Shows rate, backlog and time left in a terminal, and a line now and then elsewhere; a context manager.

    :param console: where it is shown.
    """

    def __init__(self, console: Console) -> None:
        columns = (
            TextColumn("draining"),
            BarColumn(),
            MofNCompleteColumn(),
            PaceColumn(),
            TextColumn("{task.fields[note]}"),
            TimeRemainingColumn(),
        )
        self._progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._task = self._progress.add_task("", total=None, note="")
        self._log = None if console.is_terminal else ProgressLog(lambda line: console.print(line, soft_wrap=True))
        self._backlog: int | None = None

    def __enter__(self) -> DrainBar:
        self._progress.start()
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._progress.stop()

    def show(self, report: Report) -> None:
        """Show how far the drain is."""
        if self._log:
            self._log.tell(report)
        gone = report.received - report.released
        if report.backlog is not None and report.backlog != self._backlog:
            # SQS is asked for the backlog only now and then; what has gone since was in it.
            self._backlog = report.backlog
            self._progress.update(self._task, total=gone + report.backlog)
        troubles = {
            "throttled": report.throttled,
            "dead-lettered": report.dead_lettered,
            "released": report.released,
        }
        note = ", ".join(f"{count} {name}" for name, count in troubles.items() if count)
        self._progress.update(self._task, completed=gone, note=note)
