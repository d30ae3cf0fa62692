"""What a slow AWS Secrets Manager keeps waiting, and for how long."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from airflow_provider_dzlineage.errors import ConfigurationError
from airflow_provider_dzlineage.receiver.authentication import Caller
from airflow_provider_dzlineage.receiver.aws_lambda import LambdaReceiver
from airflow_provider_dzlineage.receiver.core import Receiver
from airflow_provider_dzlineage.receiver.in_time import in_time
from airflow_provider_dzlineage.receiver.options import ReceiverOptions
from airflow_provider_dzlineage.receiver.refreshing import Refreshing
from airflow_provider_dzlineage.receiver.secret import secret_reader

EVENT = {
    "requestContext": {"http": {"method": "POST"}},
    "rawPath": "/api/v1/lineage/batch",
    "headers": {"content-type": "application/json"},
    "body": "[]",
}


class SlowKeys:
    """Lets everybody in, and reads nothing again before ``go``."""

    def __init__(self, seconds=20.0):
        self.seconds = seconds
        self.go = threading.Event()
        self.refreshed = 0

    def caller_of(self, head):
        return Caller("anybody")

    def refresh(self):
        self.refreshed += 1
        self.go.wait(self.seconds)


class Budget:
    """Sends nothing, and keeps what it is told of the time."""

    is_fifo = False

    def send_in_time(self, messages, spent=0.0):
        self.spent = spent
        return [None] * len(messages)


@pytest.fixture
def dripping(monkeypatch):
    """A Secrets Manager that answers one byte each half second."""
    listener = socket.create_server(("127.0.0.1", 0))

    def drip():
        client, _ = listener.accept()
        client.recv(65_536)
        client.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 10000\r\n\r\n")
        for _ in range(20):
            try:
                client.sendall(b" ")
            except OSError:
                return
            time.sleep(0.5)

    threading.Thread(target=drip, daemon=True).start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{listener.getsockname()[1]}")
    yield
    listener.close()


def test_a_request_waits_a_second_for_keys_and_that_is_taken_off_the_time_to_send():
    keys, sender = SlowKeys(), Budget()
    handler = LambdaReceiver(Receiver(ReceiverOptions(), keys, is_fifo=False), sender)
    started = time.monotonic()

    first = handler(EVENT)
    first_seconds, first_spent = time.monotonic() - started, sender.spent
    second = handler(EVENT)
    keys.go.set()

    assert (first["statusCode"], second["statusCode"]) == (204, 204)
    assert 0.9 < first_spent <= first_seconds < 3
    # Who finds keys being read does not wait, nor reads them too.
    assert sender.spent < 0.5
    assert keys.refreshed == 1


def test_keys_are_read_again_once_a_second():
    keys, now = SlowKeys(seconds=0.0), [10.0]
    refreshing = Refreshing(keys, now=lambda: now[0])

    for moment in (10.0, 10.5, 11.0):
        now[0] = moment
        refreshing.wait()

    assert keys.refreshed == 2


def test_a_mistake_while_reading_keys_is_logged_without_its_text(caplog, monkeypatch):
    keys = SlowKeys()
    monkeypatch.setattr(keys, "refresh", lambda: {}["secret"])

    Refreshing(keys).wait()

    assert "KeyError" in caplog.text
    assert "secret" not in caplog.text


def test_a_secret_that_comes_one_byte_at_a_time_is_given_up(dripping):
    read = secret_reader("keys")
    started = time.monotonic()

    with pytest.raises(ConfigurationError, match="no answer within 3 seconds"):
        read()
    assert time.monotonic() - started < 6


def test_what_is_done_in_time_returns_or_raises():
    assert in_time(lambda: None, 5) is None
    with pytest.raises(ZeroDivisionError):
        in_time(lambda: 1 / 0, 5)
