"""Words that no file of the project may hold: they would tie it to one machine, or say that it is unfinished."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

# Written so that no pattern matches itself.
FORBIDDEN = {
    "a home folder": re.compile(r"/(?:root|home/\w+|Users/\w+)[/]"),
    "a temporary folder": re.compile(r"/(?:var/)?tm[p]/"),
    "a package registry": re.compile(r"pypi[.](?:org|python)|files[.]pythonhosted|//[^/\s]*/simple\b"),
    "unfinished work": re.compile(r"\b(?:TOD[O]|FIXM[E])\b"),
}
# It repeats the names of other people's events.
QUOTED = ROOT / "tests" / "unit" / "golden" / "corpus.txt"


def tracked_files() -> list[Path]:
    """List the files that git knows; outside a clone the tests are skipped."""
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip("this is no git clone")
    files = [ROOT / name for name in done.stdout.split("\0") if name]
    return [file for file in files if file.is_file() and file != QUOTED]


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_tracked_file_holds(what: str) -> None:
    found = []
    for path in tracked_files():
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if match := FORBIDDEN[what].search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {match[0]}")
    assert found == []


@pytest.mark.parametrize(
    ("what", "line"),
    [
        ("a home folder", "/".join(["", "home", "someone", "project"])),
        ("a temporary folder", "/".join(["", "tmp", "x"])),
        ("a package registry", ".".join(["https://pypi", "org"])),
        ("unfinished work", "# " + "TO" + "DO: later"),
    ],
)
def test_a_forbidden_word_is_found(what: str, line: str) -> None:
    assert FORBIDDEN[what].search(line)


def test_docstrings_say_what_a_thing_is_or_does() -> None:
    opening = re.compile(r'^\s*"""(?:What|Tell|Say|Whether|How)s? ', re.MULTILINE)

    found = [
        str(path) for path in (ROOT / "airflow_provider_dzlineage").rglob("*.py") if opening.search(path.read_text())
    ]

    assert found == []
