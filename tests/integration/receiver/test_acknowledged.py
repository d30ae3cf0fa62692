"""Acknowledged means durable: whatever happens to the endpoint or SQS, what was answered with 2xx is in the queue."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import threading
import time
from collections import Counter

import boto3
import pytest

from tests.fixtures.endpoints import Served
from tests.fixtures.receiver import KEY, KEYS
from tests.fixtures.waiting import eventually

pytestmark = pytest.mark.timeout(180)

HEADERS = {"content-type": "application/json", "authorization": f"Bearer {KEY}"}
CLIENTS = 20
# So many refusals in a row; thousands are for a quiet afternoon.
AWAY_REFUSALS = int(os.environ.get("DZLINEAGE_TEST_AWAY_REFUSALS", "40"))
# What the clients of OpenLineage wait for an answer.
ANSWER_SECONDS = 5


class Load:
    """Clients that post events as fast as they are answered, each event once; a context manager.

    :param served: the endpoint.
    """

    def __init__(self, served):
        self._served = served
        self._stop = threading.Event()
        self.acknowledged, self.statuses, self.bad = [], Counter(), []
        self._threads = [threading.Thread(target=self._client, args=(number,)) for number in range(CLIENTS)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join(30)

    def _client(self, number):
        connection = http.client.HTTPConnection(*self._served.address, timeout=ANSWER_SECONDS)
        sent = 0
        while not self._stop.is_set():
            name = f"{number}-{sent}"
            sent += 1
            try:
                connection.request("POST", "/api/v1/lineage", json.dumps(event(name)), HEADERS)
                response = connection.getresponse()
                response.read()
            except TimeoutError:
                self.bad.append("no answer in time")
                connection.close()
                continue
            except (OSError, http.client.HTTPException):
                connection.close()
                self._stop.wait(0.05)
                continue
            self.statuses[response.status] += 1
            if response.status == 200:
                self.acknowledged.append(name)
            elif response.status != 503 or not response.getheader("retry-after"):
                self.bad.append(response.status)

    def wait_for(self, *, acknowledged=0, refused=0):
        """Wait until so many more events were acknowledged, and so many more refused."""
        acknowledged += len(self.acknowledged)
        refused += self.statuses[503]
        eventually(lambda: len(self.acknowledged) >= acknowledged and self.statuses[503] >= refused, 90, every=0.02)


class Proxy:
    """A way to the emulated SQS that can be cut; a context manager."""

    def __init__(self, target):
        self._target = target
        self.is_open = threading.Event()
        self.is_open.set()

    def __enter__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client):
        with client, socket.create_connection(self._target) as server:
            back = threading.Thread(target=self._pump, args=(server, client), daemon=True)
            back.start()
            self._pump(client, server)
            back.join(1)

    def _pump(self, source, sink):
        try:
            while data := source.recv(65_536):
                self.is_open.wait()
                sink.sendall(data)
        except OSError:
            return


def event(name):
    return {
        "eventType": "COMPLETE",
        "eventTime": "2026-01-02T03:04:05Z",
        "producer": "https://example.com",
        "schemaURL": "https://example.com/schema",
        "run": {"runId": name},
        "job": {"namespace": "load", "name": name},
        "inputs": [],
        "outputs": [],
    }


@pytest.fixture
def sqs_client(ministack):
    session = boto3.Session("test", "test", region_name="us-east-1")
    return session.client("sqs", endpoint_url=ministack.endpoint_url)


@pytest.fixture
def queue_url(sqs_client, request):
    """A queue of its own."""
    return sqs_client.create_queue(QueueName=f"acknowledged-{os.getpid()}-{time.monotonic_ns()}")["QueueUrl"]


@pytest.fixture
def variables(ministack, queue_url):
    return {
        "AWS_ENDPOINT_URL": ministack.endpoint_url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "DZLINEAGE_QUEUE_URL": queue_url,
        "DZLINEAGE_API_KEYS": KEYS,
    }


@pytest.fixture
def queued(sqs_client, queue_url):
    """Count the names of the jobs in the queue."""

    def read():
        names = Counter()
        while messages := sqs_client.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10).get("Messages"):
            names.update(json.loads(message["Body"])["job"]["name"] for message in messages)
            entries = [
                {"Id": str(index), "ReceiptHandle": message["ReceiptHandle"]} for index, message in enumerate(messages)
            ]
            sqs_client.delete_message_batch(QueueUrl=queue_url, Entries=entries)
        return names

    return read


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL], ids=lambda number: number.name)
def test_what_was_acknowledged_before_a_signal_is_in_the_queue_once(variables, queued, number):
    with Served(variables) as served:
        with Load(served) as load:
            load.wait_for(acknowledged=200)
            served.process.send_signal(number)
            served.process.wait(20)
        assert load.bad == []
        assert len(load.acknowledged) > 50

    names = queued()
    assert [name for name in load.acknowledged if names[name] != 1] == []
    if number != signal.SIGKILL:
        # And nothing is in it that was not acknowledged.
        assert names.total() == len(load.acknowledged)


def test_while_sqs_is_away_nothing_is_acknowledged_and_nothing_lost(ministack, variables, queued):
    host, port = ministack.endpoint_url.removeprefix("http://").split(":")
    with Proxy((host, int(port))) as proxy, Served({**variables, "AWS_ENDPOINT_URL": proxy.url}) as served:
        with Load(served) as load:
            load.wait_for(acknowledged=100)
            proxy.is_open.clear()
            # One answer of each client may have been under way.
            load.wait_for(refused=CLIENTS)
            before = len(load.acknowledged)
            load.wait_for(refused=AWAY_REFUSALS)
            during = len(load.acknowledged) - before
            proxy.is_open.set()
            load.wait_for(acknowledged=100)
        assert load.bad == []
        assert load.statuses.keys() == {200, 503}
        assert during == 0
        assert len(load.acknowledged) >= before + 100

    names = queued()
    assert [name for name in load.acknowledged if not names[name]] == []
