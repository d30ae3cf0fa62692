"""The page of the command line, from the parser that the program itself uses."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from airflow_provider_dzlineage.cli import build_parser

_INTRODUCTION = """\
# Command line

One program, `dzlineage`. Settings come from flags, then from the environment (`DZLINEAGE_QUEUE_URL`, …); each setting
of a command has a flag of its name and is described on the page [Settings](settings.md). The variables `AWS_*` and
`AWS_ENDPOINT_URL*` work as in every AWS tool.

| Exit code | Meaning |
|---|---|
| 0 | all well |
| 1 | done, but something needs a look |
| 2 | wrong usage or configuration |
| 130 | interrupted |

This page is generated from the program's own parser.
"""
_SETTINGS_GROUP = "settings"


def command_line_page() -> str:
    """Return the page as Markdown."""
    parts = [_INTRODUCTION]
    for path, parser, summary in commands(build_parser()):
        parts.append(_section(path, parser, summary))
    return "\n".join(parts)


def commands(
    parser: argparse.ArgumentParser, path: tuple[str, ...] = ("dzlineage",)
) -> Iterator[tuple[tuple[str, ...], argparse.ArgumentParser, str]]:
    """Yield each command with its words, its parser and its one-line summary, parents before children."""
    for action in parser._actions:
        if not isinstance(action, argparse._SubParsersAction):
            continue
        summaries = {choice.dest: choice.help or "" for choice in action._choices_actions}
        for name, child in action.choices.items():
            words = (*path, name)
            yield words, child, summaries.get(name, "")
            yield from commands(child, words)


def _section(path: tuple[str, ...], parser: argparse.ArgumentParser, summary: str) -> str:
    lines = [f"{'#' * len(path)} {' '.join(path)}", "", summary, ""]
    for group in parser._action_groups:
        rows = [action for action in group._group_actions if not _is_help(action)]
        if not rows or isinstance(rows[0], argparse._SubParsersAction):
            continue
        if group.title == _SETTINGS_GROUP:
            flags = ", ".join(f"`{action.option_strings[-1]}`" for action in rows)
            lines += [f"[Settings](settings.md): {flags}", ""]
            continue
        title = (group.title or "").capitalize()
        remark = f" ({group.description})" if group.description else ""
        lines += [f"| {title}{remark} | |", "|---|---|"]
        lines += [f"| {_names(action)} | {_help(parser, action)} |" for action in rows]
        lines.append("")
    if parser.epilog:
        lines += ["```text", parser.epilog.strip("\n"), "```", ""]
    return "\n".join(lines)


def _is_help(action: argparse.Action) -> bool:
    return action.help == argparse.SUPPRESS or "--help" in action.option_strings


def _names(action: argparse.Action) -> str:
    value = (
        "" if action.nargs == 0 else action.metavar or (action.dest.upper() if action.option_strings else action.dest)
    )
    if isinstance(action, argparse.BooleanOptionalAction):
        value = ""
    if isinstance(value, tuple):
        value = " ".join(value)
    if action.choices and action.metavar is None:
        value = ", ".join(map(str, action.choices))
    if not action.option_strings:
        return f"`{value}`"
    return ", ".join(f"`{name} {value}`".replace(" `", "`") for name in action.option_strings)


def _help(parser: argparse.ArgumentParser, action: argparse.Action) -> str:
    # Fills in the likes of %(default)s.
    text = parser._get_formatter()._expand_help(action) if action.help else ""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")
