"""What a user has configured, read from whatever it stands in: JSON, YAML, variables, options, Spark and Glue texts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from airflow_provider_dzlineage.transport_config.command_line import is_command_line, settings_on
from airflow_provider_dzlineage.transport_config.variables import from_variables, parsed_json
from airflow_provider_dzlineage.transport_config.wrappers import held_by, is_wrapper

NOT_JSON = (
    "this begins with { and is no JSON, in which names and texts stand in double quotes; Airflow and environment "
    "variables take JSON only"
)
QUOTES = "the JSON stands in quotes: Amazon MWAA and airflow.cfg take it without quotes around it"
SCRIPT = (
    "this is a script, which cannot be checked: check the settings that its job gets beside it, as dzlineage config "
    "glue prints them without --format script"
)
_VARIABLE = re.compile(r"\s*(?:export\s+|-\s+)?((?i:openlineage|airflow)_\w+)=(.*)")
_SPARK = re.compile(r"\s*((?:EMR\.secret@)?spark\.[^\s=]+)(?:\s*=\s*|\s+)(.*)")
# An option without a value is as good as none.
_OPTION = re.compile(r"\s*(?:openlineage\.)?transport\s*=\s*(\S.*)")


@dataclass
class Given:
    """A configuration, as far as it was understood.

    :param transport: the Python client's ``transport``; None where there is none.
    :param document: an ``openlineage.yml`` as a whole.
    :param spark: Spark's settings.
    :param variables: environment variables.
    :param glue: parameters of a Glue job.
    :param from_variables: whether ``transport`` was put together from variables' names.
    :param from_url: whether ``transport`` is what ``OPENLINEAGE_URL`` alone makes.
    :param is_bare: whether ``transport`` is one that was given by itself, under no name.
    :param on_command_line: whether ``spark`` came from ``--conf`` arguments.
    :param remarks: hints that reading gave.
    """

    transport: Mapping[str, Any] | None = None
    document: Mapping[str, Any] = field(default_factory=dict)
    spark: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    glue: Mapping[str, Any] = field(default_factory=dict)
    from_variables: bool = False
    from_url: bool = False
    is_bare: bool = False
    on_command_line: bool = False
    remarks: list[str] = field(default_factory=list)

    @property
    def understood(self) -> bool:
        """Whether anything was found."""
        return bool(self.transport is not None or self.document or self.spark or self.variables or self.remarks)


def given(config: str | Mapping[str, Any] | list[Any]) -> Given:
    """Read a configuration.

    :param config: a text of any of the forms that this package writes, or what a JSON or YAML parser made of one.
    """
    found = Given()
    if not isinstance(config, str):
        _read_value(config, found)
        return found
    text = _without_quotes(config.strip(), found)
    parsed = parsed_json(text)
    if parsed is not None:
        _read_value(parsed, found)
    elif is_command_line(text):
        _read_chain(text, found)
    elif "SparkConf(" in text:
        found.remarks.append(SCRIPT)
    else:
        _read_lines(text, found)
        if not found.understood:
            _read_yaml(text, found)
    if parsed is None and text.startswith("{"):
        found.remarks.append(NOT_JSON)
    return found


def _read_value(value: Any, found: Given) -> None:
    if isinstance(value, list):
        for item in value:
            _read_value(item, found)
    elif not isinstance(value, Mapping):
        return
    elif "--conf" in value:
        found.glue = value
        _read_chain(str(value["--conf"]), found)
    elif any("spark." in key for key in value):
        found.spark |= {key: str(text) for key, text in value.items()}
    elif "openlineage.transport" in value:
        _read_option(value["openlineage.transport"], found)
    elif any(re.match("(?i)(openlineage|airflow)_", key) for key in value):
        found.variables |= {key: str(text) for key, text in value.items()}
        _read_variables(found)
    elif isinstance(value.get("transport"), Mapping) or "facets" in value or "aspects" in value:
        found.document, found.transport = value, value.get("transport")
    elif is_wrapper(value):
        for each in held_by(value):
            _read_value(each, found)
    else:
        found.transport, found.is_bare = value, bool({"type", "kind"} & value.keys())


def _read_chain(text: str, found: Given) -> None:
    found.on_command_line = True
    found.spark |= settings_on(text)


def _read_lines(text: str, found: Given) -> None:
    for line in text.splitlines():
        if match := _SPARK.fullmatch(line):
            found.spark[match[1]] = match[2].strip()
        elif match := _VARIABLE.fullmatch(line):
            # The quotes are the shell's.
            found.variables[match[1]] = _unquoted(match[2].strip())
        elif match := _OPTION.fullmatch(line):
            _read_option(match[1].strip().replace("%%", "%"), found)
    _read_variables(found)


def _read_yaml(text: str, found: Given) -> None:
    import yaml  # type: ignore[import-untyped]

    try:
        # Of what YAML has and JSON has not, such as numbers for names, nothing is a configuration.
        value = json.loads(json.dumps(yaml.safe_load(text), default=str, skipkeys=True))
    except (yaml.YAMLError, ValueError, RecursionError):
        if not text.startswith("{"):
            found.remarks.append("this is no JSON, no YAML, and no lines of variables or settings")
    else:
        _read_value(value, found)


def _read_option(value: Any, found: Given) -> None:
    text = _without_quotes(str(value).strip(), found) if not isinstance(value, Mapping) else json.dumps(value)
    parsed = parsed_json(text)
    if isinstance(parsed, Mapping):
        found.transport = parsed
    else:
        found.remarks.append("openlineage.transport is no JSON object on one line")


def _read_variables(found: Given) -> None:
    if (option := found.variables.get("AIRFLOW__OPENLINEAGE__TRANSPORT")) is not None:
        _read_option(option, found)
        return
    made = from_variables(found.variables)
    found.remarks += made.remarks
    if made.transport is not None:
        found.transport, found.from_url, found.from_variables = made.transport, made.is_of_url, not made.is_of_url


def _without_quotes(text: str, found: Given) -> str:
    inner = _unquoted(text)
    if inner == text or not inner.lstrip().startswith("{"):
        return text
    found.remarks.append(QUOTES)
    return inner


def _unquoted(text: str) -> str:
    if len(text) < 2 or text[0] != text[-1] or text[0] not in "'\"":
        return text
    inner = text[1:-1]
    return re.sub(r'\\(["\\])', r"\1", inner) if text[0] == '"' else inner


def walk(transport: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield a transport and those in it."""
    yield transport
    inner = transport.get("transports")
    for each in inner.values() if isinstance(inner, Mapping) else inner if isinstance(inner, list) else ():
        if isinstance(each, Mapping):
            yield from walk(each)
