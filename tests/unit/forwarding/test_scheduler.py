import math
import threading
import time
from dataclasses import replace

from airflow_provider_dzlineage.aws.deadline import Clock
from airflow_provider_dzlineage.buffer.message import Message
from airflow_provider_dzlineage.forwarding.scheduler import Scheduler
from airflow_provider_dzlineage.lineage.event import RunEvent


def message(name, group=None, retry_of=""):
    return Message(name, f"handle-{name}", "{}", None, group, 0, 1, retry_of)


def event_of(message):
    """Name its run after the first letter of the message's name."""
    run = {"run": {"runId": message.id[0]}, "job": {"namespace": "tests", "name": "load"}}
    return RunEvent(b"{}", run)


def meet(scheduler):
    """Prepare all messages and let them meet."""
    for work in take(scheduler):
        assert scheduler.meet(replace(work, event=event_of(work.message)))
        scheduler.prepared()


def worklist_of(*messages, ordered=True):
    scheduler = Scheduler(Clock(), ordered=ordered)
    assert scheduler.add(messages) == []
    return scheduler


def take(scheduler):
    """Take what can be taken at once, by name."""
    taken = []
    while scheduler._new or (scheduler._due.first_at() or math.inf) <= scheduler._clock.now():
        taken.append(scheduler.take())
    return taken


def names(works):
    return [work.message.id for work in works]


def test_messages_come_in_their_order():
    assert names(take(worklist_of(message("a"), message("b"), message("c")))) == ["a", "b", "c"]


def test_groups_run_side_by_side_and_each_in_its_order():
    scheduler = worklist_of(message("a1", "a"), message("a2", "a"), message("b1", "b"), message("a3", "a"))

    first = take(scheduler)
    assert names(first) == ["a1", "b1"]

    scheduler.settled(first[0])
    second = take(scheduler)
    assert names(second) == ["a2"]

    scheduler.settled(second[0])
    assert names(take(scheduler)) == ["a3"]
    assert len(scheduler) == 2


def test_groups_of_a_standard_queue_have_no_order():
    assert len(take(worklist_of(message("a1", "a"), message("a2", "a"), ordered=False))) == 2


def test_what_is_put_off_comes_later_and_its_group_waits():
    scheduler = worklist_of(message("a1", "a"), message("a2", "a"), message("b1", "b"))
    first, other = take(scheduler)

    scheduler.put_off(first, 0.05)

    assert names(take(scheduler)) == []
    started = time.monotonic()
    assert scheduler.take() == first
    assert time.monotonic() - started > 0.03
    assert other.message.id == "b1"


def test_a_group_that_is_given_up_waits_as_a_whole():
    scheduler = worklist_of(message("a1", "a"), message("a2", "a"), message("b1", "b"))
    first, _ = take(scheduler)

    behind = scheduler.give_up(first)

    assert [m.id for m in behind] == ["a2"]
    assert len(scheduler) == 1
    late = message("a3", "a")
    assert scheduler.add([late, message("c1", "c")]) == [late]
    assert names(take(scheduler)) == ["c1"]


def test_a_closed_list_hands_out_nothing_and_gives_up_what_nobody_works_at():
    scheduler = worklist_of(message("a1", "a"), message("a2", "a"), message("b1", "b"))
    worker = threading.Thread(target=scheduler.take)
    taken = scheduler.take()

    scheduler.close()
    worker.start()
    worker.join(5)

    assert not worker.is_alive()
    assert taken.message.id == "a1"
    assert sorted(m.id for m in scheduler.take_untouched()) == ["a2", "b1"]
    assert scheduler.give_up(taken) == []
    assert len(scheduler) == 0


def test_it_wakes_who_waits_for_room():
    scheduler = worklist_of(message("a"), message("b"))
    (first, _), woken = take(scheduler), threading.Event()

    def wait():
        scheduler.wait_until_below(2, 30)
        woken.set()

    waiter = threading.Thread(target=wait, daemon=True)
    waiter.start()
    assert not woken.wait(0.05)

    scheduler.settled(first)

    assert woken.wait(5)


def test_it_wakes_who_waits_for_work():
    scheduler, taken = worklist_of(), []
    waiter = threading.Thread(target=lambda: taken.append(scheduler.take()), daemon=True)
    waiter.start()

    scheduler.add([message("a")])
    waiter.join(5)

    assert names(taken) == ["a"]


