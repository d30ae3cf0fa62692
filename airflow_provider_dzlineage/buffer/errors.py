"""Errors of Amazon SQS as errors of this package, with what to fix.

Imports of botocore what is cheap: the SQS transport's hot path uses it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from airflow_provider_dzlineage.aws.error_codes import (
    NO_CREDENTIALS_FIX,
    ErrorKind,
    error_code,
    error_kind,
    error_status,
    kind_of_error,
    remedy,
)
from airflow_provider_dzlineage.errors import QueueDeniedError, QueueError, QueueUnavailableError


def queue_error(operation: str, url: str, code: str, message: str, status: int | None) -> QueueError:
    """Return the error to raise for a response of SQS.

    :param url: URL or ARN of the queue.
    :param message: that SQS adds to the code.
    """
    fix = remedy(
        code,
        status,
        # One action allows a message and a batch of them.
        action=f"sqs:{operation.removesuffix('Batch')}",
        resource="the queue",
        not_found="check the queue's URL, its Region and its account",
    )
    detail = f"{code}: {message}" if message else code
    return _type_of(error_kind(code, status))(f"{operation} on {url}: {detail}", fix=fix)


@contextmanager
def queue_errors(operation: str, url: str) -> Iterator[None]:
    """Raise botocore's exceptions as a :class:`~airflow_provider_dzlineage.errors.QueueError`."""
    try:
        yield
    except ClientError as error:
        message = error.response["Error"].get("Message", "")
        raise queue_error(operation, url, error_code(error), message, error_status(error)) from error
    except BotoCoreError as error:
        kind = kind_of_error(error)
        fix = NO_CREDENTIALS_FIX if kind is ErrorKind.CREDENTIALS else ""
        raise _type_of(kind)(f"{operation} on {url}: {error}", fix=fix) from error


def _type_of(kind: ErrorKind) -> type[QueueError]:
    if kind.is_retryable:
        return QueueUnavailableError
    return QueueDeniedError if kind is ErrorKind.ACCESS_DENIED else QueueError
