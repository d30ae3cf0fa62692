"""The scan of a real SQS queue."""

from __future__ import annotations

import threading

import pytest

from airflow_provider_dzlineage.buffer.codec import fifo_parameters
from airflow_provider_dzlineage.buffer.dead_letter_queue import DeadLetterQueue
from airflow_provider_dzlineage.buffer.dead_letter_scan import DlqScan


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    monkeypatch.setattr("airflow_provider_dzlineage.buffer.dead_letter_scan.POLL_SECONDS", 0)


@pytest.fixture
def fill(make_queue):
    """A dead-letter queue with these bodies, each in the group that its first character names."""

    def fill(*bodies, fifo=False):
        queue = make_queue(fifo=fifo)
        entries = [
            {"MessageBody": body, **(fifo_parameters(body[0], deduplicate_by=body) if fifo else {})} for body in bodies
        ]
        assert list(queue.send(entries)) == []
        return DeadLetterQueue.of(queue)

    return fill


def bodies(dead_letters):
    return [dead_letter.message.text for dead_letter in dead_letters]


@pytest.mark.parametrize("fifo", [False, True])
def test_every_dead_letter_is_yielded_once_and_all_are_released(fill, fifo):
    names = [f"{group}{number}" for group in "abcdefghijklmnopqrst" for number in range(6)]
    queue = fill(*names, fifo=fifo)

    with DlqScan(queue) as scan:
        shown = [body for dead_letters in scan for body in bodies(dead_letters)]
        hidden = queue.receive(wait_seconds=0, visibility_seconds=0)

    assert sorted(shown) == sorted(names)
    assert hidden == []
    assert (scan.total, scan.examined, scan.unseen) == (120, 120, 0)
    assert len(queue.receive(wait_seconds=0, visibility_seconds=0)) == 10


@pytest.mark.parametrize("size", [3, 7, 9, 10])
def test_a_group_that_a_receive_cut_off_is_shown_to_its_tenth_dead_letter(fill, size):
    names = [f"{group}{number}" for group in "abcdef" for number in range(size)]
    queue = fill(*names, fifo=True)

    with DlqScan(queue) as scan:
        shown = [body for dead_letters in scan for body in bodies(dead_letters)]

    assert sorted(shown) == sorted(names)


def test_a_fifo_queue_shows_ten_of_a_group_and_tells_of_the_others(fill):
    queue = fill(*(f"a{number}" for number in range(25)), "b1", fifo=True)

    with DlqScan(queue) as scan:
        shown = [body for dead_letters in scan for body in bodies(dead_letters)]

    assert sorted(shown) == sorted([*(f"a{number}" for number in range(10)), "b1"])
    assert scan.unseen == 15


def test_a_group_goes_on_behind_what_is_deleted(fill):
    names = [f"a{number}" for number in range(25)]
    queue = fill(*names, fifo=True)

    with DlqScan(queue) as scan:
        shown = []
        for dead_letters in scan:
            shown += bodies(dead_letters)
            assert scan.delete(dead_letters) == set()

    assert shown == names
    assert queue.state().backlog == 0


@pytest.mark.parametrize("failure", [KeyboardInterrupt, RuntimeError])
def test_what_is_not_deleted_comes_back_however_the_scan_ends(fill, failure):
    queue = fill(*(f"a{number}" for number in range(30)))

    def fail_half_way():
        with DlqScan(queue) as scan:
            for dead_letters in scan:
                scan.delete(dead_letters[:3])
                if scan.examined >= 20:
                    raise failure

    with pytest.raises(failure):
        fail_half_way()

    left = [message for _ in range(4) for message in queue.receive(wait_seconds=0, visibility_seconds=60)]
    assert len(left) == 24


def test_a_deleted_dead_letter_that_sqs_delivers_again_is_deleted_again_and_not_shown(fill, monkeypatch):
    queue = fill("a1", "b1")
    receive, first = DeadLetterQueue.receive_dead_letters, []

    def receive_stale(queue, **parameters):
        # a standard queue does that now and then
        dead_letters = receive(queue, **parameters)
        first.extend(dead_letters)
        return dead_letters or [first.pop()] if first else []

    monkeypatch.setattr(DeadLetterQueue, "receive_dead_letters", receive_stale)
    deleted = []
    delete = DeadLetterQueue.delete
    monkeypatch.setattr(DeadLetterQueue, "delete", lambda queue, batch: deleted.extend(batch) or delete(queue, batch))

    with DlqScan(queue) as scan:
        shown = []
        for dead_letters in scan:
            shown += bodies(dead_letters)
            scan.delete(dead_letters)

    assert shown == ["a1", "b1"]
    assert [message.id for message in deleted[2:]] == [message.id for message in reversed(deleted[:2])]


def test_a_stop_ends_the_scan_after_the_current_batch(fill):
    queue, stop = fill(*(f"a{number}" for number in range(30))), threading.Event()

    with DlqScan(queue, stop=stop) as scan:
        for _ in scan:
            stop.set()

    assert scan.examined == 10
    assert scan.unseen == 0


def test_the_scan_ends_at_its_limit(fill):
    queue = fill(*(f"a{number}" for number in range(30)))

    with DlqScan(queue) as scan:
        found = [body for dead_letters in scan.matching(lambda _: True, limit=13) for body in bodies(dead_letters)]

    assert len(found) == 13


def test_a_long_scan_keeps_its_dead_letters_hidden(fill, monkeypatch):
    monkeypatch.setattr("airflow_provider_dzlineage.buffer.dead_letter_scan.SCAN_VISIBILITY_SECONDS", 2)
    queue = fill(*(f"a{number}" for number in range(30)))
    pause = threading.Event()

    with DlqScan(queue) as scan:
        received = [len(dead_letters) for dead_letters in scan if not pause.wait(1.1)]
        hidden = queue.receive(wait_seconds=0, visibility_seconds=0)

    # nothing was received a second time, by the scan or by others
    assert received == [10, 10, 10]
    assert hidden == []


def test_dead_letters_in_flight_elsewhere_are_counted(fill):
    queue = fill(*(f"a{number}" for number in range(30)))
    queue.receive(wait_seconds=0, visibility_seconds=60)

    with DlqScan(queue) as scan:
        assert sum(map(len, scan)) == 20

    assert scan.unseen == 10