def test_those_of_one_run_join_the_first_of_them():
    scheduler = worklist_of(message("a1"), message("b1"), message("a2"), message("a3"), ordered=False)
    meet(scheduler)

    first = scheduler.join(scheduler.take(), event_of)
    assert names(first.all) == ["a1", "a2", "a3"]
    assert names(take(scheduler)) == ["b1"]

    scheduler.settled(first)
    assert len(scheduler) == 1


def test_what_was_tried_is_joined_by_nobody():
    scheduler = worklist_of(message("a1"), message("a2"), ordered=False)
    meet(scheduler)
    tried = scheduler.take()
    scheduler.put_off(replace(tried, body=b"{}", attempts=1), 60)

    assert names(scheduler.join(scheduler.take(), event_of).all) == ["a2"]


def test_what_is_posted_under_a_token_of_its_own_travels_alone():
    scheduler = worklist_of(message("a1"), message("a2", retry_of="failed"), ordered=False)
    first, again = take(scheduler)

    assert scheduler.meet(replace(first, event=event_of(first.message)))
    assert not scheduler.meet(replace(again, event=event_of(again.message)))


def test_in_a_group_only_those_that_follow_at_once_join():
    scheduler = worklist_of(*(message(name, "group") for name in ("a1", "a2", "b1", "a3")))
    work = scheduler.take()

    first = scheduler.join(replace(work, event=event_of(work.message)), event_of)
    assert names(first.all) == ["a1", "a2"]

    scheduler.settled(first)
    assert names(take(scheduler)) == ["b1"]


def test_a_follower_that_holds_no_event_is_left_to_its_turn():
    scheduler = worklist_of(message("a1", "group"), message("a2", "group"))
    work = scheduler.take()

    first = scheduler.join(replace(work, event=event_of(work.message)), lambda _: None)

    assert names(first.all) == ["a1"]
    scheduler.settled(first)
    (second,) = take(scheduler)
    assert (second.message.id, second.event) == ("a2", None)


def test_those_that_part_come_one_by_one_and_stay_alone():
    scheduler = worklist_of(message("a1", "group"), message("a2", "group"), message("a3", "group"))
    work = scheduler.take()
    scheduler.part(scheduler.join(replace(work, event=event_of(work.message)), event_of))

    for name in ("a1", "a2", "a3"):
        (alone,) = take(scheduler)
        assert names(scheduler.join(alone, event_of).all) == [name]
        scheduler.settled(alone)
    assert len(scheduler) == 0


def test_while_it_gathers_it_hands_out_only_what_is_to_be_prepared():
    scheduler = worklist_of(message("a1"), ordered=False)
    scheduler.gather(True)
    meet(scheduler)
    worker = threading.Thread(target=scheduler.take, daemon=True)
    worker.start()
    worker.join(0.05)
    assert worker.is_alive()

    scheduler.gather(False)

    worker.join(5)
    assert not worker.is_alive()


def test_what_is_due_waits_for_those_that_are_being_prepared():
    scheduler = worklist_of(message("a1"), message("a2"), ordered=False)
    first, second = scheduler.take(), scheduler.take()
    assert scheduler.meet(replace(first, event=event_of(first.message)))
    scheduler.prepared()
    taken = []
    worker = threading.Thread(target=lambda: taken.append(scheduler.take()), daemon=True)
    worker.start()
    worker.join(0.05)
    assert worker.is_alive()

    assert scheduler.meet(replace(second, event=event_of(second.message)))
    scheduler.prepared()

    worker.join(5)
    assert names(scheduler.join(taken[0], event_of).all) == ["a1", "a2"]


def test_what_travels_alone_does_not_wait_for_others():
    scheduler = worklist_of(message("a1"), message("b1"), ordered=False)
    first, _ = scheduler.take(), scheduler.take()
    alone = replace(first, event=event_of(first.message), is_alone=True)
    scheduler.put_off(alone, 0)

    assert scheduler.take() == alone


def test_what_travels_together_goes_back_together():
    scheduler = worklist_of(message("a1"), message("a2"), message("b1"), ordered=False)
    meet(scheduler)
    scheduler.put_off(scheduler.join(scheduler.take(), event_of), 60)

    assert sorted(m.id for m in scheduler.take_untouched()) == ["a1", "a2", "b1"]
    assert len(scheduler) == 0
