from tests.conformance.events import Kind
from tests.conformance.wire import DELETE, POST, Fault


def test_each_group_keeps_its_order_whatever_fails(fifo_world):
    world = fifo_world
    sent = world.send(*((Kind.GOOD, f"run {number % 3}") for number in range(15)))
    world.network.fails(POST, Fault.THROTTLED, Fault.LOST_ANSWER, Fault.SERVER_ERROR, Fault.LOST_REQUEST)
    world.network.fails(POST, *[Fault.THROTTLED, Fault.NO_CONNECTION] * 3)
    world.network.fails(DELETE, Fault.PARTIAL, Fault.THROTTLED)

    world.drain_until_empty()

    for run in range(3):
        assert [body for body in world.witness.accepted if body in sent[run::3]] == sent[run::3]


def test_after_a_failure_the_rest_of_its_group_waits_untouched_and_other_groups_go_on(fifo_world):
    world = fifo_world
    first, frail, *behind = world.send(*((kind, "run") for kind in (Kind.GOOD, Kind.FRAIL, Kind.GOOD, Kind.GOOD)))
    others = world.send(*((Kind.GOOD, f"other run {number}") for number in range(4)))
    world.frail_events_fail()

    world.drain()
    assert world.witness.posted == {first, *others}
    assert world.witness.attempted == {first, frail, *others}

    world.all_is_well()
    world.drain_until_empty()
    assert list(world.witness.accepted)[-3:] == [frail, *behind]


def test_after_a_dead_letter_the_group_goes_on(fifo_world):
    world = fifo_world
    kinds = (Kind.GOOD, Kind.REFUSED, Kind.GOOD, Kind.NOT_AN_EVENT, Kind.GOOD)
    first, refused, second, flawed, third = world.send(*((kind, "run") for kind in kinds))

    report = world.drain()

    assert list(world.witness.accepted) == [first, second, third]
    assert world.witness.dead_lettered == {refused, flawed}
    assert (report.received, report.released) == (5, 0)
