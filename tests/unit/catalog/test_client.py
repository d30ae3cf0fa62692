"""Errors of a domain's requests, their retries, and the tokens of posts."""

from __future__ import annotations

import boto3
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from botocore.stub import Stubber

from airflow_provider_dzlineage.aws.deadline import Deadline
from airflow_provider_dzlineage.catalog.client import CLIENT_CONFIG, Catalog, RateLimitedCatalog, client_token
from airflow_provider_dzlineage.catalog.rate_limiter import RateLimiter
from airflow_provider_dzlineage.errors import (
    AccessDeniedError,
    NotFoundError,
    RefusedError,
    StopError,
    ThrottledError,
    UnavailableError,
    UnknownError,
)
from tests.fixtures.clocks import ManualClock


def error_of(code, status):
    """Return the error that a post raises when DataZone answers so."""
    client = boto3.client("datazone", config=CLIENT_CONFIG)
    with Stubber(client) as stubber:
        stubber.add_client_error("post_lineage_event", code, "what AWS says", http_status_code=status)
        with pytest.raises(Exception) as caught:  # noqa: PT011
            Catalog(client, "dzd_tests").post_event(b"{}")
    return caught.value


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("ThrottlingException", 429, ThrottledError),
        ("TooManyRequestsException", 429, ThrottledError),
        ("InternalServerException", 500, UnavailableError),
        ("ServiceUnavailable", 503, UnavailableError),
        ("ValidationException", 400, RefusedError),
        ("413", 413, RefusedError),
        ("AccessDeniedException", 403, AccessDeniedError),
        ("ResourceNotFoundException", 404, NotFoundError),
        ("ServiceQuotaExceededException", 402, StopError),
        ("UnauthorizedException", 401, AccessDeniedError),
        ("KMS.ThrottlingException", 400, ThrottledError),
        ("KMS.DisabledException", 400, AccessDeniedError),
        ("ExpiredTokenException", 403, StopError),
        ("UnrecognizedClientException", 403, StopError),
        ("ConflictException", 409, UnknownError),
        ("TeapotException", 418, UnknownError),
    ],
)
def test_each_answer_has_its_meaning(code, status, kind):
    error = error_of(code, status)

    assert type(error) is kind
    assert error.code == code
    assert isinstance(error.__cause__, ClientError)


def test_a_denied_post_names_the_iam_action():
    assert "allow the action datazone:PostLineageEvent" in str(error_of("AccessDeniedException", 403))


def test_an_unknown_domain_names_the_settings():
    assert "'domain_id' and the Region" in str(error_of("ResourceNotFoundException", 404))


def test_an_unauthorized_role_is_to_join_the_domain():
    assert error_of("UnauthorizedException", 401).fix == "add the role that runs this to the domain"


def test_what_is_denied_or_missing_stops_the_drain():
    assert issubclass(AccessDeniedError, StopError)
    assert issubclass(NotFoundError, StopError)


def test_nobody_listening_is_unavailable():
    client = boto3.client("datazone", endpoint_url="http://127.0.0.1:9", config=CLIENT_CONFIG)

    with pytest.raises(UnavailableError, match="EndpointConnectionError"):
        Catalog(client, "dzd_tests").post_event(b"{}")


def test_missing_credentials_stop(monkeypatch, tmp_path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    client = boto3.Session().client("datazone", endpoint_url="http://127.0.0.1:9", config=CLIENT_CONFIG)

    with pytest.raises(StopError, match="Unable to locate credentials"):
        Catalog(client, "dzd_tests").post_event(b"{}")


def test_the_same_body_is_the_same_request_and_another_body_another():
    assert client_token(b"{}") == client_token(b"{}") != client_token(b"[]")
    assert client_token(b"{}") != client_token(b"{ }")
    assert len(client_token(b"{}")) == 64


def test_a_retry_of_an_event_that_datazone_failed_to_process_is_a_new_request():
    assert client_token(b"{}", "first") != client_token(b"{}")
    assert client_token(b"{}", "first") == client_token(b"{}", "first")
    assert client_token(b"{}", "first") != client_token(b"{}", "second")


def client_error(code, status):
    response = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "GetDomain")


THROTTLED = client_error("ThrottlingException", 400)


class Client:
    """A boto3 client that answers with what it was given, in turn."""

    class meta:  # noqa: N801
        method_to_api_mapping = {"list_lineage_events": "ListLineageEvents", "get_domain": "GetDomain"}  # noqa: RUF012

    def __init__(self, *answers):
        self.answers = iter(answers)
        self.requested = []

    def get_domain(self, **parameters):
        return self.list_lineage_events(**parameters)

    def list_lineage_events(self, **parameters):
        self.requested.append(parameters)
        answer = next(self.answers)
        if isinstance(answer, Exception):
            raise answer
        return answer


def limited(client, clock, rate=1000, seconds=1e9):
    deadline = Deadline(seconds, clock=clock)
    return RateLimitedCatalog(Catalog(client, "dzd_x"), RateLimiter(rate), deadline, jitter=lambda _, longest: longest)


def test_what_may_pass_is_retried_with_growing_backoff():
    clock, answer = ManualClock(), {"portalUrl": "https://x"}
    failures = [THROTTLED, client_error("InternalServerException", 500), ReadTimeoutError(endpoint_url="https://x")] * 3
    catalog = limited(Client(*failures, answer), clock)

    assert catalog.portal_url() == "https://x"
    assert (catalog.requests, catalog.throttled) == (10, 3)
    assert [wait for wait in clock.waits if wait >= 0.5] == [1, 2, 4, 8, 15, 15, 15, 15, 15]


def test_a_page_that_fails_is_retried_and_the_pages_before_are_not():
    client = Client({"items": [{"id": "a"}], "nextToken": "t"}, THROTTLED, {"items": [{"id": "b"}]})

    assert [item["id"] for item in limited(client, ManualClock()).list_events()] == ["a", "b"]
    assert [parameters.get("nextToken") for parameters in client.requested] == [None, "t", "t"]


def test_requests_keep_to_the_rate():
    clock = ManualClock()
    catalog = limited(Client({}, {}, {}), clock, rate=10)

    for _ in range(3):
        catalog.portal_url()

    assert clock.now() == pytest.approx(0.2)


def test_a_throttle_lowers_the_rate():
    clock = ManualClock()
    catalog = limited(Client(THROTTLED, {}, {}), clock, rate=1)

    catalog.portal_url()
    before = clock.now()
    catalog.portal_url()

    assert clock.now() - before > 1.2


def test_when_the_deadline_has_passed_the_last_error_is_raised():
    with pytest.raises(ThrottledError):
        limited(Client(*[THROTTLED] * 100), ManualClock(), seconds=30).portal_url()


def test_without_any_time_nothing_is_sent():
    client = Client()

    with pytest.raises(UnavailableError, match="no time is left"):
        limited(client, ManualClock(), seconds=0).portal_url()
    assert client.requested == []


def test_what_lasts_is_raised_at_once():
    clock = ManualClock()

    with pytest.raises(StopError):
        limited(Client(client_error("AccessDeniedException", 403)), clock).portal_url()
    assert clock.now() == 0
