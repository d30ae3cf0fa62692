"""The page of the settings, from their declarations."""

from __future__ import annotations

from airflow_provider_dzlineage.receiver.options import ReceiverOptions
from airflow_provider_dzlineage.settings.loader import SettingDescription, describe
from airflow_provider_dzlineage.settings.site import Settings

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
    parts = [_INTRODUCTION, *map(_section, describe(Settings))]
    return "\n".join([*parts, _ENDPOINT + "".join(map(_row, describe(ReceiverOptions)))])


def _section(setting: SettingDescription) -> str:
    return (
        f"## `{setting.name}`\n\n{setting.help.replace('``', '`')}\n\n"
        f"Type: {setting.type} · default: {_default(setting)}\n\n"
        f"```ini\n[dzlineage]\n{setting.name} = {setting.example}\n```\n"
    )


def _row(option: SettingDescription) -> str:
    meaning = option.help.replace("``", "`").replace("|", "\\|")
    return f"| `{option.variable}` | {meaning} Default: {_default(option)}. Example: `{option.example}`. |\n"


def _default(setting: SettingDescription) -> str:
    return f"`{setting.default}`" if setting.default else "none"
