"""Each command line of ``dzlineage`` and ``make`` in the documents is one that the program takes."""

from __future__ import annotations

import re
import shlex

import pytest

from airflow_provider_dzlineage.cli import build_parser
from tests.fixtures.documents import ROOT, blocks
from tools.docs.command_line import commands

_TARGETS = set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def command_lines(program: str) -> list[str]:
    """Return the commands of one program in console blocks, as they are typed."""
    found = []
    for block in blocks("console"):
        for typed in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
            words = _words(typed.replace("\\\n", " "))
            while words and "=" in words[0]:
                # A variable that is set for the command alone.
                del words[0]
            found += [shlex.join(command) for command in _split(words) if command[:1] == [program]]
    assert found
    return sorted(set(found))


def _words(typed: str) -> list[str]:
    """Return the words of a command, which may be of several lines; what it prints may stand behind it."""
    first, _, rest = typed.partition("\n")
    try:
        return shlex.split(first, comments=True)
    except ValueError:
        # A quotation goes on in the next line.
        return shlex.split(f"{first}\n{rest}", comments=True)


def _split(words: list[str]) -> list[list[str]]:
    """Take a pipeline apart, and leave redirections out."""
    parts: list[list[str]] = [[]]
    for word in words:
        if word == "|":
            parts.append([])
        else:
            parts[-1].append(word)
    return [part[: part.index(">")] if ">" in part else part for part in parts]


def examples_of_the_help() -> list[str]:
    """Return the commands in the help of the program's commands."""
    found = []
    for _, parser, _ in commands(build_parser()):
        for line in (parser.epilog or "").replace("\\\n", " ").splitlines():
            if match := re.search(r"(?:^| )(dzlineage .*)", line.strip()):
                words = shlex.split(match[1], comments=True)
                found.append(shlex.join(_split(words)[0]))
    return sorted(set(found))


@pytest.mark.parametrize("line", [*command_lines("dzlineage"), *examples_of_the_help()])
def test_the_parser_takes(line: str) -> None:
    build_parser().parse_args(shlex.split(line)[1:])


@pytest.mark.parametrize("line", command_lines("make"))
def test_there_is_such_a_target(line: str) -> None:
    targets = [word for word in shlex.split(line)[1:] if "=" not in word]

    assert targets
    assert set(targets) <= _TARGETS


@pytest.mark.parametrize("line", command_lines("pip"))
def test_there_is_such_an_extra(line: str) -> None:
    extras = re.findall(r"airflow-provider-dzlineage\[(\w+)\]", line)
    defined = (ROOT / "setup.cfg").read_text(encoding="utf-8").partition("[options.extras_require]")[2]

    assert set(extras) <= set(re.findall(r"^(\w+) =", defined, re.MULTILINE))
