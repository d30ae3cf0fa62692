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


class QueueError(DzLineageError):
    """Amazon SQS did not carry out a request; the message says what to fix where that is known."""


class QueueUnavailableError(QueueError):
    """It may work in a moment: a throttle, server trouble, a time-out, a lost connection."""


class CatalogError(DzLineageError):
    """Amazon DataZone did not take a request.

    :param message: what to tell a person, with what to fix where that is known.
    :param code: the AWS error code, or the name of botocore's exception.
    :param request_id: the AWS request id; empty when there was no response.
    """

    def __init__(self, message: str, code: str, request_id: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.request_id = request_id


class UnavailableError(CatalogError):
    """It may work in a moment: server trouble, a time-out, a lost connection."""


class UnknownError(UnavailableError):
    """An answer that nobody has told us about: it may pass, or it may never."""


class ThrottledError(UnavailableError):
    """The account's request quota is used up for the moment."""


class RefusedError(CatalogError):
    """DataZone will never take this request."""


class StopError(CatalogError):
    """No request can succeed until somebody changes permissions, credentials, a setting or a quota."""
