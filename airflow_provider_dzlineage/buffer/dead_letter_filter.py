"""A choice among dead letters."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase

from airflow_provider_dzlineage.buffer.dead_letter_queue import DlqMessage
from airflow_provider_dzlineage.errors import ConfigurationError

_AGE = re.compile(r"(\d+(?:\.\d+)?)([smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


@dataclass(frozen=True, kw_only=True)
class DlqFilter:
    """Criteria that a dead letter has to meet, all of them; None leaves a criterion out. Texts are globs.

    :param ids: message ids, in the dead-letter queue or in the buffer.
    :param job: on ``<namespace>.<name>``.
    :param older_than: age of the event in seconds.
    :param newer_than: age of the event in seconds.
    """

    ids: frozenset[str] | None = None
    reason: str | None = None
    error_code: str | None = None
    job: str | None = None
    namespace: str | None = None
    older_than: float | None = None
    newer_than: float | None = None

    @property
    def is_empty(self) -> bool:
        """True when every dead letter matches."""
        return all(getattr(self, criterion.name) is None for criterion in fields(self))

    def matches(self, dead_letter: DlqMessage, now: float | None = None) -> bool:
        """Return whether a dead letter meets all criteria.

        :param now: seconds since the epoch; the present without it.
        """
        age = (time.time() if now is None else now) - dead_letter.message.sent_at / 1000
        return (
            (self.ids is None or bool(self.ids & {dead_letter.id, dead_letter.message_id}))
            and _matches_glob(dead_letter.reason, self.reason)
            and _matches_glob(dead_letter.error_code, self.error_code)
            and _matches_glob(dead_letter.job, self.job)
            and (self.older_than is None or age >= self.older_than)
            and (self.newer_than is None or age <= self.newer_than)
            and (self.namespace is None or _matches_glob(dead_letter.namespace(), self.namespace))
        )

    def check_explicit(self, *, everything: bool) -> None:
        """Check that every dead letter is chosen only on request, never by leaving out the criteria.

        :raises ConfigurationError: when there are neither criteria nor that request, or both.
        """
        if self.is_empty and not everything:
            raise ConfigurationError(
                "say which dead letters: ids, a filter such as --reason or --job, or --all (in Python, everything=True)"
            )
        if everything and not self.is_empty:
            raise ConfigurationError(
                "--all (everything=True) means every dead letter: leave out ids and filters, or it"
            )


def age_seconds(text: str) -> float:
    """Return the seconds of an age such as ``90s``, ``30m``, ``2h``, ``1d`` or ``2w``.

    :raises ConfigurationError: when it is none.
    """
    match = _AGE.fullmatch(text.strip())
    if match is None:
        raise ConfigurationError(f"{text!r} is not an age", example="'90s', '30m', '2h', '1d' or '2w'")
    return float(match[1]) * _SECONDS[match[2]]


def _matches_glob(text: str, glob: str | None) -> bool:
    return glob is None or fnmatchcase(text, glob)
