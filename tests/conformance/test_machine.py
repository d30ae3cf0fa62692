"""The promise of the system as a state machine: whatever comes, in whatever order, it holds.

The real forwarder runs over models of Amazon SQS and Amazon DataZone. The profile ``thorough`` looks for longer:
``pytest tests/conformance/test_machine.py --hypothesis-profile=thorough``.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.conformance.events import Kind
from tests.conformance.wire import CHANGE_VISIBILITY, DELETE, POST, RECEIVE, SEND, Crash, Fault
from tests.conformance.world import World

POST_FAULTS = (Fault.THROTTLED, Fault.SERVER_ERROR, Fault.NO_CONNECTION, Fault.LOST_REQUEST, Fault.LOST_ANSWER)
SQS_FAULTS = (*POST_FAULTS, Fault.PARTIAL)
BATCHES = (DELETE, CHANGE_VISIBILITY, SEND)
RUNS = ("first run", "second run", "third run")

messages = st.lists(st.tuples(st.sampled_from(Kind), st.sampled_from(RUNS)), min_size=1, max_size=8)
moments = st.integers(1, 30)


class PromiseMachine(RuleBasedStateMachine):
    """Producers, forwarders that come and go, and a network that fails."""

    def __init__(self) -> None:
        super().__init__()
        self.world: World | None = None
        self.broken: list[str] = []

    @initialize(
        fifo=st.booleans(),
        duplicates=st.sampled_from([0.0, 0.2]),
        seed=st.integers(0, 1000),
        rate=st.sampled_from([float("inf"), 20.0]),
    )
    def begin(self, fifo: bool, duplicates: float, seed: int, rate: float) -> None:
        self.world = World(fifo=fifo, duplicates=duplicates, seed=seed, rate=rate)

    @rule(messages=messages)
    def produce(self, messages: list[tuple[Kind, str]]) -> None:
        self.world.send(*messages)

    @rule()
    def produce_the_last_again(self) -> None:
        self.world.send_again()

    @rule(seconds=st.sampled_from([1.0, 61.0, 121.0, 301.0]))
    def time_passes(self, seconds: float) -> None:
        self.world.clock.advance(seconds)

    @rule(faults=st.lists(st.sampled_from((*POST_FAULTS, Fault.UNKNOWN, Fault.DENIED)), min_size=1, max_size=8))
    def some_posts_fail(self, faults: list[Fault]) -> None:
        self.world.network.fails(POST, *faults)

    @rule(fault=st.sampled_from(POST_FAULTS))
    def every_post_fails(self, fault: Fault) -> None:
        self.world.network.keeps_failing(POST, fault)

    @rule(method=st.sampled_from(BATCHES), faults=st.lists(st.sampled_from(SQS_FAULTS), min_size=1, max_size=4))
    def some_batches_fail(self, method: str, faults: list[Fault]) -> None:
        self.world.network.fails(method, *faults)

    @rule(method=st.sampled_from(BATCHES), fault=st.sampled_from(SQS_FAULTS))
    def every_batch_fails(self, method: str, fault: Fault) -> None:
        self.world.network.keeps_failing(method, fault)

    @rule(faults=st.lists(st.sampled_from(POST_FAULTS), min_size=1, max_size=4))
    def some_receives_fail(self, faults: list[Fault]) -> None:
        self.world.network.fails(RECEIVE, *faults)

    @rule()
    def all_is_well_again(self) -> None:
        self.world.all_is_well()

    @rule(max_seconds=st.sampled_from([1.0, 20.0, 200.0]))
    def drain(self, max_seconds: float) -> None:
        self.world.drain(max_seconds)

    @rule(max_seconds=st.sampled_from([20.0, 200.0]), others=st.integers(1, 2))
    def drain_beside_others(self, max_seconds: float, others: int) -> None:
        threads = [threading.Thread(target=self.world.drain, args=(max_seconds,)) for _ in range(others)]
        for thread in threads:
            thread.start()
        self.world.drain(max_seconds)
        for thread in threads:
            thread.join()

    @rule(number=moments, is_done=st.booleans())
    def drain_and_stop(self, number: int, is_done: bool) -> None:
        stop = threading.Event()
        self.world.drain(200.0, at_call=_at(number, is_done, stop.set), stop=stop)

    @rule(number=moments, is_done=st.booleans())
    def drain_and_crash(self, number: int, is_done: bool) -> None:
        self.world.drain(200.0, at_call=_at(number, is_done, _crash))

    @invariant()
    def the_promise_holds(self) -> None:
        # Raised at the end, since threads may break it one step earlier or later when the same steps come again.
        if self.world:
            self.broken += [line for line in self.world.broken() if line not in self.broken]

    def teardown(self) -> None:
        if self.world:
            self.world.all_is_well()
            self.world.drain_until_empty()
            self.the_promise_holds()
            assert self.world.queued() == set()
        assert self.broken == []


def _at(number: int, is_done: bool, act: Callable[[], None]) -> Callable[[int, bool], None]:
    def at_call(call: int, done: bool) -> None:
        if (call, done) == (number, is_done):
            act()

    return at_call


def _crash() -> None:
    raise Crash


TestPromise = PromiseMachine.TestCase
