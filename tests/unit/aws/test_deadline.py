"""Deadlines end work in time, by a clock that tests can turn."""

from __future__ import annotations

import math
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_dzlineage.aws.deadline import Clock, Deadline, DeadlineExceededError, backoff, in_background


class BusyError(Exception):
    """Passes."""


class ManualClock(Clock):
    """A clock that moves by waiting only."""

    def __init__(self):
        self.time = 0.0
        self.waits = []

    def now(self):
        return self.time

    def wait(self, waitable, seconds):
        if waitable.wait(0):
            return True
        self.waits.append(seconds)
        self.time += seconds
        return False


def longest(_, high):
    return high


def operation_that_raises(*errors, clock=None, seconds=0.0):
    """An operation that raises these in turn, then returns "done"."""
    left = list(errors)

    def operation():
        operation.calls += 1
        if clock:
            clock.time += seconds
        if left:
            raise left.pop(0)
        return "done"

    operation.calls = 0
    return operation


def retry(deadline, operation, **options):
    return deadline.retry(operation, is_retryable=lambda error: isinstance(error, BusyError), jitter=longest, **options)


def test_it_is_tried_until_it_works():
    clock = ManualClock()
    operation = operation_that_raises(BusyError(), BusyError(), BusyError())

    assert retry(Deadline(60, clock=clock), operation) == "done"
    assert clock.waits == [1, 2, 4]


def test_pauses_have_a_longest():
    clock = ManualClock()

    retry(Deadline(clock=clock), operation_that_raises(*[BusyError()] * 6), first_seconds=2, longest_seconds=10)

    assert clock.waits == [2, 4, 8, 10, 10, 10]


def test_when_the_time_is_up_the_last_failure_is_raised():
    clock = ManualClock()
    operation = operation_that_raises(*(BusyError(str(number)) for number in range(100)))

    with pytest.raises(BusyError, match="3"):
        retry(Deadline(10, clock=clock), operation)
    assert operation.calls == 4


def test_no_pause_goes_beyond_the_end():
    clock = ManualClock()
    operation = operation_that_raises(BusyError(), BusyError(), clock=clock, seconds=9.5)

    with pytest.raises(BusyError):
        retry(Deadline(10, clock=clock), operation)
    assert (operation.calls, clock.waits) == (1, [])


def test_an_attempt_begins_only_while_it_has_its_time():
    clock = ManualClock()
    operation = operation_that_raises(BusyError(), BusyError())

    with pytest.raises(BusyError):
        retry(Deadline(1.5, clock=clock), operation, reserve_seconds=1)
    assert operation.calls == 1


def test_it_is_tried_once_without_any_time():
    assert retry(Deadline(0, clock=ManualClock()), operation_that_raises()) == "done"


def test_what_does_not_pass_is_raised_at_once():
    operation = operation_that_raises(KeyError("x"))

    with pytest.raises(KeyError):
        retry(Deadline(10, clock=ManualClock()), operation)
    assert operation.calls == 1


def test_what_went_wrong_before_says_more_than_that_the_time_is_up():
    operation = operation_that_raises(BusyError("first"), BusyError("second"), DeadlineExceededError())

    with pytest.raises(BusyError, match="second"):
        retry(Deadline(60, clock=ManualClock()), operation)


def test_without_time_for_one_attempt_that_is_raised():
    with pytest.raises(DeadlineExceededError):
        retry(Deadline(60, clock=ManualClock()), operation_that_raises(DeadlineExceededError()))


def test_a_request_to_stop_ends_the_retries():
    stop = threading.Event()
    deadline = Deadline(60, stop, ManualClock())

    def operation():
        stop.set()
        raise BusyError

    with pytest.raises(BusyError):
        retry(deadline, operation)


@given(st.floats(0, 100), st.lists(st.floats(0, 20), max_size=20))
def test_no_attempt_begins_after_the_end(seconds, durations):
    clock = ManualClock()
    begun = []

    def operation():
        begun.append(clock.time)
        clock.time += durations.pop() if durations else 1.0
        raise BusyError

    with pytest.raises(BusyError):
        retry(Deadline(seconds, clock=clock), operation)
    assert all(moment < seconds for moment in begun[1:])


def test_the_reason_of_an_end():
    clock, stop = ManualClock(), threading.Event()
    deadline = Deadline(10, stop, clock)

    assert (deadline.passed(), deadline.left()) == ("", 10)
    clock.time = 4
    assert (deadline.passed(), deadline.left()) == ("", 6)
    clock.time = 10
    assert (deadline.passed(), deadline.left()) == ("deadline", 0)
    stop.set()
    assert deadline.passed() == "stopped"
    deadline.cut("unavailable")
    deadline.cut("other")
    assert deadline.passed() == "unavailable"


def test_without_a_time_it_never_passes():
    clock = ManualClock()
    deadline = Deadline(clock=clock)
    clock.time = 1e12

    assert (deadline.passed(), deadline.left()) == ("", math.inf)


def test_a_pause_ends_with_the_deadline():
    clock = ManualClock()

    Deadline(3, clock=clock).pause(10)

    assert clock.time == 3


def test_a_call_returns_its_result_or_raises_its_error():
    assert Deadline(10).call(lambda: 42) == 42
    with pytest.raises(KeyError):
        Deadline(10).call(lambda: {}["x"])


def test_a_call_that_hangs_is_given_up():
    go = threading.Event()
    clock = ManualClock()

    with pytest.raises(DeadlineExceededError):
        Deadline(5, clock=clock).call(lambda: go.wait(10))
    go.set()

    assert clock.waits == [5]


def test_calls_side_by_side_share_a_deadline():
    go = threading.Event()
    deadline = Deadline(5, clock=ManualClock())
    hanging = [in_background(lambda: go.wait(10)) for _ in range(3)]
    fine = in_background(lambda: "fine")
    fine.result(10)

    for future in hanging:
        with pytest.raises(DeadlineExceededError):
            deadline.result(future)
    assert deadline.result(fine) == "fine"
    go.set()


def test_a_thread_in_the_background_does_not_keep_the_process():
    assert in_background(lambda: threading.current_thread().daemon).result(10)


@given(st.integers(1, 10_000), st.floats(0.01, 10), st.floats(10, 100))
def test_a_backoff_grows_up_to_its_longest(attempts, first, longest_seconds):
    pause = backoff(attempts, longest, first, longest_seconds)

    assert pause == min(longest_seconds, first * 2 ** min(attempts - 1, 30))
    assert 0 <= backoff(attempts, first_seconds=first, longest_seconds=longest_seconds) <= pause
