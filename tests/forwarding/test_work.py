import threading
import time

from airflow_provider_dzlineage.buffer.message import Message
from airflow_provider_dzlineage.forwarding.deadline import Clock
from airflow_provider_dzlineage.forwarding.work import Worklist


def message(name, group=None):
    return Message(name, f"handle-{name}", "{}", None, group, 0, 1)


def worklist_of(*messages, ordered=True):
    worklist = Worklist(Clock(), ordered=ordered)
    assert worklist.add(messages) == []
    return worklist


def take(worklist):
    """Take what can be taken at once, by name."""
    taken = []
    while any(due <= worklist._clock.now() for due, _, _ in worklist._due):
        taken.append(worklist.take())
    return taken


def names(works):
    return [work.message.id for work in works]


def test_messages_come_in_their_order():
    assert names(take(worklist_of(message("a"), message("b"), message("c")))) == ["a", "b", "c"]


def test_groups_run_side_by_side_and_each_in_its_order():
    worklist = worklist_of(message("a1", "a"), message("a2", "a"), message("b1", "b"), message("a3", "a"))

    first = take(worklist)
    assert names(first) == ["a1", "b1"]

    worklist.settled(first[0])
    second = take(worklist)
    assert names(second) == ["a2"]

    worklist.settled(second[0])
    assert names(take(worklist)) == ["a3"]
    assert len(worklist) == 2


def test_groups_of_a_standard_queue_have_no_order():
    assert len(take(worklist_of(message("a1", "a"), message("a2", "a"), ordered=False))) == 2


def test_what_is_put_off_comes_later_and_its_group_waits():
    worklist = worklist_of(message("a1", "a"), message("a2", "a"), message("b1", "b"))
    first, other = take(worklist)

    worklist.put_off(first, 0.05)

    assert names(take(worklist)) == []
    started = time.monotonic()
    assert worklist.take() == first
    assert time.monotonic() - started > 0.03
    assert other.message.id == "b1"


def test_a_group_that_is_given_up_waits_as_a_whole():
    worklist = worklist_of(message("a1", "a"), message("a2", "a"), message("b1", "b"))
    first, _ = take(worklist)

    behind = worklist.give_up(first)

    assert [m.id for m in behind] == ["a2"]
    assert len(worklist) == 1
    late = message("a3", "a")
    assert worklist.add([late, message("c1", "c")]) == [late]
    assert names(take(worklist)) == ["c1"]


def test_a_closed_list_hands_out_nothing_and_gives_up_what_nobody_works_at():
    worklist = worklist_of(message("a1", "a"), message("a2", "a"), message("b1", "b"))
    worker = threading.Thread(target=worklist.take)
    taken = worklist.take()

    worklist.close()
    worker.start()
    worker.join(5)

    assert not worker.is_alive()
    assert taken.message.id == "a1"
    assert sorted(m.id for m in worklist.take_untouched()) == ["a2", "b1"]
    assert worklist.give_up(taken) == []
    assert len(worklist) == 0


def test_it_wakes_who_waits_for_room():
    worklist = worklist_of(message("a"), message("b"))
    (first, _), woken = take(worklist), threading.Event()

    def wait():
        worklist.wait_until_below(2, 30)
        woken.set()

    waiter = threading.Thread(target=wait, daemon=True)
    waiter.start()
    assert not woken.wait(0.05)

    worklist.settled(first)

    assert woken.wait(5)


def test_it_wakes_who_waits_for_work():
    worklist, taken = worklist_of(), []
    waiter = threading.Thread(target=lambda: taken.append(worklist.take()), daemon=True)
    waiter.start()

    worklist.add([message("a")])
    waiter.join(5)

    assert names(taken) == ["a"]
