import pytest

from airflow_provider_dzlineage.buffer.in_flight import VISIBILITY_SECONDS, InFlightMessages
from airflow_provider_dzlineage.buffer.message import Message
from airflow_provider_dzlineage.errors import QueueError


def message(name, receive=1):
    return Message(name, f"handle-{name}-{receive}", "{}", None, None, 0, receive)


class FakeQueue:
    """Delivers what it was filled with, and notes what is done with it."""

    def __init__(self):
        self.waiting, self.extended, self.released, self.deleted = [], [], [], []
        self.failures = []

    def receive(self, *, at_most, wait_seconds, visibility_seconds):
        batch, self.waiting = self.waiting[:at_most], self.waiting[at_most:]
        return batch

    def extend(self, messages, seconds):
        if seconds:
            self.extended += [message.receipt_handle for message in messages]
        else:
            self.released += [message.id for message in messages]

    def delete(self, messages):
        if self.failures:
            raise self.failures.pop()
        self.deleted += [message.receipt_handle for message in messages]
        return []


class FakeTime:
    seconds = 0.0

    def now(self):
        return self.seconds

    def sleep(self, seconds):
        self.seconds += seconds


@pytest.fixture
def queue():
    return FakeQueue()


@pytest.fixture
def time():
    return FakeTime()


@pytest.fixture
def in_flight(queue, time):
    return InFlightMessages(queue, time.now)


@pytest.fixture
def received(queue, in_flight):
    """Receive messages with these names."""

    def received(*names, receive=1):
        queue.waiting += [message(name, receive) for name in names]
        return in_flight.receive(at_most=10, wait_seconds=0)

    return received


def test_a_message_in_flight_that_is_delivered_again_is_not_new_and_is_deleted_by_its_newer_handle(
    queue, in_flight, received
):
    (first,) = received("a")

    assert received("a", "b", receive=2) == [message("b", 2)]

    in_flight.acknowledge(first)
    in_flight.delete_acknowledged()
    assert queue.deleted == ["handle-a-2"]


def test_visibility_is_extended_when_half_of_it_has_passed(queue, time, in_flight, received):
    received("a")
    time.seconds = VISIBILITY_SECONDS / 2
    received("b")
    in_flight.extend_visibility()
    assert queue.extended == []

    time.seconds += 1
    in_flight.extend_visibility()
    in_flight.extend_visibility()

    assert queue.extended == ["handle-a-1"]


def test_acknowledged_messages_are_deleted_by_the_ten(queue, in_flight, received):
    messages = received(*"abcdefghij")

    for each in messages[:9]:
        in_flight.acknowledge(each)
    assert queue.deleted == []
    in_flight.acknowledge(messages[9])

    assert len(queue.deleted) == 10
    assert not in_flight.is_busy


def test_a_deletion_that_fails_is_tried_again(queue, time, in_flight, received):
    queue.failures = [QueueError("no")] * 2
    in_flight.acknowledge(*received("a"))

    in_flight.close(time.sleep)

    assert queue.deleted == ["handle-a-1"]
    assert queue.released == []


def test_deletions_that_keep_failing_end_and_what_was_posted_is_not_released(queue, time, in_flight, received, caplog):
    queue.failures = [QueueError("no")] * 100
    in_flight.acknowledge(*received("a"))
    received("b")

    in_flight.close(time.sleep)

    assert not in_flight.can_delete
    assert queue.released == ["b"]
    assert "SQS did not delete 1 messages" in caplog.text


def test_what_is_held_back_keeps_nobody_waiting_and_stays_invisible_until_the_end(queue, time, in_flight, received):
    (held,) = received("a")
    in_flight.hold_back(held)
    assert not in_flight.is_busy
    assert received("a", receive=2) == []

    time.seconds = VISIBILITY_SECONDS
    in_flight.extend_visibility()
    in_flight.close(time.sleep)

    assert queue.extended == ["handle-a-2"]
    assert queue.released == ["a"]


def test_one_message_can_be_released_before_the_end(queue, in_flight, received):
    first, _ = received("a", "b")

    in_flight.release([first])

    assert queue.released == ["a"]
    assert received("a", receive=2) == [message("a", 2)]
