"""Parsers of setting values: each returns the value in its type, or raises ValueError that says what it must be.

Values come from Airflow's configuration, the environment, flags, Python and JSON: as text or in their type. Imports the
standard library only, as the settings do.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

_ACCOUNT = re.compile(r"[0-9]{12}")


def sqs_queue_url(value: object) -> str:
    """Parse the URL of an SQS queue, on AWS or in an emulator."""
    url = str(value).strip()
    try:
        parts = urlsplit(url)
        # Reading the port is what checks it.
        is_url = parts.scheme in ("https", "http") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_url = False
    if not is_url or parts.path.strip("/").count("/") < 1:
        raise ValueError("must be the URL of a queue; copy it from the SQS console, with https://")
    if "@" in parts.netloc:
        raise ValueError("must be the URL of a queue without user and password; AWS credentials are set elsewhere")
    return url


def whole_number(value: object) -> int:
    """Parse a number from 1 on."""
    try:
        number = int(str(value))
    except ValueError:
        raise ValueError("must be a whole number") from None
    if number < 1:
        raise ValueError("must be 1 or more")
    return number


def seconds(value: object) -> float:
    """Parse a time in seconds, more than 0."""
    number = _number(value, "a number of seconds")
    if not 0 < number < math.inf:
        raise ValueError("must be more than 0")
    return number


def seconds_up_to(limit: float) -> Callable[[object], float]:
    """Return a parser of a time in seconds, more than 0 and at most ``limit``."""

    def parse(value: object) -> float:
        kind = f"a number of seconds up to {limit:.0f}"
        number = _number(value, kind)
        if not 0 < number <= limit:
            raise ValueError(f"must be {kind}")
        return number

    return parse


def rate(value: object) -> float:
    """Parse a number of posts a second; ``unlimited`` is infinite."""
    if str(value).strip().lower() == "unlimited":
        return math.inf
    number = _number(value, "a number, or unlimited")
    if not number > 0:
        raise ValueError("must be more than 0")
    return number


def one_of(*words: str) -> Callable[[object], str]:
    """Return a parser of one of some words."""

    def parse(value: object) -> str:
        word = str(value).strip().lower()
        if word not in words:
            raise ValueError(f"must be {', '.join(words[:-1])} or {words[-1]}")
        return word

    return parse


def flag(value: object) -> bool:
    """Parse true or false."""
    word = str(value).strip().lower()
    if word not in ("true", "false", "1", "0", "yes", "no", "on", "off"):
        raise ValueError("must be true or false")
    return word in ("true", "1", "yes", "on")


def texts(value: object) -> tuple[str, ...]:
    """Parse a list: a JSON array, or texts between commas."""
    if isinstance(value, str):
        value = _json(value) if value.lstrip().startswith("[") else value.split(",")
    return tuple(item.strip() for item in _strings(value, "a list of texts, as JSON or between commas"))


def patterns(value: object) -> tuple[str, ...]:
    """Parse regular expressions: a JSON array, or one as it is, since a comma may be part of it."""
    if isinstance(value, str):
        try:
            parsed = json.loads(value)
        except ValueError:
            parsed = None
        # An expression may begin with a bracket too.
        value = parsed if isinstance(parsed, list) else [value]
    return tuple(_strings(value, "a regular expression, or several as a JSON array"))


def account(value: object) -> str:
    """Parse the id of an AWS account."""
    if not _ACCOUNT.fullmatch(str(value)):
        raise ValueError("must be twelve digits")
    return str(value)


def json_object(value: object) -> dict[str, Any]:
    """Parse a JSON object."""
    if isinstance(value, str):
        value = _json(value)
    if not isinstance(value, dict):
        raise ValueError("must be a JSON object")
    return value


def _number(value: object, kind: str) -> float:
    try:
        return float(str(value))
    except ValueError:
        raise ValueError(f"must be {kind}") from None


def _strings(value: object, kind: str) -> list[str]:
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        raise ValueError(f"must be {kind}")
    return [item for item in value if item.strip()]


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise ValueError(f"is not valid JSON: {error}") from None
