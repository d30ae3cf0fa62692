"""One table of AWS error codes: every spelling, every service, and what to do."""

import pytest
from botocore import exceptions
from botocore.exceptions import ClientError
from botocore.loaders import Loader
from botocore.retries.standard import ThrottledRetryableChecker, TransientRetryableChecker
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_dzlineage.aws.error_codes import (
    ErrorKind,
    error_code,
    error_kind,
    error_name,
    error_status,
    kind_of_error,
    remedy,
)

KINDS = {
    ErrorKind.THROTTLED: ["RequestThrottled", "ThrottlingException", "OverLimit", "KmsThrottled"],
    ErrorKind.UNAVAILABLE: ["InternalServerException", "InternalError", "ServiceUnavailable", "RequestTimeout"],
    ErrorKind.ACCESS_DENIED: [
        *("AccessDenied", "AccessDeniedException", "UnauthorizedException", "UnauthorizedOperation", "OptInRequired"),
        *("KmsAccessDenied", "KMS.AccessDeniedException", "KmsDisabled", "KMS.DisabledException", "KmsInvalidState"),
    ],
    ErrorKind.CREDENTIALS: [
        *("ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException"),
        *("SignatureDoesNotMatch", "InvalidSignatureException", "MissingAuthenticationTokenException"),
    ],
    ErrorKind.NOT_FOUND: [
        *("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist", "InvalidAddress", "ClusterNotFound"),
        *("ClusterNotFoundFault", "ResourceNotFoundException", "KmsNotFound", "KMS.NotFoundException"),
    ],
    ErrorKind.QUOTA_EXCEEDED: ["ServiceQuotaExceededException"],
    ErrorKind.INVALID: ["ValidationException", "RequestEntityTooLargeException", "InvalidMessageContents"],
}
CODES = [(code, kind) for kind, codes in KINDS.items() for code in codes]


class BrokenError(exceptions.BotoCoreError):
    fmt = "it is broken"


def client_error(code, status=400, message="no"):
    response = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "SendMessage")


@pytest.mark.parametrize(("code", "kind"), CODES)
@pytest.mark.parametrize(
    "spelling",
    [
        "{}",
        "com.amazonaws.sqs#{}",
        "com.amazon.coral.service#{}",
        "AWS.SimpleQueueService.{}",
        "AWS.SimpleQueueService.{};Sender",
        "{}:http://internal.amazon.com/coral/com.amazonaws.datazone/",
        " {}",
    ],
)
def test_each_spelling_of_a_code_is_the_same_code(spelling, code, kind):
    assert error_kind(spelling.format(code), 400) is kind
    assert error_name(spelling.format(code)) == error_name(code)


@pytest.mark.parametrize("code", ThrottledRetryableChecker._THROTTLED_ERROR_CODES)
def test_what_botocore_takes_for_a_throttle_is_one(code):
    assert error_kind(code) in (ErrorKind.THROTTLED,)


@pytest.mark.parametrize("code", TransientRetryableChecker._TRANSIENT_ERROR_CODES)
def test_what_botocore_takes_for_transient_is_tried_again(code):
    assert error_kind(code).is_retryable


@pytest.mark.parametrize("service", ["datazone", "redshift-serverless", "sqs"])
def test_the_kind_of_every_error_that_says_it_in_its_name(service):
    shapes = Loader().load_service_model(service, "service-2")["shapes"]
    words = {
        "Throttl": ErrorKind.THROTTLED,
        "InternalServer": ErrorKind.UNAVAILABLE,
        "AccessDenied": ErrorKind.ACCESS_DENIED,
        "NotFound": ErrorKind.NOT_FOUND,
        "NotExist": ErrorKind.NOT_FOUND,
    }
    own = [name for name, shape in shapes.items() if shape.get("exception") and not name.startswith("Ipv6")]

    for name in own:
        for word, kind in words.items():
            assert word not in name or error_kind(name) is kind, name


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        *((401, ErrorKind.ACCESS_DENIED), (403, ErrorKind.ACCESS_DENIED), (402, ErrorKind.QUOTA_EXCEEDED)),
        *((404, ErrorKind.NOT_FOUND), (408, ErrorKind.UNAVAILABLE), (413, ErrorKind.INVALID)),
        *((429, ErrorKind.THROTTLED), (500, ErrorKind.UNAVAILABLE), (503, ErrorKind.UNAVAILABLE)),
        *((400, ErrorKind.UNKNOWN), (409, ErrorKind.UNKNOWN), (None, ErrorKind.UNKNOWN)),
    ],
)
def test_the_status_decides_where_the_code_is_unknown(status, kind):
    assert error_kind("TeapotException", status) is kind


@given(st.text(), st.none() | st.integers(100, 599))
def test_any_code_has_a_kind(code, status):
    kind = error_kind(code, status)

    assert isinstance(kind, ErrorKind)
    assert isinstance(remedy(code, status, action="a:B", resource="it", not_found="look"), str)


@given(st.sampled_from(CODES), st.integers(100, 599))
def test_a_known_code_counts_more_than_the_status(code_and_kind, status):
    code, kind = code_and_kind

    assert error_kind(code, status) is kind


@pytest.mark.parametrize(
    ("error", "kind", "code", "status"),
    [
        (client_error("KmsThrottled"), ErrorKind.THROTTLED, "KmsThrottled", 400),
        (client_error("Odd", 503), ErrorKind.UNAVAILABLE, "Odd", 503),
        (ClientError({"Error": {}}, "X"), ErrorKind.UNKNOWN, "Unknown", None),
        (exceptions.ReadTimeoutError(endpoint_url="x"), ErrorKind.UNAVAILABLE, "ReadTimeoutError", None),
        (exceptions.EndpointConnectionError(endpoint_url="x"), ErrorKind.UNAVAILABLE, "EndpointConnectionError", None),
        (exceptions.NoCredentialsError(), ErrorKind.CREDENTIALS, "NoCredentialsError", None),
        (
            exceptions.UnauthorizedSSOTokenError(),
            ErrorKind.CREDENTIALS,
            "UnauthorizedSSOTokenError",
            None,
        ),
        (exceptions.ParamValidationError(report="x"), ErrorKind.INVALID, "ParamValidationError", None),
        (BrokenError(), ErrorKind.UNKNOWN, "BrokenError", None),
        (ConnectionError("not botocore's"), ErrorKind.UNKNOWN, "ConnectionError", None),
    ],
)
def test_an_exception_of_botocore_has_a_kind(error, kind, code, status):
    assert (kind_of_error(error), error_code(error), error_status(error)) == (kind, code, status)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("AccessDenied", "allow the action sqs:SendMessage on the queue to the role that runs this"),
        ("ExpiredTokenException", "renew the AWS credentials"),
        ("InvalidClientTokenId", "check the AWS credentials"),
        ("SignatureDoesNotMatch", "this machine's clock"),
        ("OptInRequired", "enable the Region"),
        ("QueueDoesNotExist", "look"),
        ("ServiceQuotaExceededException", "raise the quota"),
        ("KmsAccessDenied", "allow kms:GenerateDataKey and kms:Decrypt on it"),
        ("KMS.DisabledException", "the KMS key of the queue is enabled"),
    ],
)
def test_what_lasts_has_a_remedy(code, words):
    assert words in remedy(code, action="sqs:SendMessage", resource="the queue", not_found="look")


@pytest.mark.parametrize("code", ["KmsThrottled", "Throttling", "InternalError", "Odd"])
def test_what_passes_needs_no_remedy(code):
    assert remedy(code, action="sqs:SendMessage", resource="the queue", not_found="look") == ""
