import threading
from dataclasses import replace

from airflow_provider_dzlineage.aws.deadline import Clock
from airflow_provider_dzlineage.buffer.message import Message
from airflow_provider_dzlineage.forwarding.scheduler import Scheduler
from airflow_provider_dzlineage.lineage.event import RunEvent


class NothingToDoError(Exception):
    """A scheduler would wait for a job."""


class StillClock(Clock):
    """A clock that stands still, and on which nobody waits."""

    seconds = 0.0

    def now(self):
        return self.seconds

    def wait(self, waitable, seconds):
        raise NothingToDoError


def message(name, group=None, retry_of=""):
    return Message(name, f"handle-{name}", "{}", None, group, 0, 1, retry_of)


def event_of(message):
    """Name its run after the first letter of the message's name."""
    run = {"run": {"runId": message.id[0]}, "job": {"namespace": "tests", "name": "load"}}
    return RunEvent(b"{}", run)


def scheduler_of(*messages, ordered=True, clock=None):
    scheduler = Scheduler(clock or StillClock(), ordered=ordered)
    assert scheduler.add(messages) == []
    return scheduler


def prepare(scheduler, job):
    """Prepare a job and let it wait for others of its run."""
    assert scheduler.offer_for_merging(replace(job, event=event_of(job.message)))
    scheduler.preparation_done()


def prepare_all(scheduler):
    for job in take(scheduler):
        prepare(scheduler, job)


def take(scheduler):
    """Take the jobs that can be taken at once."""
    taken = []
    try:
        while True:
            taken.append(scheduler.next_job())
    except NothingToDoError:
        return taken


def names(jobs):
    return [job.message.id for job in jobs]


def test_messages_come_in_their_order():
    assert names(take(scheduler_of(message("a"), message("b"), message("c")))) == ["a", "b", "c"]


def test_groups_run_side_by_side_and_each_in_its_order():
    scheduler = scheduler_of(message("a1", "a"), message("a2", "a"), message("b1", "b"), message("a3", "a"))

    first = take(scheduler)
    assert names(first) == ["a1", "b1"]

    scheduler.finish(first[0])
    second = take(scheduler)
    assert names(second) == ["a2"]

    scheduler.finish(second[0])
    assert names(take(scheduler)) == ["a3"]
    assert len(scheduler) == 2


def test_groups_of_a_standard_queue_have_no_order():
    assert len(take(scheduler_of(message("a1", "a"), message("a2", "a"), ordered=False))) == 2


def test_what_is_retried_later_comes_later_and_its_group_waits():
    clock = StillClock()
    scheduler = scheduler_of(message("a1", "a"), message("a2", "a"), message("b1", "b"), clock=clock)
    first, other = take(scheduler)

    scheduler.retry_later(first, 0.05)

    assert names(take(scheduler)) == []
    clock.seconds += 0.04
    assert names(take(scheduler)) == []
    clock.seconds += 0.02
    assert take(scheduler) == [first]
    assert other.message.id == "b1"


def test_a_group_that_is_released_waits_as_a_whole():
    scheduler = scheduler_of(message("a1", "a"), message("a2", "a"), message("b1", "b"))
    first, _ = take(scheduler)

    behind = scheduler.release(first)

    assert [m.id for m in behind] == ["a2"]
    assert len(scheduler) == 1
    late = message("a3", "a")
    assert scheduler.add([late, message("c1", "c")]) == [late]
    assert names(take(scheduler)) == ["c1"]


def test_a_closed_scheduler_hands_out_nothing_and_returns_what_nobody_works_on():
    scheduler = scheduler_of(message("a1", "a"), message("a2", "a"), message("b1", "b"))
    worker = threading.Thread(target=scheduler.next_job)
    taken = scheduler.next_job()

    scheduler.close()
    worker.start()
    worker.join(5)

    assert not worker.is_alive()
    assert taken.message.id == "a1"
    assert sorted(m.id for m in scheduler.take_pending()) == ["a2", "b1"]
    assert scheduler.release(taken) == []
    assert len(scheduler) == 0


def test_it_wakes_who_waits_for_room():
    scheduler, woken = scheduler_of(message("a"), message("b"), clock=Clock()), threading.Event()
    first, _ = scheduler.next_job(), scheduler.next_job()

    def wait():
        scheduler.wait_until_below(2, 30)
        woken.set()

    waiter = threading.Thread(target=wait, daemon=True)
    waiter.start()
    assert not woken.wait(0.05)

    scheduler.finish(first)

    assert woken.wait(5)


def test_it_wakes_who_waits_for_a_job():
    scheduler, taken = scheduler_of(clock=Clock()), []
    waiter = threading.Thread(target=lambda: taken.append(scheduler.next_job()), daemon=True)
    waiter.start()

    scheduler.add([message("a")])
    waiter.join(5)

    assert names(taken) == ["a"]


