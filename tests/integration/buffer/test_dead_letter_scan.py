"""The walk over a real SQS."""

from __future__ import annotations

import threading

import pytest

from airflow_provider_dzlineage.buffer.codec import fifo_parameters
from airflow_provider_dzlineage.buffer.dead_letter_queue import DeadLetterQueue
from airflow_provider_dzlineage.buffer.dead_letter_scan import DlqScan

pytestmark = pytest.mark.integration


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    monkeypatch.setattr("airflow_provider_dzlineage.buffer.dead_letter_scan.POLL_SECONDS", 0)


@pytest.fixture
def fill(make_queue):
    """A dead-letter queue with these bodies, each in the group that its first letter names."""

    def fill(*bodies, fifo=False):
        queue = make_queue(fifo=fifo)
        entries = [
            {"MessageBody": body, **(fifo_parameters(body[0], deduplicate_by=body) if fifo else {})} for body in bodies
        ]
        assert list(queue.send(entries)) == []
        return DeadLetterQueue.of(queue)

    return fill


def bodies(letters):
    return [letter.message.text for letter in letters]


@pytest.mark.parametrize("fifo", [False, True])
def test_every_letter_is_shown_once_and_all_come_back(fill, fifo):
    names = [f"{group}{number}" for group in "abcdefghijklmnopqrst" for number in range(6)]
    queue = fill(*names, fifo=fifo)

    with DlqScan(queue) as walk:
        shown = [body for letters in walk for body in bodies(letters)]
        hidden = queue.receive(wait_seconds=0, visibility_seconds=0)

    assert sorted(shown) == sorted(names)
    assert hidden == []
    assert (walk.total, walk.examined, walk.unseen) == (120, 120, 0)
    assert len(queue.receive(wait_seconds=0, visibility_seconds=0)) == 10


@pytest.mark.parametrize("size", [3, 7, 9, 10])
def test_a_group_that_a_receive_cut_off_is_shown_to_its_tenth_letter(fill, size):
    names = [f"{group}{number}" for group in "abcdef" for number in range(size)]
    queue = fill(*names, fifo=True)

    with DlqScan(queue) as walk:
        shown = [body for letters in walk for body in bodies(letters)]

    assert sorted(shown) == sorted(names)


def test_a_fifo_queue_shows_ten_of_a_group_and_tells_of_the_others(fill):
    queue = fill(*(f"a{number}" for number in range(25)), "b1", fifo=True)

    with DlqScan(queue) as walk:
        shown = [body for letters in walk for body in bodies(letters)]

    assert sorted(shown) == sorted([*(f"a{number}" for number in range(10)), "b1"])
    assert walk.unseen == 15


def test_a_group_goes_on_behind_what_is_deleted(fill):
    names = [f"a{number}" for number in range(25)]
    queue = fill(*names, fifo=True)

    with DlqScan(queue) as walk:
        shown = []
        for letters in walk:
            shown += bodies(letters)
            assert walk.delete(letters) == set()

    assert shown == names
    assert queue.state().backlog == 0


@pytest.mark.parametrize("failure", [KeyboardInterrupt, RuntimeError])
def test_what_is_not_deleted_comes_back_however_the_walk_ends(fill, failure):
    queue = fill(*(f"a{number}" for number in range(30)))

    def fail_half_way():
        with DlqScan(queue) as walk:
            for letters in walk:
                walk.delete(letters[:3])
                if walk.examined >= 20:
                    raise failure

    with pytest.raises(failure):
        fail_half_way()

    left = [message for _ in range(4) for message in queue.receive(wait_seconds=0, visibility_seconds=60)]
    assert len(left) == 24


def test_a_deleted_letter_that_sqs_delivers_again_is_deleted_again_and_not_shown(fill, monkeypatch):
    queue = fill("a1", "b1")
    receive, first = DeadLetterQueue.receive_dead_letters, []

    def receive_stale(queue, **parameters):
        # a standard queue does that now and then
        letters = receive(queue, **parameters)
        first.extend(letters)
        return letters or [first.pop()] if first else []

    monkeypatch.setattr(DeadLetterQueue, "receive_dead_letters", receive_stale)
    deleted = []
    delete = DeadLetterQueue.delete
    monkeypatch.setattr(DeadLetterQueue, "delete", lambda queue, batch: deleted.extend(batch) or delete(queue, batch))

    with DlqScan(queue) as walk:
        shown = []
        for letters in walk:
            shown += bodies(letters)
            walk.delete(letters)

    assert shown == ["a1", "b1"]
    assert [message.id for message in deleted[2:]] == [message.id for message in reversed(deleted[:2])]


def test_a_stop_ends_the_walk_after_the_batch_in_hand(fill):
    queue, stop = fill(*(f"a{number}" for number in range(30))), threading.Event()

    with DlqScan(queue, stop=stop) as walk:
        for _ in walk:
            stop.set()

    assert walk.examined == 10
    assert walk.unseen == 0


def test_the_walk_ends_at_its_limit(fill):
    queue = fill(*(f"a{number}" for number in range(30)))

    with DlqScan(queue) as walk:
        found = [letter for letters in walk.matching(lambda letter: True, limit=13) for letter in letters]

    assert len(found) == 13


def test_a_long_walk_keeps_its_letters_hidden(fill, monkeypatch):
    monkeypatch.setattr("airflow_provider_dzlineage.buffer.dead_letter_scan.VISIBILITY_SECONDS", 2)
    queue = fill(*(f"a{number}" for number in range(30)))
    pause = threading.Event()

    with DlqScan(queue) as walk:
        received = [len(letters) for letters in walk if not pause.wait(1.1)]
        hidden = queue.receive(wait_seconds=0, visibility_seconds=0)

    # nothing was received a second time, by the walk or by others
    assert received == [10, 10, 10]
    assert hidden == []


def test_letters_in_other_hands_are_told(fill):
    queue = fill(*(f"a{number}" for number in range(30)))
    queue.receive(wait_seconds=0, visibility_seconds=60)

    with DlqScan(queue) as walk:
        assert sum(map(len, walk)) == 20

    assert walk.unseen == 10
