"""API keys, by reference where the producer can resolve one."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TypeAlias

from airflow_provider_dzlineage.aws.arns import Arn
from airflow_provider_dzlineage.errors import ConfigurationError

DEFAULT_VARIABLE = "OPENLINEAGE_API_KEY"
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# What an HTTP header carries as a bearer token; anything else is a slip of copying. Source: RFC 6750, section 2.1.
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]+")
_SECRET_ID = re.compile(r"[A-Za-z0-9/_+=.@:-]+")


@dataclass(frozen=True)
class KeyFromVariable:
    """A key that an environment variable of the producer holds.

    :param variable: name of the environment variable.
    """

    variable: str = DEFAULT_VARIABLE

    def __post_init__(self) -> None:
        _check_variable(self.variable)


@dataclass(frozen=True)
class KeyFromSecret:
    """A key that is a plain-text secret in AWS Secrets Manager.

    :param secret_id: ARN or name of the secret. The bare key is the secret's text, not JSON.
    :param variable: environment variable that carries the key where a producer cannot ask Secrets Manager itself.
    """

    secret_id: str
    variable: str = DEFAULT_VARIABLE

    def __post_init__(self) -> None:
        _check_variable(self.variable)
        if not _SECRET_ID.fullmatch(self.secret_id):
            raise ConfigurationError(
                "a secret is named by its ARN or name",
                example="arn:aws:secretsmanager:eu-west-1:123456789012:secret:openlineage-key-AbCdEf",
            )

    @property
    def region_name(self) -> str | None:
        """The Region that the ARN names; None for a name."""
        arn = Arn.parse(self.secret_id)
        return arn.region if arn else None


@dataclass(frozen=True)
class KeyInClear:
    """The key itself. Whoever reads the configuration reads it.

    :param value: the key, without ``Bearer``.
    """

    value: str = field(repr=False)

    def __post_init__(self) -> None:
        if not _TOKEN.fullmatch(self.value):
            raise ConfigurationError(
                "an API key is one word of letters, digits and . _ ~ + / = -, without the word Bearer"
            )


ApiKey: TypeAlias = KeyFromVariable | KeyFromSecret | KeyInClear


def key_text(key: ApiKey) -> str:
    """Return the text for a key where the reader expands environment variables, as Airflow and shells do.

    :return: ``${VARIABLE}`` for a key by reference.
    """
    return key.value if isinstance(key, KeyInClear) else f"${{{key.variable}}}"


def _check_variable(name: str) -> None:
    if not _VARIABLE.fullmatch(name):
        raise ConfigurationError(f"{name!r} is not the name of an environment variable", example=DEFAULT_VARIABLE)
