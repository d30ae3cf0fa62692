"""The errors that this package raises, in one small tree."""

from __future__ import annotations

import re

# Up to the last at sign: a password that was not escaped may hold some, and slashes.
_USER_IN_URL = re.compile(r"(?<=://)[^\s\"'<>]*@")


def mask_urls(text: str) -> str:
    """Return a text with ``***`` for the user names and passwords in its URLs."""
    return _USER_IN_URL.sub("***@", text)


class DzLineageError(Exception):
    """Base of every error that this package raises on purpose. User names and passwords in URLs are masked.

    :param message: what went wrong.
    :param fix: what to do about it, in one line; empty when that is not known.
    """

    def __init__(self, message: str, *, fix: str = "") -> None:
        self.message = mask_urls(message)
        super().__init__(self.message)
        self.fix = mask_urls(fix)

    def __str__(self) -> str:
        return f"{self.message} -- To fix: {self.fix}" if self.fix else self.message


class ConfigurationError(DzLineageError):
    """A setting is missing or wrong.

    :param message: what it must be.
    :param fix: what to do; without it, to correct the value as in the example.
    :param example: a right value, as a person would write it; empty where that would not help.
    """

    def __init__(self, message: str, *, fix: str = "", example: str = "") -> None:
        if example and not fix:
            fix = f"correct it where it is set, for example {example}"
        super().__init__(message, fix=fix)
        self.example = mask_urls(example)

    def __str__(self) -> str:
        return f"{self.message}; for example {self.example}" if self.example else super().__str__()


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
    """A transform raised, or returned something else than a run event.

    :param name: the transform's.
    :param problem: what went wrong.
    """

    def __init__(self, name: str, problem: str) -> None:
        super().__init__("transform_failed", f"{name}: {problem[:500]}")
        self.name = name
        self.problem = problem


class LookupFailedError(DzLineageError):
    """The AWS resource that a name stands for could not be looked up.

    :param reason: a short stable word to count by.
    """

    def __init__(self, message: str, reason: str, *, fix: str = "") -> None:
        super().__init__(message, fix=fix)
        self.reason = reason


class QueueError(DzLineageError):
    """Amazon SQS did not carry out a request."""


class QueueUnavailableError(QueueError):
    """It may work in a moment: a throttle, server trouble, a time-out, a lost connection."""


class QueueDeniedError(QueueError):
    """Access denied; the fix names the missing action."""


class CatalogError(DzLineageError):
    """Amazon DataZone did not take a request.

    :param code: the AWS error code, or the name of botocore's exception.
    :param request_id: the AWS request id; empty when there was no response.
    """

    def __init__(self, message: str, code: str, request_id: str = "", *, fix: str = "") -> None:
        super().__init__(message, fix=fix)
        self.code = code
        self.request_id = request_id


class UnavailableError(CatalogError):
    """It may work in a moment: server trouble, a time-out, a lost connection."""


class UnknownError(UnavailableError):
    """An undocumented error code: it may pass, or it may last."""


class ThrottledError(UnavailableError):
    """The account's request quota is used up for the moment."""


class RefusedError(CatalogError):
    """DataZone will never take this request."""


class StopError(CatalogError):
    """No request can succeed until somebody changes permissions, credentials, a setting or a quota."""


class AccessDeniedError(StopError):
    """Access denied; the fix names the missing action."""


class NotFoundError(StopError):
    """There is no such domain, event or node."""
