"""How long sending takes when SQS does not answer, answers byte by byte, or cannot be reached."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from airflow_provider_dzlineage.errors import ConfigurationError, QueueUnavailableError
from airflow_provider_dzlineage.receiver.sending import UNAVAILABLE, Sender, queue_for_answers
from airflow_provider_dzlineage.settings import Settings

MESSAGES = [{"MessageBody": str(number)} for number in range(30)]


class FirstBatchOnly:
    """A queue that takes one batch, and then nothing in any time.

    :param go: lets the second call end.
    """

    is_fifo = False

    def __init__(self, go):
        self._go = go
        self.calls = 0

    def send(self, messages):
        self.calls += 1
        if self.calls > 1:
            self._go.wait(20)
            raise QueueUnavailableError("late")
        return iter(())


@pytest.fixture
def sqs_that(monkeypatch):
    """Start what accepts connections and then does as it is told, and return a sender to it."""
    listeners = []

    def start(behave):
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def accept():
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=behave, args=(client,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        return Sender(queue_for_answers(Settings(queue_url=f"{url}/123456789012/q")))

    yield start
    for listener in listeners:
        listener.close()


def hang(client):
    time.sleep(15)
    client.close()


def drip(client):
    client.recv(65_536)
    client.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 10000\r\n\r\n")
    for _ in range(30):
        try:
            client.sendall(b" ")
        except OSError:
            return
        time.sleep(0.5)


@pytest.mark.parametrize("behave", [hang, drip])
def test_many_batches_are_given_up_together_when_sqs_hangs(sqs_that, behave):
    sender = sqs_that(behave)
    started = time.monotonic()

    outcomes = sender.send_in_time(MESSAGES)

    assert time.monotonic() - started < 4
    assert outcomes == [UNAVAILABLE] * 30
    assert UNAVAILABLE.is_retriable


def test_no_call_is_begun_late(sqs_that):
    sender = sqs_that(hang)
    started = time.monotonic()

    assert sender.send(MESSAGES) == [UNAVAILABLE] * 30
    assert time.monotonic() - started < 4


def test_what_was_confirmed_before_sqs_hung_is_told_so(monkeypatch):
    monkeypatch.setattr("airflow_provider_dzlineage.receiver.sending._GIVE_UP_SECONDS", 0.3)
    go = threading.Event()
    queue = FirstBatchOnly(go)

    outcomes = Sender(queue).send_in_time(MESSAGES)
    go.set()

    assert outcomes == [None] * 10 + [UNAVAILABLE] * 20


def test_a_mistake_of_ours_leaves_no_message_without_an_outcome(monkeypatch, caplog):
    queue = FirstBatchOnly(threading.Event())
    monkeypatch.setattr(queue, "send", lambda messages: 1 / 0)

    assert Sender(queue).send_in_time(MESSAGES[:2]) == [UNAVAILABLE] * 2
    assert "ZeroDivisionError" in caplog.text


def test_a_password_in_the_endpoint_url_is_not_logged(monkeypatch, caplog):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://u:p@SECRETPW@127.0.0.1:1")
    sender = Sender(queue_for_answers(Settings(queue_url="http://u:p@SECRETPW@127.0.0.1:1/123456789012/q")))

    assert sender.send(MESSAGES[:1]) == [UNAVAILABLE]
    assert "Events are not taken" in caplog.text
    assert "SECRETPW" not in caplog.text


def test_a_password_in_an_endpoint_url_that_is_none_is_not_told(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://u:SECRETPW@not a host")

    with pytest.raises(ConfigurationError, match="no client for sqs") as caught:
        queue_for_answers(Settings(queue_url="https://sqs.us-east-1.amazonaws.com/123456789012/q"))
    assert "SECRETPW" not in str(caught.value)
