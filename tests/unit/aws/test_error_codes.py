"""Passwords in URLs stay out of what is told of a queue."""

import pytest
from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError, NoCredentialsError

from airflow_provider_dzlineage.aws.error_codes import without_users
from airflow_provider_dzlineage.buffer.answers import explained
from airflow_provider_dzlineage.errors import QueueError

URL = "http://u:p@SECRETPW@127.0.0.1:15999/1/q"


class BrokenError(BotoCoreError):
    fmt = f"something with {URL} is broken"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ('cannot reach "http://u:p@SECRET@host:1/q"', 'cannot reach "http://***@host:1/q"'),
        ("http://u:SEC/RET@host/q", "http://***@host/q"),
        ("https://SECRET@host/, then https://u:SECRET@host", "https://***@host/, then https://***@host"),
        (
            "https://sqs.eu-west-1.amazonaws.com/1/q asked by a@b",
            "https://sqs.eu-west-1.amazonaws.com/1/q asked by a@b",
        ),
    ],
)
def test_users_are_masked(text, masked):
    assert without_users(text) == masked


@pytest.mark.parametrize(
    "error",
    [
        EndpointConnectionError(endpoint_url=URL),
        NoCredentialsError(),
        BrokenError(),
        ClientError({"Error": {"Code": "InvalidAddress", "Message": f"{URL} is none"}}, "SendMessage"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_of_a_queue_tell_no_password(error):
    with pytest.raises(QueueError) as caught, explained("SendMessage", URL):
        raise error

    assert "SECRETPW" not in str(caught.value)
    assert "127.0.0.1:15999" in str(caught.value)
