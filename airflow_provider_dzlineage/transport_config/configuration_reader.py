"""A reader of what a user has configured: JSON, YAML, variables, ``airflow.cfg``, Spark's, Glue's and EMR's texts.

Source of what the Python client's variables make: "Configuration" of https://openlineage.io/docs/client/python , and
``_load_config_from_env_variables`` of its ``OpenLineageClient``.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

NOT_JSON = (
    "this begins with { and is not valid JSON, in which names and texts stand in double quotes; Airflow and "
    "environment variables take JSON only"
)
_QUOTES = "the JSON stands in quotes: Amazon MWAA and airflow.cfg take it without quotes around it"
_SCRIPT = (
    "this is a script, which cannot be checked: check the settings that its job gets beside it, as dzlineage config "
    "glue prints them without --format script"
)
_VARIABLE_LINE = re.compile(r"\s*(?:export\s+|-\s+)?((?i:openlineage|airflow)_\w+)=(.*)")
_SPARK_LINE = re.compile(r"\s*((?:EMR\.secret@)?spark\.[^\s=]+)(?:\s*=\s*|\s+)(.*)")
# An option without a value is as good as none.
_OPTION_LINE = re.compile(r"\s*(?:openlineage\.)?transport\s*=\s*(\S.*)")
# What `SparkSubmitOptionParser` of Spark takes, also as `--conf=key=value`. Other programs have a -c too.
_CONF_FLAGS = ("--conf", "-c")
_COMMAND_LINE = re.compile(r"--conf|(?:^|\s)-c\s+['\"]?(?:EMR\.secret@)?spark\.")
# The members in which requests and responses of AWS, and `dzlineage config mwaa`, hold configurations.
_WRAPPERS = {
    # Amazon MWAA.
    *("Environment", "AirflowConfigurationOptions", "options"),
    # AWS Glue.
    *("Job", "JobRun", "JobUpdate", "DefaultArguments", "Arguments"),
    # Amazon EMR, on EC2 and Serverless.
    *("Cluster", "Configurations", "Properties"),
    *("application", "configurationOverrides", "applicationConfiguration", "runtimeConfiguration"),
    *("configurations", "properties"),
}


@dataclass
class UserConfiguration:
    """A configuration, as far as it was understood.

    :param transport: the Python client's ``transport``; None where there is none.
    :param document: an ``openlineage.yml`` as a whole.
    :param spark: Spark's settings.
    :param variables: environment variables.
    :param glue: parameters of a Glue job.
    :param from_variables: whether ``transport`` was put together from variables' names.
    :param from_url: whether ``transport`` is what ``OPENLINEAGE_URL`` alone makes.
    :param is_bare: whether ``transport`` stood by itself, under no name.
    :param on_command_line: whether ``spark`` came from ``--conf`` arguments.
    :param hints: the mistakes that reading found.
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
    hints: list[str] = field(default_factory=list)

    @property
    def is_understood(self) -> bool:
        """True when anything was found."""
        return bool(self.transport is not None or self.document or self.spark or self.variables or self.hints)


def read_configuration(config: str | Mapping[str, Any] | list[Any]) -> UserConfiguration:
    """Read a configuration.

    :param config: a text of any of the forms that this package writes, or what a JSON or YAML parser made of one.
    """
    found = UserConfiguration()
    if not isinstance(config, str):
        _read_value(config, found)
        return found
    text = _without_quotes(config.strip(), found)
    value = json_or_none(text)
    if value is not None:
        _read_value(value, found)
    elif _COMMAND_LINE.search(text):
        _read_command_line(text, found)
    elif "SparkConf(" in text:
        found.hints.append(_SCRIPT)
    else:
        _read_lines(text, found)
        if not found.is_understood:
            _read_yaml(text, found)
    if value is None and text.startswith("{"):
        found.hints.append(NOT_JSON)
    return found


