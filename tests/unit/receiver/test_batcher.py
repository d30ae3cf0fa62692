"""How requests share calls of SQS, and what each learns."""

import asyncio
import threading

from airflow_provider_dzlineage.receiver.batcher import WAIT_SECONDS, Batcher
from airflow_provider_dzlineage.receiver.sending import UNAVAILABLE, Unsent

REFUSED = Unsent("refused_by_queue", is_retriable=False)


def message(body="{}", group=None):
    return {"MessageBody": body} | ({"MessageGroupId": group} if group else {})


class Calls:
    """Takes batches, each when ``go`` is set."""

    def __init__(self, answer=lambda body: None):
        self.answer = answer
        self.batches = []
        self.begun, self.go = threading.Semaphore(0), threading.Event()
        self.go.set()

    def __call__(self, batch):
        self.batches.append([entry["MessageBody"] for entry in batch])
        self.begun.release()
        assert self.go.wait(20)
        return [self.answer(entry["MessageBody"]) for entry in batch]


def outcomes_of(calls, requests, senders=4):
    """Submit requests side by side, each a list of messages; return the outcomes of each."""

    async def run():
        batcher = Batcher(calls, senders)
        deadline = asyncio.get_running_loop().time() + 30
        outcomes = await asyncio.gather(*(batcher.submit(messages, deadline) for messages in requests))
        batcher.close()
        return outcomes

    return asyncio.run(run())


def test_requests_that_come_together_share_calls():
    outcomes = outcomes_of(calls := Calls(), [[message(str(number))] for number in range(25)])

    assert outcomes == [[None]] * 25
    assert [len(batch) for batch in calls.batches] == [10, 10, 5]


def test_each_request_learns_of_its_own_messages():
    calls = Calls(lambda body: REFUSED if body == "bad" else None)

    outcomes = outcomes_of(calls, [[message("a"), message("bad")], [message("b")], []])

    assert outcomes == [[None, REFUSED], [None], []]


def test_a_lone_request_waits_a_moment_only():
    async def run():
        loop = asyncio.get_running_loop()
        batcher = Batcher(Calls(), 4)
        started = loop.time()
        # Long before its deadline.
        assert await asyncio.wait_for(batcher.submit([message()], started + 600), 30) == [None]
        batcher.close()
        return loop.time() - started

    assert asyncio.run(run()) >= WAIT_SECONDS


def test_a_request_does_not_wait_for_the_end_of_a_call_that_hangs():
    calls = Calls()
    calls.go.clear()

    async def run():
        batcher = Batcher(calls, 4)
        deadline = asyncio.get_running_loop().time() + 30
        first = asyncio.create_task(batcher.submit([message("first")], deadline))
        assert await asyncio.to_thread(calls.begun.acquire, timeout=20)
        second = asyncio.create_task(batcher.submit([message("second")], deadline))
        assert await asyncio.to_thread(calls.begun.acquire, timeout=20)
        calls.go.set()
        assert await first == await second == [None]
        batcher.close()

    asyncio.run(run())
    assert calls.batches == [["first"], ["second"]]


def test_at_its_deadline_a_request_learns_what_is_known_and_what_has_not_begun_is_not_sent():
    calls = Calls()
    calls.go.clear()

    async def run():
        batcher = Batcher(calls, 1)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + 0.2
        first = asyncio.create_task(batcher.submit([message("first")], deadline))
        assert await asyncio.to_thread(calls.begun.acquire, timeout=20)
        late = asyncio.create_task(batcher.submit([message("late")], deadline))
        outcomes = await asyncio.wait_for(asyncio.gather(first, late), 30)
        calls.go.set()
        assert await batcher.submit([message("after")], loop.time() + 30) == [None]
        batcher.close()
        return outcomes

    assert asyncio.run(run()) == [[UNAVAILABLE], [UNAVAILABLE]]
    assert calls.batches == [["first"], ["after"]]


def test_behind_a_failure_the_rest_of_its_group_is_not_sent():
    calls = Calls(lambda body: UNAVAILABLE if body == "3" else None)

    (outcomes,) = outcomes_of(calls, [[message(str(number), "run") for number in range(15)]], senders=1)

    assert outcomes[3] == UNAVAILABLE
    assert outcomes[10:] == [UNAVAILABLE] * 5
    assert len(calls.batches) == 1


def test_one_message_does_not_wait_for_the_many_of_another_request_nor_these_for_it():
    calls = Calls()

    outcomes_of(calls, [[message("many")] * 40, *([message(f"one {number}")] for number in range(15))], senders=1)

    begins = [batch[0].partition(" ")[0] for batch in calls.batches]
    assert begins == ["many", "one", "many", "one", "many", "many"]
    assert [len(batch) for batch in calls.batches] == [10, 10, 10, 10, 10, 5]


def test_what_does_not_fit_into_a_call_comes_next_in_its_order():
    calls = Calls()
    big = "x" * 600_000

    outcomes_of(calls, [[message(f"{number}{big}") for number in range(12)]], senders=1)

    assert [batch[0][:2] for batch in calls.batches] == [f"{number}x"[:2] for number in range(12)]
