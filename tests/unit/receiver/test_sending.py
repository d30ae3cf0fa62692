"""What is known of messages when SQS hangs, refuses them or cannot be reached."""

from __future__ import annotations

import threading

import pytest

from airflow_provider_dzlineage.buffer.queue import RefusedEntry
from airflow_provider_dzlineage.errors import ConfigurationError, QueueUnavailableError
from airflow_provider_dzlineage.receiver.sending import UNAVAILABLE, Sender, open_queue
from airflow_provider_dzlineage.settings.site import Settings
from tests.fixtures.clocks import ManualClock

MESSAGES = [{"MessageBody": str(number)} for number in range(30)]


class FirstBatchOnly:
    """A queue that takes one batch; the second call never ends by itself."""

    is_fifo = False

    def __init__(self):
        self.second_call, self.go = threading.Event(), threading.Event()
        self.calls = 0

    def send(self, messages):
        self.calls += 1
        if self.calls > 1:
            self.second_call.set()
            assert self.go.wait(20)
            raise QueueUnavailableError("late")
        return iter(())


class Throttling:
    """A queue that is never available, each call after a while."""

    is_fifo = False

    def __init__(self, clock, seconds):
        self._clock, self._seconds = clock, seconds
        self.calls = []

    def send(self, messages):
        self.calls.append(self._clock.now())
        self._clock.seconds += self._seconds
        raise QueueUnavailableError("throttled")


def test_no_call_begins_late_and_many_batches_are_given_up_together():
    clock = ManualClock()
    queue = Throttling(clock, 1.9)
    started = clock.now()

    assert Sender(queue, clock).send(MESSAGES) == [UNAVAILABLE] * 30
    assert clock.now() - started < 4
    assert len(queue.calls) == 1


def test_a_call_that_fails_at_once_is_repeated_for_a_moment():
    clock = ManualClock()
    queue = Throttling(clock, 0)
    started = clock.now()

    assert Sender(queue, clock).send(MESSAGES[:1]) == [UNAVAILABLE]
    assert len(queue.calls) > 1
    assert all(call - started < 1 for call in queue.calls)


def test_only_what_may_pass_is_repeated(caplog):
    class Picky:
        is_fifo = False

        def __init__(self):
            self.sent = []

        def send(self, messages):
            self.sent.append([message["MessageBody"] for message in messages])
            if len(self.sent) > 1:
                return []
            return [RefusedEntry(0, "InvalidMessageContents"), RefusedEntry(2, "InternalError")]

    queue = Picky()
    outcomes = Sender(queue, ManualClock()).send(MESSAGES[:3])

    assert [outcome and outcome.is_retriable for outcome in outcomes] == [False, None, None]
    assert queue.sent == [["0", "1", "2"], ["2"]]
    assert "SQS refused messages: InternalError" in caplog.text


def test_what_was_confirmed_before_sqs_hung_is_known():
    class UntilSecondCall(ManualClock):
        def wait(self, waitable, seconds):
            assert queue.second_call.wait(10)
            return super().wait(waitable, seconds)

    queue = FirstBatchOnly()

    outcomes = Sender(queue, UntilSecondCall()).send_in_time(MESSAGES)
    queue.go.set()

    assert outcomes == [None] * 10 + [UNAVAILABLE] * 20


def test_a_bug_leaves_no_message_without_an_outcome(monkeypatch, caplog):
    queue = FirstBatchOnly()
    monkeypatch.setattr(queue, "send", lambda messages: 1 / 0)

    assert Sender(queue).send_in_time(MESSAGES[:2]) == [UNAVAILABLE] * 2
    assert "ZeroDivisionError" in caplog.text


def test_a_password_in_the_endpoint_url_is_not_logged(monkeypatch, caplog):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://u:p@SECRETPW@127.0.0.1:1")
    sender = Sender(open_queue(Settings(queue_url="http://u:p@SECRETPW@127.0.0.1:1/123456789012/q")))

    assert sender.send(MESSAGES[:1]) == [UNAVAILABLE]
    assert "Events are not taken" in caplog.text
    assert "SECRETPW" not in caplog.text


def test_a_password_in_an_endpoint_url_that_is_invalid_is_not_shown(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://u:SECRETPW@not a host")

    with pytest.raises(ConfigurationError, match="no client for sqs") as caught:
        open_queue(Settings(queue_url="https://sqs.us-east-1.amazonaws.com/123456789012/q"))
    assert "SECRETPW" not in str(caught.value)
