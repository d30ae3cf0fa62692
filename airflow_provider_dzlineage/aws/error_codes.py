"""The error codes of AWS, each with the kind of trouble it stands for, and what to do about it.

One table for Amazon SQS, Amazon DataZone, Amazon Redshift and Redshift Serverless, AWS Secrets Manager, AWS STS and AWS
KMS, whose errors SQS and DataZone pass on under names of their own. Imports the standard library only, since the
transports' hot path uses it.

Sources: the errors in the services' API references and botocore service models, "Common Errors" in these references,
and the throttling and transient codes in ``botocore.retries.standard``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from typing import Any


class ErrorKind(Enum):
    """Kinds of errors, by what they say about the next attempt."""

    THROTTLED = "throttled"
    UNAVAILABLE = "unavailable"
    ACCESS_DENIED = "access denied"
    CREDENTIALS = "credentials"
    NOT_FOUND = "not found"
    QUOTA_EXCEEDED = "quota exceeded"
    INVALID = "invalid"
    UNKNOWN = "unknown"

    @property
    def is_retryable(self) -> bool:
        """True when the same request may succeed in a moment."""
        return self in (ErrorKind.THROTTLED, ErrorKind.UNAVAILABLE)


# Without a prefix and without the endings "Exception" and "Fault", see error_name.
_CODES: dict[ErrorKind, tuple[str, ...]] = {
    ErrorKind.THROTTLED: (
        *("Throttling", "Throttled", "RequestThrottled", "TooManyRequests", "RequestLimitExceeded", "SlowDown"),
        *("ProvisionedThroughputExceeded", "BandwidthLimitExceeded", "LimitExceeded", "EC2Throttled"),
        *("PriorRequestNotComplete", "TransactionInProgress", "DependentServiceRequestThrottling"),
        # SQS: too many messages in flight, and a throttle of the queue's key.
        *("OverLimit", "KmsThrottled"),
    ),
    ErrorKind.UNAVAILABLE: (
        *("InternalServer", "InternalServerError", "InternalError", "InternalFailure", "InternalServiceError"),
        *("ServiceUnavailable", "ServiceFailure", "Unavailable", "RequestTimeout", "DependencyTimeout"),
        *("DependentServiceUnavailable", "InsufficientCapacity", "KMSInternal", "KeyUnavailable"),
        *("IDPCommunicationError",),
    ),
    ErrorKind.ACCESS_DENIED: (
        *("AccessDenied", "Unauthorized", "UnauthorizedOperation", "NotAuthorized", "AuthFailure", "OptInRequired"),
        *("RegionDisabled", "InvalidSecurity", "AccessToClusterDenied", "DependentServiceAccessDenied"),
        # A key that cannot be used until somebody changes it.
        *("KmsAccessDenied", "KmsOptInRequired", "KmsDisabled", "KmsInvalidState", "KmsInvalidKeyUsage"),
        *("Disabled", "KMSInvalidState", "InvalidKeyUsage", "DecryptionFailure", "EncryptionFailure"),
    ),
    ErrorKind.CREDENTIALS: (
        *("ExpiredToken", "RequestExpired", "InvalidClientTokenId", "UnrecognizedClient", "SignatureDoesNotMatch"),
        *("InvalidSignature", "IncompleteSignature", "MissingAuthenticationToken", "InvalidIdentityToken"),
        *("IDPRejectedClaim",),
    ),
    ErrorKind.NOT_FOUND: (
        *("ResourceNotFound", "NonExistentQueue", "QueueDoesNotExist", "QueueDeletedRecently", "InvalidAddress"),
        *("ClusterNotFound", "KmsNotFound", "NotFound"),
    ),
    ErrorKind.QUOTA_EXCEEDED: ("ServiceQuotaExceeded",),
    ErrorKind.INVALID: (
        *("Validation", "ValidationError", "RequestEntityTooLarge", "ParamValidationError"),
        *("InvalidMessageContents", "BatchRequestTooLong", "EmptyBatchRequest", "TooManyEntriesInBatchRequest"),
        *("InvalidAttributeName", "InvalidAttributeValue", "InvalidParameter", "InvalidParameterValue"),
        *("InvalidParameterCombination", "MissingParameter", "UnsupportedOperation", "ReceiptHandleIsInvalid"),
        *("InvalidRequest",),
    ),
}
_KIND_BY_NAME = {name: kind for kind, names in _CODES.items() for name in names}
_KIND_BY_STATUS = {
    401: ErrorKind.ACCESS_DENIED,
    402: ErrorKind.QUOTA_EXCEEDED,
    403: ErrorKind.ACCESS_DENIED,
    404: ErrorKind.NOT_FOUND,
    408: ErrorKind.UNAVAILABLE,
    413: ErrorKind.INVALID,
    429: ErrorKind.THROTTLED,
}
# By the names of botocore's exceptions, whose import would cost the hot path more than a request. The first that an
# exception is derived from counts.
_KIND_BY_EXCEPTION = {
    "HTTPClientError": ErrorKind.UNAVAILABLE,
    "ConnectionError": ErrorKind.UNAVAILABLE,
    "NoCredentialsError": ErrorKind.CREDENTIALS,
    "PartialCredentialsError": ErrorKind.CREDENTIALS,
    "CredentialRetrievalError": ErrorKind.CREDENTIALS,
    "TokenRetrievalError": ErrorKind.CREDENTIALS,
    "SSOError": ErrorKind.CREDENTIALS,
    "LoginError": ErrorKind.CREDENTIALS,
    "ParamValidationError": ErrorKind.INVALID,
}
NO_CREDENTIALS_FIX = "give the process a role, a profile or keys; aws sts get-caller-identity tells which it has"
_ENDING = re.compile(r"(?:Exception|Fault)$")
_KMS = re.compile(r"(?:^|[.#])kms", re.IGNORECASE)


def error_name(code: str) -> str:
    """Return an error code without what differs between protocols.

    :param code: in any spelling, for example ``AWS.SimpleQueueService.NonExistentQueue;Sender`` (the header
        ``x-amzn-query-error``), ``com.amazonaws.sqs#AccessDenied`` (the member ``__type``),
        ``ThrottlingException:http://…`` (the header ``x-amzn-ErrorType``) or ``KMS.DisabledException``.
    :return: for example ``NonExistentQueue``, ``AccessDenied``, ``Throttling`` or ``Disabled``.
    """
    name = re.split("[:;]", code.rpartition("#")[2], maxsplit=1)[0]
    return _ENDING.sub("", name.strip().rpartition(".")[2])


def error_kind(code: str, status: int | None = None) -> ErrorKind:
    """Return the kind of an error code, in any spelling; when it is unknown the HTTP status decides."""
    if kind := _KIND_BY_NAME.get(error_name(code)):
        return kind
    if status is not None and status >= 500:
        return ErrorKind.UNAVAILABLE
    return _KIND_BY_STATUS.get(status or 0, ErrorKind.UNKNOWN)


def error_code(error: BaseException) -> str:
    """Return the AWS error code of an exception of botocore; the exception's name when there was no response."""
    code = _response(error).get("Error", {}).get("Code")
    return str(code or ("Unknown" if _response(error) else type(error).__name__))


