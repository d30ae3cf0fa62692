import pytest

from tests.conformance.events import Kind
from tests.conformance.wire import DELETE, POST, RECEIVE, SEND, Call, Crash, Fault

RUN = [(Kind.GOOD, "run"), (Kind.GOOD, "other run"), (Kind.GOOD, "run")]


def crash(method, *, is_done):
    """Let the process end before or after its first call of a method."""

    def at_call(call: Call) -> None:
        if (call.method, call.is_done) == (method, is_done):
            raise Crash

    return at_call


@pytest.mark.parametrize("is_done", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("method", [RECEIVE, POST, DELETE])
def test_a_process_that_ends_loses_nothing_and_posts_nothing_under_two_tokens(world, method, is_done):
    sent = world.send(*RUN)

    assert world.drain(at_call=crash(method, is_done=is_done)) is None
    world.drain_until_empty()

    assert world.witness.posted == set(sent)
    assert len(set(world.witness.accepted.values())) == 3


@pytest.mark.parametrize("is_done", [False, True], ids=["before", "after"])
def test_a_process_that_ends_at_a_dead_letter_does_not_lose_the_message(world, is_done):
    (bad,) = world.send((Kind.NOT_JSON, "run"))

    assert world.drain(at_call=crash(SEND, is_done=is_done)) is None
    assert (bad in world.witness.dead_lettered) == is_done
    assert world.queue.state().backlog == 1
    world.drain_until_empty()

    assert world.witness.dead_lettered == {bad}


def test_a_message_that_is_delivered_again_while_it_is_posted_counts_once(world):
    sent = world.send(*RUN)
    ended = []

    def end_the_visibility_in_the_first_post(call: Call) -> None:
        if call.method == POST and not call.is_done and not ended:
            ended.append(True)
            world.expire()

    report = world.drain(at_call=end_the_visibility_in_the_first_post)
    world.drain_until_empty()

    assert report.posted >= 3
    assert world.witness.posted == set(sent)
    assert world.queue.state().backlog == 0


def test_an_event_that_was_sent_twice_is_one_event_in_the_catalog(world):
    (event,) = world.send((Kind.GOOD, "run"))
    world.send_again()

    world.drain_until_empty()

    assert list(world.witness.accepted) == [event]
    assert world.queue.state().backlog == 0


@pytest.mark.parametrize("fault", [Fault.PARTIAL, Fault.THROTTLED, Fault.SERVER_ERROR, Fault.LOST_REQUEST])
def test_what_was_not_deleted_is_deleted_later_and_not_posted_again(world, fault):
    world.send(*RUN)
    world.network.fails(DELETE, fault, fault)

    report = world.drain()

    assert (report.posted, report.requests) == (3, 3)
    assert world.queue.state().backlog == 0


@pytest.mark.parametrize("fault", [Fault.PARTIAL, Fault.THROTTLED, Fault.NO_CONNECTION, Fault.DENIED])
def test_a_message_whose_dead_letter_is_not_written_stays(world, fault):
    (bad,) = world.send((Kind.NOT_JSON, "run"))
    world.network.fails(SEND, fault)

    report = world.drain()
    assert report.reasons == {"dead_letter_not_written": 1}
    assert world.queue.state().backlog == 1
    world.drain_until_empty()

    assert world.witness.dead_lettered == {bad}
