import math
import threading
import time
from dataclasses import replace

from airflow_provider_dzlineage.buffer.message import Message
from airflow_provider_dzlineage.forwarding.deadline import Clock
from airflow_provider_dzlineage.forwarding.worklist import Worklist
from airflow_provider_dzlineage.lineage.event import RunEvent


def message(name, group=None, retry_of=""):
    return Message(name, f"handle-{name}", "{}", None, group, 0, 1, retry_of)


def event_of(message):
    """Name its run after the first letter of the message's name."""
    run = {"run": {"runId": message.id[0]}, "job": {"namespace": "tests", "name": "load"}}
    return RunEvent(b"{}", run)


def meet(worklist):
    """Prepare all messages and let them meet."""
    for work in take(worklist):
        assert worklist.meet(replace(work, event=event_of(work.message)))
        worklist.prepared()


def worklist_of(*messages, ordered=True):
    worklist = Worklist(Clock(), ordered=ordered)
    assert worklist.add(messages) == []
    return worklist


def take(worklist):
    """Take what can be taken at once, by name."""
    taken = []
    while worklist._new or (worklist._due.first_at() or math.inf) <= worklist._clock.now():
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


def test_those_of_one_run_join_the_first_of_them():
    worklist = worklist_of(message("a1"), message("b1"), message("a2"), message("a3"), ordered=False)
    meet(worklist)

    first = worklist.join(worklist.take(), event_of)
    assert names(first.all) == ["a1", "a2", "a3"]
    assert names(take(worklist)) == ["b1"]

    worklist.settled(first)
    assert len(worklist) == 1


def test_what_was_tried_is_joined_by_nobody():
    worklist = worklist_of(message("a1"), message("a2"), ordered=False)
    meet(worklist)
    tried = worklist.take()
    worklist.put_off(replace(tried, body=b"{}", attempts=1), 60)

    assert names(worklist.join(worklist.take(), event_of).all) == ["a2"]


def test_what_is_posted_under_a_token_of_its_own_travels_alone():
    worklist = worklist_of(message("a1"), message("a2", retry_of="failed"), ordered=False)
    first, again = take(worklist)

    assert worklist.meet(replace(first, event=event_of(first.message)))
    assert not worklist.meet(replace(again, event=event_of(again.message)))


def test_in_a_group_only_those_that_follow_at_once_join():
    worklist = worklist_of(*(message(name, "group") for name in ("a1", "a2", "b1", "a3")))
    work = worklist.take()

    first = worklist.join(replace(work, event=event_of(work.message)), event_of)
    assert names(first.all) == ["a1", "a2"]

    worklist.settled(first)
    assert names(take(worklist)) == ["b1"]


def test_a_follower_that_holds_no_event_is_left_to_its_turn():
    worklist = worklist_of(message("a1", "group"), message("a2", "group"))
    work = worklist.take()

    first = worklist.join(replace(work, event=event_of(work.message)), lambda _: None)

    assert names(first.all) == ["a1"]
    worklist.settled(first)
    (second,) = take(worklist)
    assert (second.message.id, second.event) == ("a2", None)


def test_those_that_part_come_one_by_one_and_stay_alone():
    worklist = worklist_of(message("a1", "group"), message("a2", "group"), message("a3", "group"))
    work = worklist.take()
    worklist.part(worklist.join(replace(work, event=event_of(work.message)), event_of))

    for name in ("a1", "a2", "a3"):
        (alone,) = take(worklist)
        assert names(worklist.join(alone, event_of).all) == [name]
        worklist.settled(alone)
    assert len(worklist) == 0


def test_while_it_gathers_it_hands_out_only_what_is_to_be_prepared():
    worklist = worklist_of(message("a1"), ordered=False)
    worklist.gather(True)
    meet(worklist)
    worker = threading.Thread(target=worklist.take, daemon=True)
    worker.start()
    worker.join(0.05)
    assert worker.is_alive()

    worklist.gather(False)

    worker.join(5)
    assert not worker.is_alive()


def test_what_is_due_waits_for_those_that_are_being_prepared():
    worklist = worklist_of(message("a1"), message("a2"), ordered=False)
    first, second = worklist.take(), worklist.take()
    assert worklist.meet(replace(first, event=event_of(first.message)))
    worklist.prepared()
    taken = []
    worker = threading.Thread(target=lambda: taken.append(worklist.take()), daemon=True)
    worker.start()
    worker.join(0.05)
    assert worker.is_alive()

    assert worklist.meet(replace(second, event=event_of(second.message)))
    worklist.prepared()

    worker.join(5)
    assert names(worklist.join(taken[0], event_of).all) == ["a1", "a2"]


def test_what_travels_alone_does_not_wait_for_others():
    worklist = worklist_of(message("a1"), message("b1"), ordered=False)
    first, _ = worklist.take(), worklist.take()
    alone = replace(first, event=event_of(first.message), is_alone=True)
    worklist.put_off(alone, 0)

    assert worklist.take() == alone


def test_what_travels_together_goes_back_together():
    worklist = worklist_of(message("a1"), message("a2"), message("b1"), ordered=False)
    meet(worklist)
    worklist.put_off(worklist.join(worklist.take(), event_of), 60)

    assert sorted(m.id for m in worklist.take_untouched()) == ["a1", "a2", "b1"]
    assert len(worklist) == 0
