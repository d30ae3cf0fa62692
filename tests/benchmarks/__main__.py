"""Runs the benchmarks: ``python tests/benchmarks [--runs N] [--json FILE] [NAME...]``, or ``make bench``.

A benchmark is a module of this folder, its name without a leading underscore, with ``run(runs: int) -> list[dict]``.
Each row holds ``name``, ``value`` with its ``unit``, ``against`` (what it is compared with, measured in the same run),
``ratio``, ``goal`` and ``met``; the last three are None where they make no sense. Exits with 1 when a goal is missed.
"""

from __future__ import annotations

import argparse
import importlib
import json
import platform
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

FOLDER = Path(__file__).parent


def main() -> int:
    """Run what the command line names, print the table, write the JSON.

    :return: the exit code.
    """
    benchmarks = _benchmarks()
    parser = argparse.ArgumentParser(prog="python tests/benchmarks", description="Run the benchmarks.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(benchmarks)}; all without any")
    parser.add_argument("--runs", type=int, default=11, metavar="N", help="measurements for each median (default 11)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows here too")
    arguments = parser.parse_args()
    unknown = set(arguments.names) - benchmarks.keys()
    if unknown:
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; there are: {', '.join(benchmarks)}")
    console = Console()
    rows: list[dict[str, Any]] = []
    for name in arguments.names or benchmarks:
        console.print(f"[dim]{name} …[/dim]")
        rows += benchmarks[name].run(arguments.runs)
    console.print(_table(rows))
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        machine = {"python": platform.python_version(), "machine": platform.machine(), "runs": arguments.runs}
        arguments.json.write_text(json.dumps({**machine, "rows": rows}, indent=2) + "\n", encoding="utf-8")
        console.print(f"wrote {arguments.json}")
    return 0 if all(row["met"] is not False for row in rows) else 1


def _benchmarks() -> dict[str, Any]:
    names = sorted(path.stem for path in FOLDER.glob("[!_]*.py"))
    return {name: importlib.import_module(name) for name in names}


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table("benchmark", "figure", "against", "ratio", "goal", "")
    verdicts = {True: "[green]met[/green]", False: "[red]missed[/red]", None: ""}
    for row in rows:
        figure = f"{row['value']:.3f} {row['unit']}"
        ratio = "" if row["ratio"] is None else f"{row['ratio']:.2f}x"
        table.add_row(row["name"], figure, row["against"], ratio, row["goal"] or "", verdicts[row["met"]])
    return table


if __name__ == "__main__":
    sys.exit(main())
