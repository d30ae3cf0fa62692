"""Regular expressions that a setting holds."""

from __future__ import annotations

import re

from airflow_provider_dzlineage.errors import ConfigurationError


def compiled(pattern: str, setting: str) -> re.Pattern[str]:
    """Compile a pattern.

    :param setting: its name, for the error.
    :raises ConfigurationError: when it is no regular expression.
    """
    try:
        return re.compile(pattern)
    except (re.error, TypeError) as error:
        raise ConfigurationError(f"setting {setting!r}: {pattern!r} is no regular expression: {error}") from None
