"""Checks of the queue, against a real SQS."""

from __future__ import annotations

import boto3
import pytest
from botocore.config import Config

from airflow_provider_dzlineage.buffer.queue import Queue
from airflow_provider_dzlineage.doctor.checkup import run_checks
from airflow_provider_dzlineage.doctor.finding import CheckVerdict
from airflow_provider_dzlineage.doctor.queue import check_queue
from airflow_provider_dzlineage.errors import (
    QueueDeniedError,
)

QUEUE_URL = "https://sqs.eu-west-1.amazonaws.com/123456789012/openlineage"


def verdicts(findings):
    return {finding.check: finding.verdict.value for finding in findings}


def fixes(findings):
    return " | ".join(finding.fix for finding in findings if finding.fix)


def _sqs_at(url):
    return boto3.client("sqs", endpoint_url=url, config=Config(retries={"total_max_attempts": 1}))


@pytest.mark.parametrize("fifo", [False, True])
def test_a_good_queue(make_queue, fifo):
    queue = make_queue(fifo=fifo, dead_letters=True, VisibilityTimeout="120", MessageRetentionPeriod="1209600")
    found = verdicts(check_queue(queue, None))

    assert (found["queue"], found["queue's permissions"], found["dead-letter queue"]) == ("pass", "pass", "pass")
    assert queue.state().backlog == 0
    assert "fail" not in found.values()


def test_a_queue_that_could_lose_something(make_queue):
    findings = list(check_queue(make_queue(VisibilityTimeout="5", MessageRetentionPeriod="60"), None))

    assert verdicts(findings)["queue's settings"] == "warn"
    assert len([finding for finding in findings if finding.check == "queue's settings"]) == 3


def test_dead_letters_that_wait_are_reported(make_queue, sqs):
    queue = make_queue(dead_letters=True)
    sqs.send_message(QueueUrl=queue.dead_letter_queue().url, MessageBody="x")

    assert verdicts(check_queue(queue, None))["dead letters"] == "warn"


def test_a_queue_that_is_not_there_says_what_to_check(sqs, ministack):
    queue = Queue(sqs, f"{ministack.endpoint_url}/000000000000/absent")
    (finding,) = run_checks({"queue": lambda: check_queue(queue, None)})

    assert finding.verdict is CheckVerdict.FAIL
    assert finding.fix


@pytest.mark.parametrize(
    ("denied", "role"), [({"SendMessage"}, "send events"), ({"ReceiveMessage", "DeleteMessage"}, "forward events")]
)
def test_a_role_that_only_sends_or_only_forwards_is_warned(make_queue, monkeypatch, denied, role):
    call = Queue.call

    def denying(self, operation, **parameters):
        if operation.removesuffix("Batch") in denied:
            raise QueueDeniedError("no")
        return call(self, operation, **parameters)

    monkeypatch.setattr(Queue, "call", denying)
    findings = list(check_queue(make_queue(dead_letters=True), None))

    assert verdicts(findings)["queue's permissions"] == "warn"
    assert f"if it is to {role} too" in fixes(findings)


@pytest.mark.parametrize(("also", "verdict"), [(set(), "fail"), ({"ReceiveMessage"}, "warn")])
def test_a_role_that_may_not_dead_letter_is_reported(make_queue, monkeypatch, also, verdict):
    queue = make_queue(dead_letters=True)
    dead, call = queue.dead_letter_queue().url, Queue.call

    def denying(self, operation, **parameters):
        if operation in also or (self.url == dead and operation == "SendMessageBatch"):
            raise QueueDeniedError("no")
        return call(self, operation, **parameters)

    monkeypatch.setattr(Queue, "call", denying)
    findings = list(check_queue(queue, None))

    assert verdicts(findings)["dead-letter queue's permissions"] == verdict
    assert "allow sqs:SendMessage on the dead-letter queue" in fixes(findings)
    assert queue.sibling(dead).state().backlog == 0


def test_denied_actions_on_the_queue_are_named(server):
    findings = list(check_queue(Queue(_sqs_at(server(403, error="AccessDenied")), QUEUE_URL), None))

    assert verdicts(findings) == {"queue": "fail", "queue's permissions": "fail"}
    assert "allow the action sqs:GetQueueAttributes" in fixes(findings)
    for action in ("SendMessage", "ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility"):
        assert f"sqs:{action}," in fixes(findings).replace(" on", ",")
    assert "Batch" not in fixes(findings)


def test_what_follows_from_a_queues_settings_is_no_fix(make_queue):
    findings = list(check_queue(make_queue(VisibilityTimeout="5", MessageRetentionPeriod="60"), None))
    fixes_found = {
        finding.detail.partition(":")[0]: finding.fix for finding in findings if finding.check == "queue's settings"
    }

    assert fixes_found["There is no dead-letter queue"].startswith("create one")
    assert "VisibilityTimeout" in fixes_found["The queue's visibility time-out is 5 s"]
    assert "MessageRetentionPeriod" in fixes_found["The queue's retention is 60 s"]
