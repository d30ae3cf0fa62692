"""The files of ``examples/configuration/``, which ``dzlineage config`` prints, and where pages of ``docs/`` show files.

Run as a program, write both anew.
"""

from __future__ import annotations

import contextlib
import io
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from airflow_provider_dzlineage.cli import main

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "examples" / "configuration"
# <!-- file: dags/dzlineage_forward.py --> and the block behind it.
_SHOWN = re.compile(r"(<!-- file: (?P<file>\S+) -->\n```\w+\n).*?^```$", re.DOTALL | re.MULTILINE)


def configurations() -> Iterator[tuple[str, list[str]]]:
    """Yield the name of each file with the arguments of ``dzlineage`` that print it."""
    for line in (FOLDER / "commands.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, _, command = line.partition(": ")
            yield name, shlex.split(command)[1:]


def printed(arguments: list[str]) -> str:
    """Return what ``dzlineage`` prints to standard output."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(io.StringIO()):
        main(arguments)
    return output.getvalue()


def with_files(text: str) -> str:
    """Return a page in which each block that shows a file is that file."""
    return _SHOWN.sub(lambda shown: f"{shown[1]}{_content(shown['file'])}```", text)


def _content(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8").rstrip("\n") + "\n"


if __name__ == "__main__":
    for name, arguments in configurations():
        (FOLDER / name).write_text(printed(arguments), encoding="utf-8")
    for page in sorted((ROOT / "docs").rglob("*.md")):
        page.write_text(with_files(page.read_text(encoding="utf-8")), encoding="utf-8")
