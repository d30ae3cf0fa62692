"""The transform ``redact``: secrets in SQL, addresses, environments, error messages, and in members named like one.

The same text is redacted in the same way wherever it stands, so that names that carry a secret stay one name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from airflow_provider_dzlineage.errors import InvalidEventError
from airflow_provider_dzlineage.lineage.event import json_bytes
from airflow_provider_dzlineage.lineage.redaction.literals import REDACTED, redact_match
from airflow_provider_dzlineage.lineage.redaction.names import names_a_secret
from airflow_provider_dzlineage.lineage.redaction.patterns import may_hold_a_secret, redact_text
from airflow_provider_dzlineage.lineage.transform import Event, compiled_pattern

_JSON = re.compile(r"\s*[\[{]")
# Where objects keep a name and its value, as environmentVariables does.
_NAME_MEMBERS = ("name", "key", "Name", "Key", "NAME", "KEY")
_VALUE_MEMBERS = ("value", "Value", "VALUE")


class Redaction:
    """A transform that redacts secrets.

    :param patterns: further regular expressions; their groups, or the whole match, are redacted.
    :raises ConfigurationError: when one is not valid.
    """

    def __init__(self, patterns: Sequence[str] = ()) -> None:
        self._own = [compiled_pattern(pattern, "redact") for pattern in patterns]

    def __call__(self, event: Event) -> Event:
        """Return the event without secrets; the same object when there is none."""
        redacted: Event = self._value(event)
        return redacted

    def raw(self, text: str) -> str:
        """Return the text of a message without secrets, be it an event or not; the same text when there is none."""
        return self._json(text) or self.text(text)

    def text(self, text: str) -> str:
        """Return one string without secrets; it may hold JSON."""
        # In JSON, escapes may hide any word.
        if may_hold_a_secret(text.lower()) or "\\u00" in text:
            text = self._json(text) or redact_text(text)
        for pattern in self._own:
            text = pattern.sub(redact_match, text)
        return text

    def _json(self, text: str) -> str | None:
        """Return JSON without secrets, the same text when there is none; None when it is not valid JSON."""
        if not _JSON.match(text):
            return None
        try:
            value = json.loads(text)
            redacted = self._value(value)
            return text if redacted is value else json_bytes(redacted).decode("utf-8")
        except (ValueError, RecursionError, InvalidEventError):
            return None

    def _value(self, value: Any) -> Any:
        """Return a JSON value without secrets; the same object when there is none."""
        top = [value]
        changes = False
        # Copies that still have the members of the originals. Without recursion, so no value is nested too deep.
        copies: list[tuple[Any, bool]] = [(top, False)]
        while copies:
            copy, is_secret = copies.pop()
            members = _members(copy) if isinstance(copy, dict) else _items(copy, is_secret)
            for place, item, hide in members:
                if isinstance(item, dict | list):
                    copy[place] = item.copy()
                    copies.append((copy[place], hide))
                elif isinstance(item, str) or hide:
                    # What is empty, or no more than yes or no, is no secret.
                    hidden = REDACTED if item and not isinstance(item, bool) else item
                    redacted = hidden if hide else self.text(item)
                    if redacted != item:
                        copy[place] = redacted
                        changes = True
            if isinstance(copy, dict) and any(_redacted_name(name) != name for name in copy):
                renamed = {_redacted_name(name): item for name, item in copy.items()}
                copy.clear()
                copy.update(renamed)
                changes = True
        return top[0] if changes else value


def _members(value: dict[str, Any]) -> Iterator[tuple[str, Any, bool]]:
    """Yield each member with its name, and whether its value is a secret."""
    named = next((member for member in _VALUE_MEMBERS if member in value), None)
    names = [value[member] for member in _NAME_MEMBERS if isinstance(value.get(member), str)] if named else []
    for name, item in value.items():
        yield name, item, _is_secret(name, item) or (name == named and any(_is_secret(each, item) for each in names))


def _items(values: list[Any], is_secret: bool) -> Iterator[tuple[int, Any, bool]]:
    """Yield each item with its index, and whether it is a secret; numbers alone are none.

    In a command, what follows an option with the name of a secret is one.
    """
    hide = is_secret and any(isinstance(item, str | list) for item in values)
    follows = False
    for index, item in enumerate(values):
        is_option = isinstance(item, str) and item.startswith("--")
        yield index, item, hide or (follows and not is_option)
        follows = is_option and names_a_secret(item)


def _is_secret(name: str, item: Any) -> bool:
    # Of tokens, it may also be their number.
    is_number = isinstance(item, int | float) or (isinstance(item, str) and item.isdigit())
    return names_a_secret(name) and not (is_number and name[-6:].lower() == "tokens")


# The same few names come again and again.
_redacted_name = lru_cache(maxsize=4096)(redact_text)
