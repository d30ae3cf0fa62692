"""Which dead letters are meant."""

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
    """What a dead letter has to be; what is None asks for nothing.

    :param ids: message ids, in the dead-letter queue or in the buffer.
    :param reason: glob.
    :param error_code: glob.
    :param job: glob on ``<namespace>.<name>``.
    :param namespace: glob on the job's namespace.
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
    def asks_for_nothing(self) -> bool:
        """Whether every dead letter matches."""
        return all(getattr(self, criterion.name) is None for criterion in fields(self))

    def matches(self, letter: DlqMessage, now: float | None = None) -> bool:
        """Tell whether a dead letter is meant.

        :param now: seconds since the epoch; the present without it.
        """
        age = (time.time() if now is None else now) - letter.message.sent_at / 1000
        return (
            (self.ids is None or bool(self.ids & {letter.id, letter.message_id}))
            and _fits(letter.reason, self.reason)
            and _fits(letter.error_code, self.error_code)
            and _fits(letter.job, self.job)
            and (self.older_than is None or age >= self.older_than)
            and (self.newer_than is None or age <= self.newer_than)
            and (self.namespace is None or _fits(letter.namespace(), self.namespace))
        )


def check_choice(wanted: DlqFilter, *, everything: bool) -> None:
    """Make sure that nobody means every dead letter by leaving out which.

    :param everything: it was said that every one is meant.
    :raises ConfigurationError: when nothing was said, or two things.
    """
    if wanted.asks_for_nothing and not everything:
        raise ConfigurationError(
            "say which dead letters: ids, a filter such as --reason or --job, or --all (in Python, everything=True)"
        )
    if everything and not wanted.asks_for_nothing:
        raise ConfigurationError("--all (everything=True) means every dead letter: leave out ids and filters, or it")


def age_seconds(text: str) -> float:
    """Read an age such as ``90s``, ``30m``, ``2h``, ``1d`` or ``2w``.

    :return: seconds.
    :raises ConfigurationError: when it is none.
    """
    match = _AGE.fullmatch(text.strip())
    if match is None:
        raise ConfigurationError(f"{text!r} is no age; right examples are '90s', '30m', '2h', '1d' and '2w'")
    return float(match[1]) * _SECONDS[match[2]]


def _fits(text: str, glob: str | None) -> bool:
    return glob is None or fnmatchcase(text, glob)
