"""The demo: a real Airflow, its lineage through a local SQS into a local DataZone, and an audit of every event.

``make demo`` runs it, ``make up`` runs it with ``--stay``.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import shlex
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from airflow_provider_dzlineage.cli.command import ExitCode
from airflow_provider_dzlineage.cli.graph import tree_of
from airflow_provider_dzlineage.cli.output import drawing_console
from airflow_provider_dzlineage.errors import DzLineageError
from airflow_provider_dzlineage.local.embedded import EmbeddedAws
from tools.airflow.runner import Airflow
from tools.airflow.settings import USER
from tools.demo.audit import LineageAudit
from tools.demo.interrupts import Interrupt, ignore_interrupts
from tools.demo.run import FINAL_TABLE, PIPELINE, DemoRun, airflow_variables

FORWARDING_DAG_FILE = Path("dags/dzlineage_forward.py")
_EXAMPLES = Path(__file__).parents[2] / "examples" / "dags"
EXAMPLE_DAG_FILES = [_EXAMPLES / f"{PIPELINE}.py", _EXAMPLES / "warehouse_operator.py"]
_DESCRIPTION = "Run a real Airflow, its lineage through a local SQS into a local DataZone, and an audit of every event."
_PROGRAM = os.path.relpath(Path(sys.prefix) / "bin" / "dzlineage")
# Five fields and seconds, so that the first drain begins within 15 seconds.
SCHEDULE = "* * * * * */15"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the demo.

    :param argv: the arguments; the process's own by default.
    :return: the exit code: 0 when every event is in the catalog, 1 when not, 130 when interrupted.
    """
    parser = argparse.ArgumentParser(prog="make demo", description=_DESCRIPTION)
    parser.add_argument("--stay", action="store_true", help="stay up for exploring until Ctrl-C")
    parser.add_argument("--airflow", type=Path, default=Path(sys.prefix), metavar="DIR", help="environment of Airflow")
    parser.add_argument("--home", type=Path, default=Path("build/demo"), metavar="DIR", help="folder for its files")
    arguments = parser.parse_args(argv)
    console = drawing_console()
    interrupt = Interrupt()
    try:
        with _only_one(arguments.home):
            return _run(arguments, console, interrupt)
    except DzLineageError as error:
        console.print(f"[red]error:[/] {escape(str(error))}", soft_wrap=True)
        return ExitCode.NEEDS_A_LOOK
    except KeyboardInterrupt:
        console.print("interrupted; everything is stopped")
        return ExitCode.INTERRUPTED


def _run(arguments: argparse.Namespace, console: Console, interrupt: Interrupt) -> int:
    started = time.monotonic()
    progress = _Progress(console, started)
    progress.show("starting the embedded AWS")

    def on_progress(step: str) -> None:
        interrupt.check()
        progress.show(step)

    with EmbeddedAws(log=arguments.home / "ministack.log") as aws:
        airflow = Airflow(
            arguments.airflow,
            arguments.home / "airflow",
            [FORWARDING_DAG_FILE, *EXAMPLE_DAG_FILES],
            airflow_variables(aws.environment, SCHEDULE),
            with_ui=arguments.stay,
            on_progress=progress.show,
        )
        with airflow:
            try:
                run = DemoRun(airflow, aws.environment)
                run.wait(on_progress)
                audit = run.audit()
                _print(audit, airflow, console, time.monotonic() - started)
                if arguments.stay:
                    _stay(airflow, aws, console, interrupt)
            finally:
                ignore_interrupts()
    return ExitCode.NEEDS_A_LOOK if audit.problems else ExitCode.OK


def _print(audit: LineageAudit, airflow: Airflow, console: Console, seconds: float) -> None:
    report = audit.report
    console.print("\n[bold]The drains' report[/]")
    outcomes = ("posted", "merged", "skipped", "dead_lettered", "released")
    console.print(f"received {report['received']} = " + " + ".join(f"{name} {report[name]}" for name in outcomes))
    console.print(f"{report['requests']} requests, {report['throttled']} throttled, {report['retried']} retried")
    for reason, count in sorted(audit.reasons.items()):
        console.print(f"{escape(reason)}: {count}")
    if audit.graph:
        console.print("\n[bold]The final table in the catalog[/]")
        console.print(tree_of(audit.graph))
        for column, sources in audit.columns.items():
            console.print(f"column {column} is made from {', '.join(sources)}", soft_wrap=True, markup=False)
    if audit.problems:
        console.print("\n[red bold]Not everything is accounted for[/]")
        for problem in audit.problems:
            console.print(f"- {escape(problem)}", soft_wrap=True)
        console.print(f"Logs: {airflow.home}/*.log and {airflow.home}/logs", soft_wrap=True)
        return
    console.print(
        f"\n[green bold]All {audit.expected} events[/] that the pipeline's tasks sent from Airflow {airflow.version} "
        f"are in the catalog; {seconds:.0f} seconds.",
        soft_wrap=True,
    )
    console.print(
        "\n[bold]Next[/]\n"
        f"  {'make up':32} the same, and it stays up: Airflow's UI, the queue and the catalog to explore\n"
        f"  {f'{_PROGRAM} local':32} the embedded AWS alone, for an Airflow or dbt of your own\n"
        f"  {'README.md':32} ten lines of configuration for Amazon MWAA",
        soft_wrap=True,
    )


def _stay(airflow: Airflow, aws: EmbeddedAws, console: Console, interrupt: Interrupt) -> None:
    exports = "\n".join(f"  export {name}={shlex.quote(value)}" for name, value in aws.environment.items())
    console.print(
        f"\n[bold]It stays up until Ctrl-C[/]\n  Airflow: {airflow.url}  user {USER}, password {airflow.password}\n"
        f"  For dzlineage, the AWS CLI and SDKs:\n{exports}\n  {_PROGRAM} graph {FINAL_TABLE}",
        soft_wrap=True,
    )
    while True:
        airflow.check()
        interrupt.check()
        time.sleep(1)


class _Progress:
    """Prints each new step once, with the seconds since the start."""

    def __init__(self, console: Console, started: float) -> None:
        self._console = console
        self._started = started
        self._last = ""

    def show(self, step: str) -> None:
        if step != self._last:
            self._last = step
            self._console.print(f"[dim]{time.monotonic() - self._started:5.0f} s[/]  {escape(step)}", soft_wrap=True)


@contextmanager
def _only_one(home: Path) -> Iterator[None]:
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise DzLineageError(f"another demo runs in {home}; stop it or choose another folder with --home") from None
        yield


if __name__ == "__main__":
    sys.exit(main())
