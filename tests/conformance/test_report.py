"""What a report must not do."""

from __future__ import annotations

import threading

from airflow_provider_dzlineage.forwarding.publisher import MAX_FAILING_SECONDS
from tests.conformance.events import Kind
from tests.conformance.model_world import ModelWorld
from tests.conformance.wire import CHANGE_VISIBILITY, POST, Call, Fault


def test_a_message_that_waits_behind_one_which_is_given_up_at_the_end_is_counted_once():
    world, stop = ModelWorld(fifo=True, duplicates=0.0, seed=0, rate=float("inf")), threading.Event()
    world.send(*[(Kind.GOOD, "run")] * 3)
    world.network.keeps_failing(POST, Fault.SERVER_ERROR)
    start = world.clock.now()

    given_back = threading.Event()

    def stop_in_the_last_post(call: Call) -> None:
        if call.method == CHANGE_VISIBILITY and call.is_done and stop.is_set():
            given_back.set()
        # The first post after this drain's patience is the last one of the first message.
        if call.method == POST and world.clock.now() > start + MAX_FAILING_SECONDS + 1:
            stop.set()
            assert given_back.wait(20)

    report = world.drain(1_000.0, at_call=stop_in_the_last_post, stop=stop)

    assert report.received == 3