def test_those_of_one_run_are_merged_into_the_first_of_them():
    scheduler = scheduler_of(message("a1"), message("b1"), message("a2"), message("a3"), ordered=False)
    prepare_all(scheduler)

    first = scheduler.merge_run(scheduler.next_job(), event_of)
    assert names(first.all_jobs) == ["a1", "a2", "a3"]
    assert names(take(scheduler)) == ["b1"]

    scheduler.finish(first)
    assert len(scheduler) == 1


def test_nothing_is_merged_into_what_was_posted():
    scheduler = scheduler_of(message("a1"), message("a2"), ordered=False)
    prepare_all(scheduler)
    tried = scheduler.next_job()
    scheduler.retry_later(replace(tried, body=b"{}", attempts=1), 60)

    assert names(scheduler.merge_run(scheduler.next_job(), event_of).all_jobs) == ["a2"]


def test_what_is_posted_under_a_token_of_its_own_is_posted_by_itself():
    scheduler = scheduler_of(message("a1"), message("a2", retry_of="failed"), ordered=False)
    first, again = take(scheduler)

    assert scheduler.offer_for_merging(replace(first, event=event_of(first.message)))
    assert not scheduler.offer_for_merging(replace(again, event=event_of(again.message)))


def test_in_a_group_only_those_that_follow_at_once_are_merged():
    scheduler = scheduler_of(*(message(name, "group") for name in ("a1", "a2", "b1", "a3")))
    job = scheduler.next_job()

    first = scheduler.merge_run(replace(job, event=event_of(job.message)), event_of)
    assert names(first.all_jobs) == ["a1", "a2"]

    scheduler.finish(first)
    assert names(take(scheduler)) == ["b1"]


def test_a_follower_that_holds_no_event_is_left_to_its_turn():
    scheduler = scheduler_of(message("a1", "group"), message("a2", "group"))
    job = scheduler.next_job()

    first = scheduler.merge_run(replace(job, event=event_of(job.message)), lambda _: None)

    assert names(first.all_jobs) == ["a1"]
    scheduler.finish(first)
    (second,) = take(scheduler)
    assert (second.message.id, second.event) == ("a2", None)


def test_those_that_are_split_come_one_by_one_and_are_not_merged_again():
    scheduler = scheduler_of(message("a1", "group"), message("a2", "group"), message("a3", "group"))
    job = scheduler.next_job()
    scheduler.split(scheduler.merge_run(replace(job, event=event_of(job.message)), event_of))

    for name in ("a1", "a2", "a3"):
        (alone,) = take(scheduler)
        assert names(scheduler.merge_run(alone, event_of).all_jobs) == [name]
        scheduler.finish(alone)
    assert len(scheduler) == 0


def test_while_it_collects_it_hands_out_only_what_is_to_be_prepared():
    scheduler = scheduler_of(message("a1"), ordered=False, clock=Clock())
    scheduler.collect(True)
    prepare(scheduler, scheduler.next_job())
    worker = threading.Thread(target=scheduler.next_job, daemon=True)
    worker.start()
    worker.join(0.05)
    assert worker.is_alive()

    scheduler.collect(False)

    worker.join(5)
    assert not worker.is_alive()


def test_what_is_due_waits_for_those_that_are_being_prepared():
    scheduler = scheduler_of(message("a1"), message("a2"), ordered=False, clock=Clock())
    first, second = scheduler.next_job(), scheduler.next_job()
    prepare(scheduler, first)
    taken = []
    worker = threading.Thread(target=lambda: taken.append(scheduler.next_job()), daemon=True)
    worker.start()
    worker.join(0.05)
    assert worker.is_alive()

    prepare(scheduler, second)

    worker.join(5)
    assert names(scheduler.merge_run(taken[0], event_of).all_jobs) == ["a1", "a2"]


def test_what_is_posted_by_itself_does_not_wait_for_others():
    scheduler = scheduler_of(message("a1"), message("b1"), ordered=False)
    first, _ = scheduler.next_job(), scheduler.next_job()
    alone = replace(first, event=event_of(first.message), is_mergeable=False)
    scheduler.retry_later(alone, 0)

    assert scheduler.next_job() == alone


def test_what_was_merged_is_released_together():
    scheduler = scheduler_of(message("a1"), message("a2"), message("b1"), ordered=False)
    prepare_all(scheduler)
    scheduler.retry_later(scheduler.merge_run(scheduler.next_job(), event_of), 60)

    assert sorted(m.id for m in scheduler.take_pending()) == ["a1", "a2", "b1"]
    assert len(scheduler) == 0
