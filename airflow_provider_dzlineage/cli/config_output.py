"""Texts of ``dzlineage config``: what a user pastes goes to standard output, remarks about it to standard error."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping

from rich.console import Console
from rich.markup import escape

from airflow_provider_dzlineage.transport_config import Destination, Http, KeyFromSecret, KeyInClear
from airflow_provider_dzlineage.transport_config.keys import key_text


def paste(text: str) -> None:
    """Print what is to be pasted, exactly as it is."""
    sys.stdout.write(text if text.endswith("\n") else f"{text}\n")


def remark(text: str) -> None:
    """Print a remark."""
    Console(stderr=True, soft_wrap=True, highlight=False).print(f"[dim]# {escape(text)}[/]")


def export_lines(variables: Mapping[str, str], destination: Destination, *, shell_expands: bool) -> str:
    """Return shell lines that set environment variables.

    :param shell_expands: whether a key by reference is put in by the shell; otherwise its reader does so.
    """
    key = destination.api_key if isinstance(destination, Http) else None
    reference = key_text(key) if key and not isinstance(key, KeyInClear) else None
    lines = []
    if isinstance(key, KeyFromSecret):
        ask = f"aws secretsmanager get-secret-value --secret-id {key.secret_id} --query SecretString --output text"
        lines.append(f'export {key.variable}="$({ask})"')
    for name, value in variables.items():
        if shell_expands and reference and reference in value:
            lines.append(f'export {name}="{_in_double_quotes(value)}"')
        else:
            lines.append(f"export {name}={shlex.quote(value)}")
    return "\n".join(lines) + "\n"


def remark_on_key(destination: Destination, where: str) -> None:
    """Say where a key by reference has to be.

    :param where: a sentence, in which ``{variable}`` is the name of the environment variable.
    """
    key = destination.api_key if isinstance(destination, Http) else None
    if key is not None and not isinstance(key, KeyInClear):
        remark(where.format(variable=key.variable))


def remark_on_clear_key(destination: Destination, text: str) -> None:
    """Say who reads a key that was printed in clear."""
    if isinstance(destination, Http) and isinstance(destination.api_key, KeyInClear):
        remark(text)


def _in_double_quotes(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("`", "\\`")
