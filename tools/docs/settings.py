"""The page of the settings, from what the provider tells Airflow about them."""

from __future__ import annotations

import argparse

from airflow_provider_dzlineage.cli import build_parser
from airflow_provider_dzlineage.get_provider_info import get_provider_info
from tools.docs.command_line import commands

_INTRODUCTION = """\
# Settings

The first source that has a value wins:

1. an argument of the operator or of `forwarding_dag()`, or a flag of the command line;
2. in Airflow, the section `[dzlineage]` of the Airflow configuration (on Amazon MWAA the configuration options
   `dzlineage.<name>`, in the environment `AIRFLOW__DZLINEAGE__<NAME>`);
3. the environment variable `DZLINEAGE_<NAME>`;
4. the default.

A value in the section counts only where it differs from the default, since Airflow does not distinguish a default from
a value that somebody wrote. A list is written as a JSON array or as texts between commas. A misspelt name is never
read; [`dzlineage doctor`](../doctor.md) finds it.

This page is generated from the code.
"""
_ENDPOINT = """\
## Options of the HTTP endpoint

`dzlineage serve` takes these as flags, and `dzlineage serve` and the Lambda handler as environment variables.

| Variable | Meaning |
|---|---|
"""


def settings_page() -> str:
    """Return the page as Markdown."""
    parts = [_INTRODUCTION]
    for name, option in get_provider_info()["config"]["dzlineage"]["options"].items():
        default = f"`{option['default']}`" if option["default"] else "none"
        parts.append(
            f"## `{name}`\n\n{option['description'].replace('``', '`')}\n\n"
            f"Type: {option['type']} · default: {default}\n\n```ini\n[dzlineage]\n{name} = {option['example']}\n```\n"
        )
    return "\n".join([*parts, _ENDPOINT + "".join(map(_row, _endpoint_options()))])


def _endpoint_options() -> list[argparse.Action]:
    (serve,) = (parser for path, parser, _ in commands(build_parser()) if path[1:] == ("serve",))
    (group,) = (group for group in serve._action_groups if group.title == "endpoint")
    return group._group_actions


def _row(action: argparse.Action) -> str:
    meaning = (action.help or "").replace("%%", "%").replace("|", "\\|")
    return f"| `DZLINEAGE_{action.dest.upper()}` | {meaning} |\n"
