"""Each error of SQS is an error of ours that says whether to try again and what to fix."""

import pytest
from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError, NoCredentialsError

from airflow_provider_dzlineage.buffer.errors import queue_errors
from airflow_provider_dzlineage.errors import QueueDeniedError, QueueError, QueueUnavailableError

URL = "http://u:p@SECRETPW@127.0.0.1:15999/1/q"


class BrokenError(BotoCoreError):
    fmt = f"something with {URL} is broken"


def client_error(code, status=400, message="no"):
    response = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "SendMessage")


def raised(error, operation="SendMessage"):
    with pytest.raises(QueueError) as caught, queue_errors(operation, URL):
        raise error
    assert caught.value.__cause__ is error
    return caught.value


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        *((client_error(code), QueueUnavailableError) for code in ("RequestThrottled", "KmsThrottled", "OverLimit")),
        (client_error("Odd", 503), QueueUnavailableError),
        (client_error("Odd", 429), QueueUnavailableError),
        (client_error("AccessDenied"), QueueDeniedError),
        (client_error("AccessDeniedException"), QueueDeniedError),
        (client_error("KmsAccessDenied"), QueueDeniedError),
        (client_error("AWS.SimpleQueueService.NonExistentQueue"), QueueError),
        (client_error("InvalidClientTokenId", 403), QueueError),
        (client_error("Odd"), QueueError),
        (EndpointConnectionError(endpoint_url=URL), QueueUnavailableError),
        (NoCredentialsError(), QueueError),
        (BrokenError(), QueueError),
    ],
)
def test_each_error_has_its_meaning(error, kind):
    assert type(raised(error)) is kind


def test_a_denied_batch_names_the_iam_action_of_a_message():
    error = raised(client_error("AccessDenied", message="nobody may"), "DeleteMessageBatch")

    assert error.message == "DeleteMessageBatch on http://***@127.0.0.1:15999/1/q: AccessDenied: nobody may"
    assert error.fix == "allow the action sqs:DeleteMessage on the queue to the role that runs this"


def test_a_missing_queue_names_what_to_check():
    assert raised(client_error("QueueDoesNotExist")).fix == "check the queue's URL, its Region and its account"


def test_missing_credentials_name_what_to_give():
    assert raised(NoCredentialsError()).fix.startswith("give the process a role, a profile or keys")


def test_errors_of_others_are_left_alone():
    with pytest.raises(KeyError), queue_errors("SendMessage", URL):
        raise KeyError("x")


@pytest.mark.parametrize(
    "error",
    [
        EndpointConnectionError(endpoint_url=URL),
        NoCredentialsError(),
        BrokenError(),
        client_error("InvalidAddress", message=f"{URL} is none"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_of_a_queue_tell_no_password(error):
    with pytest.raises(QueueError) as caught, queue_errors("SendMessage", URL):
        raise error

    assert "SECRETPW" not in str(caught.value)
    assert "127.0.0.1:15999" in str(caught.value)
