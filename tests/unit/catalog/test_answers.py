import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from airflow_provider_dzlineage.catalog.client import CLIENT_CONFIG, Catalog, client_token
from airflow_provider_dzlineage.errors import RefusedError, StopError, ThrottledError, UnavailableError, UnknownError


def error_of(code, status):
    """The error that a post raises when DataZone answers so."""
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
        ("AccessDeniedException", 403, StopError),
        ("ResourceNotFoundException", 404, StopError),
        ("ServiceQuotaExceededException", 402, StopError),
        ("UnauthorizedException", 401, StopError),
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


def test_the_token_follows_from_the_body_alone():
    assert client_token(b"{}") == client_token(b"{}") != client_token(b"[]")
    assert len(client_token(b"{}")) == 64
