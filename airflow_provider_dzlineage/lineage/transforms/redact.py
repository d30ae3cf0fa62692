"""Secrets in what producers send: SQL, addresses, environments, error messages.

The same text is blotted out in the same way wherever it stands, so that names that carry a secret stay one name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from airflow_provider_dzlineage.lineage.json_text import encode
from airflow_provider_dzlineage.lineage.transform import Event
from airflow_provider_dzlineage.lineage.transforms.patterns import compiled
from airflow_provider_dzlineage.lineage.transforms.secrets import SECRETS, may_hold_a_secret, names_a_secret

BLOT = "***"


class Redaction:
    """A transform that blots out secrets.

    :param patterns: further regular expressions; their groups, or the whole match, are blotted out.
    :raises ConfigurationError: when one is wrong.
    """

    def __init__(self, patterns: Sequence[str] = ()) -> None:
        self._own = [compiled(pattern, "redact") for pattern in patterns]

    def __call__(self, event: Event) -> Event:
        """Return the event without secrets; the same object when there is none."""
        cleaned: Event = self._value(event)
        return event if cleaned == event else cleaned

    def raw(self, text: str) -> str:
        """Return the text of a message without secrets, be it an event or not; the same text when there is none."""
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return self.text(text)
        if not isinstance(value, dict | list):
            return self.text(text)
        try:
            cleaned = self._value(value)
            return text if cleaned == value else encode(cleaned).decode("utf-8")
        except (ValueError, RecursionError):
            return self.text(text)

    def text(self, text: str) -> str:
        """Return one string without secrets."""
        if may_hold_a_secret(text.lower()):
            for secret in SECRETS:
                text = secret.sub(_blot, text)
        for pattern in self._own:
            text = pattern.sub(_blot, text)
        return text

    def _value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self._value(item) for item in value]
        if not isinstance(value, dict):
            return value
        cleaned = {
            key: _blotted(item) if _is_text(item) and names_a_secret(key) else self._value(item)
            for key, item in value.items()
        }
        # As the facet environmentVariables does.
        if isinstance(value.get("value"), str) and isinstance(value.get("name"), str) and names_a_secret(value["name"]):
            cleaned["value"] = BLOT
        return cleaned


def _is_text(value: Any) -> bool:
    """Tell whether a value is text, or a list of some; an object may be what is told of a column of this name."""
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(item, str) for item in value))


def _blotted(value: str | list[str]) -> str | list[str]:
    if isinstance(value, list):
        return [BLOT if item else item for item in value]
    return BLOT if value else value


def redact(patterns: Sequence[str] = ()) -> Redaction:
    """Make the transform; see :class:`Redaction`."""
    return Redaction(patterns)


def _blot(match: re.Match[str]) -> str:
    """Blot out the groups of a match; without a group, all of it."""
    whole, start = match[0], match.start()
    spans = sorted({match.span(group) for group in range(1, match.re.groups + 1)} - {(-1, -1)})
    if not spans:
        return BLOT
    parts, position = [], 0
    for begin, end in spans:
        if begin - start >= position:
            parts += [whole[position : begin - start], BLOT if end > begin else ""]
            position = end - start
    return "".join([*parts, whole[position:]])
