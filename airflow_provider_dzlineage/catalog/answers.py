"""What each error of Amazon DataZone means for the event that was posted.

Source of the codes: the errors of ``PostLineageEvent`` in the DataZone service model, and the common errors of the
AWS API references.
"""

from __future__ import annotations

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as BotoConnectionError

from airflow_provider_dzlineage.errors import (
    CatalogError,
    RefusedError,
    StopError,
    ThrottledError,
    UnavailableError,
    UnknownError,
)

_THROTTLED = {"ThrottlingException", "Throttling", "TooManyRequestsException", "RequestLimitExceeded"}
NOT_FOUND = "ResourceNotFoundException"
_REFUSED = {"ValidationException", "RequestEntityTooLargeException", "413"}
_STOP = {
    "AccessDeniedException": "allow the action datazone:{operation} on the domain to the role that runs this",
    "UnauthorizedException": "add the role that runs this to the domain",
    NOT_FOUND: "check the setting 'domain_id' and the Region of the domain",
    "ServiceQuotaExceededException": "ask AWS to raise the quota that the message names",
    "ExpiredTokenException": "renew the AWS credentials; these have expired",
    "ExpiredToken": "renew the AWS credentials; these have expired",
    "UnrecognizedClientException": "check the AWS credentials; AWS does not know them",
    "InvalidClientTokenId": "check the AWS credentials; AWS does not know them",
    "InvalidSignatureException": "check the AWS secret key and this machine's clock",
    "IncompleteSignatureException": "check the AWS credentials",
    "MissingAuthenticationTokenException": "check the AWS credentials",
    "OptInRequired": "enable the Region for the AWS account",
}


def understand(error: Exception, operation: str) -> CatalogError:
    """Turn an exception of botocore into one that says what to do with the event.

    :param error: what the boto3 client raised.
    :param operation: name of the API operation, such as ``PostLineageEvent``.
    :return: the error to raise in its place.
    """
    if isinstance(error, ClientError):
        return _understand_response(error, operation)
    code = type(error).__name__
    if isinstance(error, HTTPClientError | BotoConnectionError):
        return UnavailableError(f"DataZone cannot be reached: {code}", code)
    if isinstance(error, BotoCoreError):
        return StopError(f"{operation} cannot be sent: {error}", code)
    raise error


def _understand_response(error: ClientError, operation: str) -> CatalogError:
    response = error.response
    code = str(response["Error"].get("Code", "Unknown"))
    metadata = response.get("ResponseMetadata", {})
    request_id = str(metadata.get("RequestId", ""))
    status = int(metadata.get("HTTPStatusCode", 0))
    message = f"{operation}: {code}: {response['Error'].get('Message', '')}"
    if code in _THROTTLED or status == 429:
        return ThrottledError(message, code, request_id)
    if code in _STOP:
        fix = _STOP[code].format(operation=operation)
        return StopError(f"{message} -- To fix: {fix}", code, request_id)
    if code in _REFUSED or status == 413:
        return RefusedError(message, code, request_id)
    if status >= 500:
        return UnavailableError(message, code, request_id)
    return UnknownError(message, code, request_id)
