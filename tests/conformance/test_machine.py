"""The promise of the system as a state machine: whatever comes, in whatever order, it holds.

The real forwarder runs over models of Amazon SQS and Amazon DataZone. The profile ``thorough`` looks for longer, and
makes what it finds small, which takes long where threads are at work. It begins with what a short run has found:
``pytest tests/conformance --hypothesis-profile=thorough --timeout=0``.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.conformance.events import Kind
from tests.conformance.model_world import ModelWorld
from tests.conformance.wire import CHANGE_VISIBILITY, DELETE, POST, RECEIVE, SEND, Call, Crash, Fault
from tests.fixtures.properties import examples

Messages = list[tuple[Kind, str]]
Troubles = list[tuple[str, Fault]]

# What can happen to every call, to posts only, and to calls that carry a batch only.
FAULTS = (Fault.THROTTLED, Fault.SERVER_ERROR, Fault.NO_CONNECTION, Fault.LOST_REQUEST, Fault.LOST_ANSWER)
POST_FAULTS = (*FAULTS, Fault.UNKNOWN, Fault.DENIED)
BATCH_FAULTS = (*FAULTS, Fault.PARTIAL)
BATCHES = (DELETE, CHANGE_VISIBILITY, SEND)

# Most messages are good ones.
kinds = st.one_of(st.just(Kind.GOOD), st.sampled_from(Kind))
messages = st.lists(st.tuples(kinds, st.sampled_from(["first run", "second run"])), max_size=8)
troubles = st.lists(
    st.one_of(
        st.tuples(st.just(POST), st.sampled_from(POST_FAULTS)),
        st.tuples(st.just(RECEIVE), st.sampled_from(FAULTS)),
        st.tuples(st.sampled_from(BATCHES), st.sampled_from(BATCH_FAULTS)),
    ),
    max_size=6,
)
moments = st.integers(1, 30)
deadlines = st.sampled_from([1.0, 20.0, 200.0])


class PromiseMachine(RuleBasedStateMachine):
    """Producers, forwarders that come and go, and a network that fails."""

    def __init__(self) -> None:
        super().__init__()
        self.world: Any = None
        self.broken: list[str] = []

    @initialize(
        fifo=st.booleans(),
        duplicates=st.sampled_from([0.0, 0.2]),
        seed=st.integers(0, 1000),
        rate=st.sampled_from([float("inf"), 20.0]),
        merge=st.sampled_from(["never", "backlog", "always"]),
    )
    def begin(self, fifo: bool, duplicates: float, seed: int, rate: float, merge: str) -> None:
        self.world = ModelWorld(fifo=fifo, duplicates=duplicates, seed=seed, rate=rate, merge=merge)
        self.world.frail_events_fail()

    @rule(messages=messages)
    def produce(self, messages: Messages) -> None:
        self.world.send(*messages)

    @rule()
    def produce_the_last_again(self) -> None:
        self.world.send_again()

    @rule(seconds=st.sampled_from([1.0, 61.0, 121.0, 301.0]))
    def time_passes(self, seconds: float) -> None:
        self.world.clock.advance(seconds)

    @rule(method=st.sampled_from((POST, *BATCHES)), fault=st.sampled_from(FAULTS))
    def every_call_fails(self, method: str, fault: Fault) -> None:
        self.world.network.keeps_failing(method, fault)

    @rule()
    def frail_events_fail(self) -> None:
        self.world.frail_events_fail()

    @rule()
    def all_is_well_again(self) -> None:
        self.world.all_is_well()

    @rule(messages=messages, troubles=troubles, max_seconds=deadlines)
    def drain(self, messages: Messages, troubles: Troubles, max_seconds: float) -> None:
        self._prepare(messages, troubles)
        self.world.drain(max_seconds)

    @rule(messages=messages, troubles=troubles, max_seconds=deadlines)
    def drain_twice_at_once(self, messages: Messages, troubles: Troubles, max_seconds: float) -> None:
        self._prepare(messages, troubles)
        other = threading.Thread(target=self.world.drain, args=(max_seconds,), kwargs={"alone": False})
        other.start()
        self.world.drain(max_seconds, alone=False)
        other.join()

    @rule(messages=messages, troubles=troubles, number=moments, is_done=st.booleans())
    def drain_and_stop(self, messages: Messages, troubles: Troubles, number: int, is_done: bool) -> None:
        self._prepare(messages, troubles)
        stop = threading.Event()
        self.world.drain(200.0, at_call=_at(number, is_done, stop.set), stop=stop)

    @rule(messages=messages, troubles=troubles, number=moments, is_done=st.booleans())
    def drain_and_crash(self, messages: Messages, troubles: Troubles, number: int, is_done: bool) -> None:
        self._prepare(messages, troubles)
        self.world.drain(200.0, at_call=_at(number, is_done, _crash))

    def _prepare(self, messages: Messages, troubles: Troubles) -> None:
        self.world.send(*messages)
        for method, fault in troubles:
            self.world.network.fails(method, fault)

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
        assert not self.broken, "\n".join(self.broken)


def _at(number: int, is_done: bool, act: Callable[[], None]) -> Callable[[Call], None]:
    def at_call(call: Call) -> None:
        if (call.number, call.is_done) == (number, is_done):
            act()

    return at_call


def _crash() -> None:
    raise Crash


TestPromise = PromiseMachine.TestCase
TestPromise.settings = (
    settings()
    if settings.get_current_profile_name() == "thorough"
    else settings(examples(0.2), stateful_step_count=20, phases=[Phase.reuse, Phase.generate])
)
