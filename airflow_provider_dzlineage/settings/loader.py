"""Settings declared as dataclasses: how a field describes itself, and the one loader of their values.

The settings of the package, the HTTP endpoint's options and the transports' configuration are such dataclasses. Imports
the standard library only, since the provider's information is derived from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any

from airflow_provider_dzlineage.errors import ConfigurationError
from airflow_provider_dzlineage.settings import parsers

ENVIRONMENT_PREFIX = "DZLINEAGE_"

# In the words of Airflow's provider schema; what else there is, a person writes as a string.
_TYPES: dict[object, str] = {parsers.whole_number: "integer", parsers.seconds: "float", parsers.flag: "boolean"}


def setting(
    *,
    parse: Callable[[object], Any] = str,
    default: object = None,
    example: str,
    help: str,  # noqa: A002
) -> Any:
    """Declare a setting as the field of a dataclass.

    :param parse: returns the value in its type; raises ValueError that says what it must be.
    :param default: value when no source has it; ``MISSING`` for a setting that is required.
    :param example: a right value, as a person would write it.
    :param help: a description for a person.
    """
    metadata = {"parse": parse, "example": example, "help": help}
    if isinstance(default, dict):
        return field(default_factory=dict, metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True)
class SettingDescription:
    """A setting, for documentation and for Airflow.

    :param type: ``string``, ``integer``, ``float`` or ``boolean``.
    :param default: as a person would write it; None for none.
    :param help: what it is, with literals between double backticks.
    """

    name: str
    variable: str
    type: str
    default: str | None
    example: str
    help: str


def describe(declared: type) -> list[SettingDescription]:
    """Return a description of each setting of a dataclass, in their order."""
    return [
        SettingDescription(
            name=each.name,
            variable=variable_of(each.name),
            type=_TYPES.get(each.metadata["parse"], "string"),
            default=_written(each.default),
            example=each.metadata["example"],
            help=each.metadata["help"],
        )
        for each in _settings_of(declared)
    ]


def variable_of(name: str) -> str:
    """Return the environment variable of a setting, for example ``DZLINEAGE_QUEUE_URL``."""
    return ENVIRONMENT_PREFIX + name.upper()


def from_environment(declared: type, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the settings of a dataclass that environment variables hold, by their names."""
    names = {each.name: variable_of(each.name) for each in _settings_of(declared)}
    return {name: environment[variable] for name, variable in names.items() if variable in environment}


def read_settings(
    declared: type, *sources: Mapping[str, object]
) -> tuple[dict[str, Any], dict[str, ConfigurationError]]:
    """Return the settings that the sources hold, and what is wrong with the others.

    :param sources: settings by name; for each, the first source that has it wins. None and "" count as not set.
    :return: parsed values by name; and by name the error, whose message begins with what the value must be.
    """
    known = {each.name: each for each in _settings_of(declared)}
    unknown = sorted({name for source in sources for name in source} - known.keys())
    errors = {name: ConfigurationError(f"is unknown; there are: {', '.join(known)}") for name in unknown}
    values = {}
    for name, each in known.items():
        candidates = (source.get(name) for source in sources)
        value = next((candidate for candidate in candidates if candidate not in (None, "")), None)
        if value is None:
            continue
        try:
            values[name] = each.metadata["parse"](value)
        except ValueError as error:
            errors[name] = wrong_value(declared, name, str(error))
    return values, errors


def wrong_value(declared: type, name: str, problem: str) -> ConfigurationError:
    """Return the error about the value of a setting, which says what it must be, with its example."""
    example = next(each.metadata["example"] for each in _settings_of(declared) if each.name == name)
    return ConfigurationError(problem, example=repr(example))


def joined(errors: Mapping[str, ConfigurationError]) -> ConfigurationError:
    """Return one error for one or more of them, by what to call each value, for example ``setting 'rate'``."""
    if len(errors) > 1:
        return ConfigurationError("\n".join(f"{name}: {error}" for name, error in errors.items()))
    ((name, error),) = errors.items()
    return ConfigurationError(f"{name}: {error.message}", fix=error.fix, example=error.example)


def _settings_of(declared: type) -> list[Field[Any]]:
    return [each for each in fields(declared) if "parse" in each.metadata]


def _written(default: object) -> str | None:
    if isinstance(default, tuple):
        return ",".join(default) or None
    if isinstance(default, bool):
        return str(default).lower()
    return str(default) if default and default is not MISSING else None