def error_status(error: BaseException) -> int | None:
    """Return the HTTP status of an exception of botocore; None when there was no response."""
    status = _response(error).get("ResponseMetadata", {}).get("HTTPStatusCode")
    return int(status) if status else None


def kind_of_error(error: BaseException) -> ErrorKind:
    """Return the kind of an exception of botocore: by its response, or by what kept it from getting one."""
    if _response(error):
        return error_kind(error_code(error), error_status(error))
    names = (base.__name__ for base in type(error).__mro__ if base.__module__.startswith("botocore."))
    return next((_KIND_BY_EXCEPTION[name] for name in names if name in _KIND_BY_EXCEPTION), ErrorKind.UNKNOWN)


def remedy(code: str, status: int | None = None, *, action: str, resource: str, not_found: str) -> str:
    """Return what to do about an error, in one line; empty when that is unknown or waiting helps.

    :param action: IAM action that the request needs, for example ``sqs:SendMessage``.
    :param resource: what it acts on, for example ``the queue``.
    :param not_found: what to do when that does not exist.
    """
    kind, name = error_kind(code, status), error_name(code)
    if kind.is_retryable or kind in (ErrorKind.INVALID, ErrorKind.UNKNOWN):
        return ""
    if _KMS.search(code):
        return (
            f"check that the KMS key of {resource} is enabled, and allow kms:GenerateDataKey and kms:Decrypt on it "
            "to the role that runs this"
        )
    if name in ("OptInRequired", "RegionDisabled"):
        return "enable the Region for the AWS account"
    if name in ("ExpiredToken", "RequestExpired"):
        return "renew the AWS credentials; these have expired"
    if name in ("InvalidSignature", "SignatureDoesNotMatch"):
        return "check the AWS secret key and this machine's clock"
    return {
        ErrorKind.ACCESS_DENIED: f"allow the action {action} on {resource} to the role that runs this",
        ErrorKind.CREDENTIALS: "check the AWS credentials; AWS does not accept them",
        ErrorKind.NOT_FOUND: not_found,
        ErrorKind.QUOTA_EXCEEDED: "ask AWS to raise the quota that the message names",
    }[kind]


def _response(error: BaseException) -> Mapping[str, Mapping[str, Any]]:
    response = getattr(error, "response", None)
    return response if isinstance(response, Mapping) else {}
