"""How requests share calls of SQS, and what each is told."""

import asyncio
import threading
import time

from airflow_provider_dzlineage.receiver.collector import WAIT_SECONDS, Batcher
from airflow_provider_dzlineage.receiver.sending import UNAVAILABLE, Unsent

REFUSED = Unsent("refused_by_queue", is_retriable=False)


def message(body="{}", group=None):
    return {"MessageBody": body} | ({"MessageGroupId": group} if group else {})


class Calls:
    """Takes batches, each when ``go`` is set."""

    def __init__(self, answer=lambda body: None):
        self.answer = answer
        self.batches = []
        self.go = threading.Event()
        self.go.set()

    def __call__(self, batch):
        self.batches.append([entry["MessageBody"] for entry in batch])
        assert self.go.wait(10)
        return [self.answer(entry["MessageBody"]) for entry in batch]


def collected(calls, requests, senders=4, seconds=5.0):
    """Submit requests side by side, each a list of messages; return what each is told."""

    async def run():
        collector = Batcher(calls, senders)
        give_up = asyncio.get_running_loop().time() + seconds
        told = await asyncio.gather(*(collector.submit(messages, give_up) for messages in requests))
        calls.go.set()
        collector.close()
        return told

    return asyncio.run(run())


def test_requests_that_come_together_share_calls():
    told = collected(calls := Calls(), [[message(str(number))] for number in range(25)])

    assert told == [[None]] * 25
    assert [len(batch) for batch in calls.batches] == [10, 10, 5]


def test_each_request_is_told_of_its_own_messages():
    calls = Calls(lambda body: REFUSED if body == "bad" else None)

    told = collected(calls, [[message("a"), message("bad")], [message("b")], []])

    assert told == [[None, REFUSED], [None], []]


def test_a_lone_request_waits_a_moment_only():
    started = time.monotonic()
    collected(Calls(), [[message()]])

    assert WAIT_SECONDS <= time.monotonic() - started < 1


def test_who_finds_a_call_that_hangs_does_not_wait_for_its_end():
    calls = Calls()

    async def run():
        collector = Batcher(calls, 4)
        give_up = asyncio.get_running_loop().time() + 10
        calls.go.clear()
        first = asyncio.create_task(collector.submit([message("first")], give_up))
        await asyncio.sleep(0.1)
        second = asyncio.create_task(collector.submit([message("second")], give_up))
        await asyncio.sleep(0.2)
        batches = list(calls.batches)
        calls.go.set()
        assert await first == await second == [None]
        collector.close()
        return batches

    assert asyncio.run(run()) == [["first"], ["second"]]


def test_when_its_time_is_up_a_request_is_told_what_is_known():
    calls = Calls()
    calls.go.clear()

    async def run():
        collector = Batcher(calls, 1)
        now = asyncio.get_running_loop().time()
        patient = asyncio.create_task(collector.submit([message("patient")], now + 10))
        told = await collector.submit([message("hasty")], now + 0.2)
        calls.go.set()
        assert await patient == [None]
        await asyncio.sleep(0.1)
        collector.close()
        return told

    started = time.monotonic()
    assert asyncio.run(run()) == [UNAVAILABLE]
    assert time.monotonic() - started < 5


def test_what_nobody_waits_for_any_more_is_not_sent():
    calls = Calls()
    calls.go.clear()

    async def run():
        collector = Batcher(calls, 1)
        now = asyncio.get_running_loop().time()
        first = asyncio.create_task(collector.submit([message("first")], now + 10))
        await asyncio.sleep(0.1)
        assert await collector.submit([message("late")], now + 0.3) == [UNAVAILABLE]
        calls.go.set()
        await first
        await asyncio.sleep(0.1)
        collector.close()

    asyncio.run(run())
    assert calls.batches == [["first"]]


def test_behind_a_failure_the_rest_of_its_group_is_not_sent():
    calls = Calls(lambda body: UNAVAILABLE if body == "3" else None)

    (told,) = collected(calls, [[message(str(number), "run") for number in range(15)]], senders=1)

    assert told[3] == UNAVAILABLE
    assert told[10:] == [UNAVAILABLE] * 5
    assert len(calls.batches) == 1


def test_one_message_does_not_wait_for_the_many_of_another_request_nor_these_for_it():
    calls = Calls()

    collected(calls, [[message("many")] * 40, *([message(f"one {number}")] for number in range(15))], senders=1)

    begins = [batch[0].partition(" ")[0] for batch in calls.batches]
    assert begins == ["many", "one", "many", "one", "many", "many"]
    assert [len(batch) for batch in calls.batches] == [10, 10, 10, 10, 10, 5]


def test_what_does_not_fit_into_a_call_comes_next_in_its_order():
    calls = Calls()
    big = "x" * 600_000

    collected(calls, [[message(f"{number}{big}") for number in range(12)]], senders=1)

    assert [batch[0][:2] for batch in calls.batches] == [f"{number}x"[:2] for number in range(12)]
