"""The mischief happens as it is said to, with a real SQS."""

import random
import socket
from contextlib import closing, suppress
from urllib.parse import urlsplit

import boto3
import pytest

from airflow_provider_dzlineage.buffer.codec import send_parameters
from airflow_provider_dzlineage.buffer.queue import Queue
from tests.chaos.link import Link
from tests.chaos.mischief import PartialBatches


@pytest.fixture
def disturbed(ministack, make_queue):
    """Make a queue whose batches go wrong by this share, but not those of the client of all tests."""

    def disturbed(share):
        client = boto3.client("sqs", endpoint_url=ministack.endpoint_url)
        PartialBatches(share, random.Random(3)).disturb(client)
        return Queue(client, make_queue().url)

    return disturbed


def fill(sqs, queue, messages):
    assert list(Queue(sqs, queue.url).send(send_parameters(f"message {number}") for number in range(messages))) == []


def test_a_part_of_a_batch_is_not_deleted_and_another_part_is_though_the_answer_says_no(sqs, disturbed):
    queue = disturbed(0.5)
    fill(sqs, queue, 40)
    received = [
        message for _ in range(4) for message in queue.receive(wait_seconds=0, visibility_seconds=60, at_most=10)
    ]

    failed = queue.delete(received)

    assert 10 < len(failed) < 30
    assert 0 < queue.state().backlog < len(failed)


def test_a_batch_of_which_nothing_is_deleted_or_sent_is_answered_in_place_of_sqs(sqs, disturbed):
    queue = disturbed(1.0)
    fill(sqs, queue, 1)
    (message,) = queue.receive(wait_seconds=0, visibility_seconds=60)

    while queue.delete([message]) and queue.state().backlog:
        pass
    refused = list(queue.send([send_parameters("a"), send_parameters("b")]))

    assert [entry.index for entry in refused] == [0, 1]
    assert queue.state().backlog == 0


def test_without_a_share_nothing_goes_wrong(disturbed):
    queue = disturbed(0.0)
    assert list(queue.send([send_parameters("a")])) == []

    assert queue.delete(queue.receive(wait_seconds=0, visibility_seconds=60)) == []
    assert queue.state().backlog == 0


def test_a_link_that_is_cut_breaks_its_connections_and_refuses_new_ones_until_it_is_mended(ministack):
    with Link(ministack.endpoint_url) as link:
        address = ("127.0.0.1", urlsplit(link.url).port)
        with closing(socket.create_connection(address, timeout=5)) as connection:
            assert b"200" in ask(connection)
            link.cut()
            # It would time out if the connection were still there.
            with suppress(ConnectionError):
                while connection.recv(4096):
                    pass
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(address, timeout=5)
        link.mend()
        with closing(socket.create_connection(address, timeout=5)) as connection:
            assert b"200" in ask(connection)


def ask(connection):
    connection.sendall(b"GET /_ministack/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
    return connection.recv(4096)
