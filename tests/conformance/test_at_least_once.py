from tests.conformance.events import Kind
from tests.conformance.wire import POST, RECEIVE, Call, Fault
from tests.conformance.world import MAX_RECEIVES

GOOD = [(Kind.GOOD, f"run {number}") for number in range(12)]


def backlog(world):
    return world.queue.state().backlog


def test_every_event_is_posted_and_leaves_the_buffer(world):
    sent = world.send(*GOOD, (Kind.BIG, "big run"))

    report = world.drain()

    assert (report.received, report.posted, report.requests) == (13, 13, 13)
    assert world.witness.accepted.keys() == set(sent)
    assert backlog(world) == 0


def test_trouble_that_passes_loses_nothing_and_buries_nothing(world):
    sent = world.send(*GOOD)
    world.network.fails(POST, *[Fault.THROTTLED] * 5, Fault.SERVER_ERROR, Fault.NO_CONNECTION, Fault.LOST_REQUEST)
    world.network.fails(POST, Fault.LOST_ANSWER, Fault.LOST_ANSWER)
    world.network.fails(RECEIVE, Fault.THROTTLED, Fault.SERVER_ERROR, Fault.LOST_ANSWER)

    world.drain_until_empty()

    assert world.witness.posted == set(sent)
    assert world.witness.dead_lettered == set()
    assert backlog(world) == 0


def test_throttling_without_end_burns_nothing(world):
    sent = world.send(*GOOD)
    world.network.keeps_failing(POST, Fault.THROTTLED)

    for _ in range(MAX_RECEIVES + 1):
        report = world.drain(20)
        assert (report.posted, report.dead_lettered) == (0, 0)
        assert report.throttled == report.requests > 0
    world.all_is_well()
    world.drain_until_empty()

    assert world.witness.posted == set(sent)
    assert world.witness.dead_lettered == set()


def test_what_can_never_be_posted_lies_in_the_dead_letters_and_the_rest_is_posted(world):
    bad = world.send(*((kind, "bad run") for kind in (Kind.NOT_JSON, Kind.NOT_AN_EVENT, Kind.REFUSED)))
    good = world.send(*GOOD)

    report = world.drain()

    assert world.witness.dead_lettered == set(bad)
    assert world.witness.accepted.keys() == set(good)
    assert report.reasons == {"not_json": 1, "not_an_event": 1, "refused": 1}
    assert backlog(world) == 0


def test_our_own_events_are_skipped_and_counted(world):
    world.send((Kind.OWN_JOB, "own run"))

    report = world.drain()

    assert (report.received, report.skipped, report.requests) == (1, 1, 0)
    assert backlog(world) == 0


def test_an_answer_that_nobody_knows_is_borne_until_the_message_came_too_often(world):
    (odd,) = world.send((Kind.ODD, "odd run"))

    for _ in range(MAX_RECEIVES - 1):
        assert world.drain().released == 1
    report = world.drain()

    assert report.reasons == {"unknown_error": 1}
    assert world.witness.dead_lettered == {odd}


def test_what_nobody_may_post_is_given_back_at_once(world):
    sent = world.send(*GOOD)
    denied = world.network.keeps_failing(POST, Fault.DENIED)

    report = world.drain()
    assert (report.posted, report.dead_lettered) == (0, 0)
    assert report.released == report.received > 0
    world.network.troubles.remove(denied)
    world.drain()

    assert world.witness.posted == set(sent)


def test_a_stop_gives_back_at_once_what_is_not_posted(world, stop):
    sent = world.send(*[(Kind.GOOD, "one run")] * 8)

    def stop_at_the_first_answer(call: Call) -> None:
        if call.method == POST and call.is_done:
            stop.set()

    first = world.drain(at_call=stop_at_the_first_answer, stop=stop)
    second = world.drain()

    assert first.posted >= 1
    assert first.posted + second.posted == 8
    assert world.witness.posted == set(sent)