def walk_transports(transport: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield a transport and those inside it."""
    yield transport
    inner = transport.get("transports")
    for each in inner.values() if isinstance(inner, Mapping) else inner if isinstance(inner, list) else ():
        if isinstance(each, Mapping):
            yield from walk_transports(each)


def json_or_none(text: str) -> Any:
    """Return the value of a JSON text; None when it is not valid JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _read_value(value: Any, found: UserConfiguration) -> None:
    if isinstance(value, list):
        for item in value:
            _read_value(item, found)
    elif not isinstance(value, Mapping):
        return
    elif "--conf" in value:
        found.glue = value
        _read_command_line(str(value["--conf"]), found)
    elif _has_spark_settings(value):
        found.spark |= {key: str(text) for key, text in value.items()}
    elif "openlineage.transport" in value:
        _read_option(value["openlineage.transport"], found)
    elif any(re.match("(?i)(openlineage|airflow)_", key) for key in value):
        found.variables |= {key: str(text) for key, text in value.items()}
        _read_variables(found)
    elif isinstance(value.get("transport"), Mapping) or "facets" in value or "aspects" in value:
        found.document, found.transport = value, value.get("transport")
    elif "type" not in value and _WRAPPERS & value.keys():
        for inner in _unwrapped(value):
            _read_value(inner, found)
    else:
        found.transport, found.is_bare = value, bool({"type", "kind"} & value.keys())


def _has_spark_settings(value: Mapping[str, Any]) -> bool:
    return any("spark." in key for key in value)


def _unwrapped(value: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    # Jobs and clusters have much else.
    configurations = _WRAPPERS | {"--conf", "openlineage.transport"}
    for name in filter(_WRAPPERS.__contains__, value):
        for inner in value[name] if isinstance(value[name], list) else [value[name]]:
            if isinstance(inner, Mapping) and (configurations & inner.keys() or _has_spark_settings(inner)):
                yield inner


def _read_command_line(line: str, found: UserConfiguration) -> None:
    # The value of Glue's parameter begins without a --conf.
    found.on_command_line = True
    try:
        words = shlex.split(line.replace("\\\n", " "))
    except ValueError:
        words = line.split()
    for before, word in zip(["--conf", *words], words, strict=False):
        pair = word.removeprefix("--conf=")
        key, is_pair, value = pair.partition("=")
        if is_pair and (before in _CONF_FLAGS or pair != word) and key not in _CONF_FLAGS:
            found.spark[key] = value


def _read_lines(text: str, found: UserConfiguration) -> None:
    for line in text.splitlines():
        if match := _SPARK_LINE.fullmatch(line):
            found.spark[match[1]] = match[2].strip()
        elif match := _VARIABLE_LINE.fullmatch(line):
            # The quotes are the shell's.
            found.variables[match[1]] = _unquoted(match[2].strip())
        elif match := _OPTION_LINE.fullmatch(line):
            _read_option(match[1].strip().replace("%%", "%"), found)
    _read_variables(found)


def _read_yaml(text: str, found: UserConfiguration) -> None:
    import yaml  # type: ignore[import-untyped]

    try:
        # Of what YAML has and JSON has not, such as numbers for names, nothing is a configuration.
        value = json.loads(json.dumps(yaml.safe_load(text), default=str, skipkeys=True))
    except (yaml.YAMLError, ValueError, RecursionError):
        if not text.startswith("{"):
            found.hints.append("this is not valid JSON, not YAML, and not lines of variables or settings")
    else:
        _read_value(value, found)


def _read_option(value: Any, found: UserConfiguration) -> None:
    transport = value if isinstance(value, Mapping) else json_or_none(_without_quotes(str(value).strip(), found))
    if isinstance(transport, Mapping):
        found.transport = transport
    else:
        found.hints.append("openlineage.transport is not a JSON object on one line")


def _read_variables(found: UserConfiguration) -> None:
    if (option := found.variables.get("AIRFLOW__OPENLINEAGE__TRANSPORT")) is not None:
        _read_option(option, found)
        return
    nested: dict[str, Any] = {}
    # As the client does: names lower-cased, values JSON where they are, shorter names over longer ones.
    for name, text in sorted(found.variables.items(), reverse=True):
        if name.startswith("OPENLINEAGE__"):
            *outer, last = name.lower().split("__")[1:]
            value = json_or_none(text)
            if value is None and text.startswith("{"):
                found.hints.append(f"{name} is not valid JSON, in which names and texts stand in double quotes")
            section = nested
            for key in outer:
                if not isinstance(section.get(key), dict):
                    section[key] = {}
                section = section[key]
            # A wrong name of the key gets one hint, by the name of its variable.
            section["api_key" if last == "apikey" else last] = text if value is None else value
    transport, url = nested.get("transport"), found.variables.get("OPENLINEAGE_URL")
    if url and not (isinstance(transport, Mapping) and transport.get("type")):
        found.transport, found.from_url = {"type": "http", "url": url}, True
        if endpoint := found.variables.get("OPENLINEAGE_ENDPOINT"):
            found.transport["endpoint"] = endpoint
        if found.variables.get("OPENLINEAGE_API_KEY"):
            found.transport["auth"] = {"type": "api_key", "apiKey": "${OPENLINEAGE_API_KEY}"}
    elif isinstance(transport, Mapping):
        found.transport, found.from_variables = transport, True


def _without_quotes(text: str, found: UserConfiguration) -> str:
    inner = _unquoted(text)
    if inner == text or not inner.lstrip().startswith("{"):
        return text
    found.hints.append(_QUOTES)
    return inner


def _unquoted(text: str) -> str:
    if len(text) < 2 or text[0] != text[-1] or text[0] not in "'\"":
        return text
    inner = text[1:-1]
    return re.sub(r'\\(["\\])', r"\1", inner) if text[0] == '"' else inner
