"""What others are answered, and when, while big batches keep the endpoint busy."""

from __future__ import annotations

import gzip
import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.fixtures.endpoints import Served
from tests.fixtures.receiver import KEY

PATH = "/api/v1/lineage"
HEADERS = {"content-type": "application/json", "content-encoding": "gzip", "authorization": f"Bearer {KEY}"}
BATCHES = 8
ANSWER_SECONDS = 5


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


def ask(served, path, body):
    # The clients of OpenLineage wait for five seconds.
    return served.ask("POST", path, HEADERS, body, timeout=ANSWER_SECONDS)


def test_a_small_event_does_not_wait_for_big_batches_and_these_are_answered_in_time(variables, make_event, big_batch):
    small = gzip.compress(json.dumps(make_event("small")).encode())
    with Served(variables) as served, ThreadPoolExecutor(BATCHES) as threads:
        ask(served, PATH, small)
        batches = [threads.submit(ask, served, f"{PATH}/batch", big_batch) for _ in range(BATCHES)]
        beside = []
        while not all(batch.done() for batch in batches):
            beside.append(ask(served, PATH, small))
        answers = [batch.result() for batch in batches]

    assert {answer.status for answer in beside} == {200}
    assert {answer.status for answer in answers} <= {200, 204, 503}
    assert all("retry-after" in answer.headers for answer in answers if answer.status == 503)


def test_too_much_when_decompressed_is_refused(variables, make_event, big_batch):
    variables = variables | {"DZLINEAGE_MAX_HELD_BYTES": "10000000"}
    with Served(variables) as served, ThreadPoolExecutor(3) as threads:
        answers = list(threads.map(lambda _: ask(served, f"{PATH}/batch", big_batch), range(3)))
        alone = ask(served, f"{PATH}/batch", big_batch)

    refused = [answer for answer in answers if b"too many bytes" in answer.body]
    assert refused
    assert all(answer.status == 503 for answer in refused)
    assert b"too many bytes" not in alone.body
