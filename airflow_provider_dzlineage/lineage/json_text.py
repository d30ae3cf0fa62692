"""Events as JSON text."""

from __future__ import annotations

import json
from typing import Any

from airflow_provider_dzlineage.errors import InvalidEventError


def copy_of(value: Any) -> Any:
    """Return a JSON value that shares nothing with the one given, however deep it is nested."""
    return json.loads(json.dumps(value))


def encode(value: Any) -> bytes:
    """Return a JSON value as compact UTF-8, without escapes where JSON needs none.

    Half a character, which only an escape can hold, stays an escape.

    :raises InvalidEventError: with reason ``not_json`` when it holds a number that a JSON text can hold and Python
        cannot, such as 1e999.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except ValueError:
        raise InvalidEventError("not_json", "it holds a number that is too big") from None
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode("ascii")
