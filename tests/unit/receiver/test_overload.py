"""What others are answered, and when, while big batches keep the endpoint busy."""

from __future__ import annotations

import asyncio
import gzip
import json
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from airflow_provider_dzlineage.receiver.exchange import Answer
from airflow_provider_dzlineage.receiver.opening import BodyParser
from tests.fixtures.endpoints import Served
from tests.fixtures.receiver import KEY

PATH = "/api/v1/lineage"
HEADERS = {"content-type": "application/json", "content-encoding": "gzip", "authorization": f"Bearer {KEY}"}
BATCHES = 8
# The clients of OpenLineage wait so long.
PATIENCE_SECONDS = 5


@pytest.fixture(scope="module", params=["standard"])
def queue_url(request, sqs_of_module):
    """One kind of queue is enough here."""
    return sqs_of_module.create_queue(QueueName="overload")["QueueUrl"]


@pytest.fixture
def big_batch(make_event):
    """A thousand events that unfold to eight million bytes, zipped."""
    events = [make_event() for _ in range(1_000)]
    for event in events:
        event["run"]["facets"] = {"filler": {"text": "y" * 7_800}}
    return gzip.compress(json.dumps(events).encode())


def timed(served, path, body):
    started = time.monotonic()
    answer = served.ask("POST", path, HEADERS, body)
    return answer, time.monotonic() - started


@pytest.mark.integration
def test_a_small_event_does_not_wait_for_big_batches_and_these_are_answered_in_time(variables, make_event, big_batch):
    small = gzip.compress(json.dumps(make_event("small")).encode())
    with Served(variables) as served, ThreadPoolExecutor(BATCHES) as threads:
        timed(served, PATH, small)
        batches = [threads.submit(timed, served, f"{PATH}/batch", big_batch) for _ in range(BATCHES)]
        time.sleep(0.3)
        beside = [timed(served, PATH, small) for _ in range(5)]
        told = [batch.result() for batch in batches]

    assert [answer.status for answer, _ in beside] == [200] * 5
    assert max(seconds for _, seconds in beside) < 2
    assert max(seconds for _, seconds in told) < PATIENCE_SECONDS
    assert {answer.status for answer, _ in told} <= {200, 204, 503}
    assert all("retry-after" in answer.headers for answer, _ in told if answer.status == 503)


@pytest.mark.integration
def test_too_much_when_decompressed_is_refused_at_once(variables, make_event, big_batch):
    variables = variables | {"DZLINEAGE_MAX_HELD_BYTES": "10000000"}
    with Served(variables) as served, ThreadPoolExecutor(3) as threads:
        told = list(threads.map(lambda _: timed(served, f"{PATH}/batch", big_batch), range(3)))
        alone, _ = timed(served, f"{PATH}/batch", big_batch)

    refused = [(answer, seconds) for answer, seconds in told if b"too many bytes" in answer.body]
    assert refused
    assert all(answer.status == 503 and seconds < 2 for answer, seconds in refused)
    assert b"too many bytes" not in alone.body


def test_opening_is_given_up_in_time_and_what_nobody_waits_for_is_not_opened():
    opened = []

    def read(admission, body):
        opened.append(body)
        time.sleep(0.5)
        return Answer(400)

    async def run():
        opener = BodyParser(SimpleNamespace(open=read))
        give_up = asyncio.get_running_loop().time() + 0.2
        big, middling = 16 * 1024 * 1024, 100 * 1024
        told = await asyncio.gather(*(opener.open(None, body, big, give_up) for body in (b"first", b"second")))
        beside = await opener.open(None, b"beside", middling, give_up + 10)
        opener.close()
        return told, beside

    (first, second), beside = asyncio.run(run())

    assert (first.status, second.status, beside.status) == (503, 503, 400)
    assert opened == [b"first", b"beside"]
