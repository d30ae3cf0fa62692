"""The errors that this package raises, in one small tree."""

from __future__ import annotations


class DzLineageError(Exception):
    """Base of every error that this package raises on purpose."""


class ConfigurationError(DzLineageError):
    """A setting is missing or wrong; the message names it and shows a right example."""


class InvalidEventError(DzLineageError):
    """A message can never be published as it is.

    :param reason: a short stable word to count and filter by, such as ``not_json``.
    :param detail: what is wrong, in words that repeat nothing of the event's content.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
