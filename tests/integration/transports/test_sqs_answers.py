"""What the transport makes of each answer of SQS, or of STS, that a real queue does not give at will."""

from __future__ import annotations

import pytest

from airflow_provider_dzlineage.errors import QueueError


@pytest.mark.parametrize(
    ("code", "fix"),
    [
        ("com.amazonaws.sqs#AccessDenied", "allow the action sqs:SendMessage on the queue"),
        ("com.amazon.coral.service#ExpiredTokenException", "renew the AWS credentials"),
        ("com.amazonaws.sqs#QueueDoesNotExist", "check the queue's URL"),
    ],
)
def test_a_refusal_is_not_tried_again_and_says_what_to_fix(transport, ol_event, answering, code, fix):
    server, url = answering((400, {"__type": code, "message": "no"}))

    with pytest.raises(QueueError, match=fix):
        transport(queue_url=url).emit(ol_event())

    assert server.calls == 1


def test_a_passing_failure_is_tried_again_within_the_time_out(transport, ol_event, answering):
    server, url = answering((503, {}), (500, {}), (400, {"__type": "x#QueueDoesNotExist"}))

    with pytest.raises(QueueError, match="QueueDoesNotExist"):
        transport(queue_url=url).emit(ol_event())

    assert server.calls == 3


@pytest.mark.parametrize(
    "code",
    [
        *("KmsThrottled", "OverLimit", "RequestThrottled", "com.amazonaws.sqs#KmsThrottled"),
        *("com.amazonaws.sqs#OverLimit", "com.amazon.coral.service#ThrottlingException", "KMS.ThrottlingException"),
    ],
)
def test_a_throttle_of_sqs_or_of_its_key_does_not_cost_the_event(transport, ol_event, answering, code):
    server, url = answering((400, {"__type": code}), (400, {"__type": "x#QueueDoesNotExist"}))

    with pytest.raises(QueueError, match="QueueDoesNotExist"):
        transport(queue_url=url).emit(ol_event())

    assert server.calls == 2


@pytest.mark.parametrize(
    "throttle",
    [
        (429, {}),
        (429, b"<html>a load balancer</html>"),
        (400, {"__type": "com.amazonaws.sqs#RequestThrottled"}),
        (400, {"__type": "com.amazon.coral.service#ThrottlingException"}),
        (400, {"__type": "com.amazonaws.sqs#OverLimit"}),
        (400, {"__type": "com.amazonaws.sqs#KmsThrottled"}),
        (400, {"__type": "KMS.ThrottlingException"}),
    ],
    ids=str,
)
def test_a_throttle_is_waited_for_within_the_time_out(transport, ol_event, answering, throttle):
    server, url = answering(throttle, throttle, (400, {"__type": "x#QueueDoesNotExist"}))

    with pytest.raises(QueueError, match="QueueDoesNotExist"):
        transport(queue_url=url).emit(ol_event())

    assert server.calls == 3


@pytest.mark.parametrize("code", ["KMS.ThrottlingException", "OverLimit", "RequestThrottled"])
def test_the_older_spelling_of_a_code_is_in_a_header(transport, ol_event, answering, code):
    throttle = (400, {"message": "slow"}, {"x-amzn-query-error": f"{code};Sender"})
    server, url = answering(
        throttle, (400, {}, {"x-amzn-query-error": "AWS.SimpleQueueService.NonExistentQueue;Sender"})
    )

    with pytest.raises(QueueError, match="check the queue's URL"):
        transport(queue_url=url).emit(ol_event())

    assert server.calls == 2


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (
            b"<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>",
            "AccessDenied",
        ),
        (b"not the XML that STS speaks", "Unable to parse response"),
    ],
)
def test_a_role_that_is_refused_is_named_and_logged(transport, ol_event, answering, monkeypatch, caplog, answer, why):
    server, url = answering((403, answer))
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", f"http://127.0.0.1:{server.server_port}")

    with pytest.raises(QueueError, match=f"cannot get AWS credentials: .*{why}"):
        transport(queue_url=url, role_arn="arn:aws:iam::000000000000:role/sender").emit(ol_event())

    assert "is lost" in caplog.text
    assert server.calls == 1


@pytest.mark.parametrize("answer", [[], [1], "text", None, {}])
def test_an_answer_that_is_not_of_sqs_is_an_error(transport, ol_event, answering, answer):
    _, url = answering((200, answer))

    with pytest.raises(QueueError, match="does not confirm"):
        transport(queue_url=url).emit(ol_event())


def test_an_answer_that_confirms_nothing_is_an_error(transport, ol_event, answering):
    _, url = answering((200, {"MessageId": "m", "MD5OfMessageBody": "wrong"}))

    with pytest.raises(QueueError, match="does not confirm"):
        transport(queue_url=url).emit(ol_event())
