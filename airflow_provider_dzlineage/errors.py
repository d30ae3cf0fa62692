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


class NotARunEventError(InvalidEventError):
    """A proper OpenLineage event of a kind that DataZone does not take: a job or dataset event.

    :param kind: ``job`` or ``dataset``.
    """

    def __init__(self, kind: str) -> None:
        super().__init__(f"{kind}_event", f"DataZone takes run events only, this is a {kind} event")


class TransformFailedError(InvalidEventError):
    """A transform raised, or made no run event.

    :param name: the transform's.
    :param problem: what went wrong.
    """

    def __init__(self, name: str, problem: str) -> None:
        super().__init__("transform_failed", f"{name}: {problem[:500]}")
        self.name = name
        self.problem = problem


class LookupFailedError(DzLineageError):
    """What a name means could not be asked; the message says which permission is missing where that is so.

    :param reason: a short stable word to count by.
    """

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class QueueError(DzLineageError):
    """Amazon SQS did not carry out a request; the message says what to fix where that is known."""


class QueueUnavailableError(QueueError):
    """It may work in a moment: a throttle, server trouble, a time-out, a lost connection."""


class QueueDeniedError(QueueError):
    """Nobody has allowed it; the message names the missing action."""


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
