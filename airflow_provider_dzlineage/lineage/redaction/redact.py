"""Secrets in what producers send: SQL, addresses, environments, error messages.

The same text is blotted out in the same way wherever it stands, so that names that carry a secret stay one name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from airflow_provider_dzlineage.errors import InvalidEventError
from airflow_provider_dzlineage.lineage.event import encode
from airflow_provider_dzlineage.lineage.redaction.literals import BLOT
from airflow_provider_dzlineage.lineage.redaction.secrets import may_hold_a_secret, without_secrets
from airflow_provider_dzlineage.lineage.redaction.values import without_secret_values
from airflow_provider_dzlineage.lineage.transform import Event
from airflow_provider_dzlineage.lineage.transforms.patterns import compiled

_JSON = re.compile(r"\s*[\[{]")


class Redaction:
    """A transform that blots out secrets.

    :param patterns: further regular expressions; their groups, or the whole match, are blotted out.
    :raises ConfigurationError: when one is wrong.
    """

    def __init__(self, patterns: Sequence[str] = ()) -> None:
        self._own = [compiled(pattern, "redact") for pattern in patterns]

    def __call__(self, event: Event) -> Event:
        """Return the event without secrets; the same object when there is none."""
        cleaned: Event = without_secret_values(event, self.text)
        return cleaned

    def raw(self, text: str) -> str:
        """Return the text of a message without secrets, be it an event or not; the same text when there is none."""
        return self._json(text) or self.text(text)

    def text(self, text: str) -> str:
        """Return one string without secrets; it may hold JSON."""
        # In JSON, escapes may hide any word.
        if may_hold_a_secret(text.lower()) or "\\u00" in text:
            text = self._json(text) or without_secrets(text)
        for pattern in self._own:
            text = pattern.sub(_blot, text)
        return text

    def _json(self, text: str) -> str | None:
        """Return JSON without secrets, the same text when there is none; nothing when it is no JSON."""
        if not _JSON.match(text):
            return None
        try:
            value = json.loads(text)
            cleaned = without_secret_values(value, self.text)
            return text if cleaned is value else encode(cleaned).decode("utf-8")
        except (ValueError, RecursionError, InvalidEventError):
            return None


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
