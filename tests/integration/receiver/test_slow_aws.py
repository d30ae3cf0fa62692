"""SQS and Secrets Manager that hang, or answer byte by byte: each wait of a client is short, and all are too long."""

from __future__ import annotations

import socket
import threading

import pytest

from airflow_provider_dzlineage.errors import ConfigurationError
from airflow_provider_dzlineage.receiver.keys import secret_reader
from airflow_provider_dzlineage.receiver.sending import UNAVAILABLE, Sender, open_queue
from airflow_provider_dzlineage.settings.site import Settings

# Far less than what the servers below take to end a response.
pytestmark = pytest.mark.timeout(60)

MESSAGES = [{"MessageBody": str(number)} for number in range(30)]


@pytest.fixture
def aws_that(monkeypatch):
    """Start what accepts connections and then behaves as it should not, until the test is over; return its URL."""
    over = threading.Event()
    listeners = []

    def start(behave):
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def accept():
            while not over.is_set():
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=behave, args=(client, over), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        return url

    yield start
    over.set()
    for listener in listeners:
        listener.close()


def hang(client, over):
    with client:
        over.wait(120)


def drip(client, over):
    with client:
        client.recv(65_536)
        client.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 10000\r\n\r\n")
        while not over.wait(0.5):
            try:
                client.sendall(b" ")
            except OSError:
                return


@pytest.mark.parametrize("behave", [hang, drip])
def test_many_batches_are_given_up_together(aws_that, behave):
    sender = Sender(open_queue(Settings(queue_url=f"{aws_that(behave)}/123456789012/q")))

    outcomes = sender.send_in_time(MESSAGES)

    assert outcomes == [UNAVAILABLE] * 30
    assert UNAVAILABLE.is_retriable


def test_a_call_that_hangs_ends_by_the_time_outs_of_its_client(aws_that):
    sender = Sender(open_queue(Settings(queue_url=f"{aws_that(hang)}/123456789012/q")))

    assert sender.send(MESSAGES) == [UNAVAILABLE] * 30


def test_a_secret_that_comes_byte_by_byte_is_given_up(aws_that):
    aws_that(drip)
    read = secret_reader("keys")

    with pytest.raises(ConfigurationError, match="no answer within 3 seconds"):
        read()
