"""What an error of Amazon SQS means to a person.

Source of the codes: the Amazon SQS API reference, old query-protocol names and new JSON names, and the common errors of
the AWS API references.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError, NoCredentialsError
from botocore.exceptions import ConnectionError as BotoConnectionError

from airflow_provider_dzlineage.errors import QueueDeniedError, QueueError, QueueUnavailableError, mask_urls

_ABSENT = "check the queue's URL, its Region and its account"
_CREDENTIALS = "check the AWS credentials"
_DENIED = "allow the action sqs:{action} on the queue to the role that runs this"
_FIXES = {
    "AWS.SimpleQueueService.NonExistentQueue": _ABSENT,
    "QueueDoesNotExist": _ABSENT,
    "InvalidAddress": _ABSENT,
    "AccessDenied": _DENIED,
    "AccessDeniedException": _DENIED,
    "ExpiredToken": "renew the AWS credentials; these have expired",
    "ExpiredTokenException": "renew the AWS credentials; these have expired",
    "InvalidClientTokenId": _CREDENTIALS,
    "UnrecognizedClientException": _CREDENTIALS,
    "SignatureDoesNotMatch": "check the AWS secret key and this machine's clock",
}
_THROTTLED = {
    "RequestThrottled",
    "ThrottlingException",
    "Throttling",
    "TooManyRequestsException",
    "OverLimit",
    "KmsThrottled",
}


def fix_of(code: str, operation: str) -> str:
    """Return what to add to a message about an error: how to fix it, or nothing when that is not known.

    :param code: SQS's error code.
    :param operation: name of the SQS API operation.
    """
    fix = _FIXES.get(code)
    # One action allows a message and a batch of them.
    return f" -- To fix: {fix.format(action=operation.removesuffix('Batch'))}" if fix else ""


@contextmanager
def explained(operation: str, url: str) -> Iterator[None]:
    """Turn botocore's exceptions into a :class:`~airflow_provider_dzlineage.errors.QueueError` with what to fix.

    :param operation: name of the SQS API operation.
    :param url: URL of the queue.
    """
    try:
        yield
    except ClientError as error:
        code = str(error.response["Error"].get("Code", "Unknown"))
        message = error.response["Error"].get("Message", "")
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        told = mask_urls(f"{operation} on {url}: {code}: {message}")
        raise _kind(code, status)(f"{told}{fix_of(code, operation)}") from error
    except NoCredentialsError as error:
        raise QueueError(
            f"{operation} on {mask_urls(url)}: there are no AWS credentials -- To fix: give the process a role, a "
            "profile or keys"
        ) from error
    except (HTTPClientError, BotoConnectionError) as error:
        raise QueueUnavailableError(mask_urls(f"{operation} on {url}: {error}")) from error
    except BotoCoreError as error:
        raise QueueError(mask_urls(f"{operation} on {url}: {error}")) from error


def _kind(code: str, status: int) -> type[QueueError]:
    if code in _THROTTLED or status >= 500 or status == 429:
        return QueueUnavailableError
    return QueueDeniedError if _FIXES.get(code) is _DENIED else QueueError
