import math
import threading

import pytest

from airflow_provider_dzlineage.catalog.pace import Pacer
from airflow_provider_dzlineage.deadline import Deadline
from airflow_provider_dzlineage.delivery import ATTEMPTS_IN_PLACE, Delivery, Result
from airflow_provider_dzlineage.errors import RefusedError, StopError, ThrottledError, UnavailableError, UnknownError
from airflow_provider_dzlineage.report import Outcome, Tally


class Time:
    """A clock that runs only while somebody waits, which takes the place of the stop event too."""

    def __init__(self):
        self.now = 0.0
        self.stop_at = math.inf

    def __call__(self):
        return self.now

    def is_set(self):
        return self.now >= self.stop_at

    def wait(self, seconds):
        self.now += seconds


class ScriptedCatalog:
    """Answers each post with the next of its answers, and the last one again and again."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.bodies = []

    def post_event(self, body):
        self.bodies.append(body)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def post(*answers, seconds=1_000.0, receive_count=1, max_receives=10, rate=math.inf, stop_at=math.inf):
    time, tally, catalog = Time(), Tally(), ScriptedCatalog(*answers)
    time.stop_at = stop_at
    attempts = []
    result = Delivery(catalog, Pacer(rate), tally, max_receives).post(
        b"{}",
        receive_count=receive_count,
        deadline=Deadline(seconds, time, time),
        before_attempt=lambda: attempts.append(time.now),
    )
    assert len(attempts) == tally.requests == len(catalog.bodies)
    return result, tally, time


def test_success_is_one_request():
    result, tally, _ = post("id")

    assert result == Result(Outcome.POSTED)
    assert (tally.requests, tally.retried, tally.throttled) == (1, 0, 0)


def test_throttled_it_goes_on_until_it_is_taken():
    throttled = [ThrottledError("slow down", "ThrottlingException", "r")] * 30

    result, tally, _ = post(*throttled, "id")

    assert result == Result(Outcome.POSTED)
    assert (tally.requests, tally.retried, tally.throttled) == (31, 30, 30)


def test_throttled_until_the_deadline_the_message_is_released():
    result, _, time = post(ThrottledError("slow down", "ThrottlingException", "r"), seconds=60)

    assert result == Result(Outcome.RELEASED, "deadline")
    assert 60 <= time.now < 61


def test_asked_to_stop_the_message_is_released():
    result, _, _ = post(ThrottledError("slow down", "ThrottlingException", "r"), stop_at=5)

    assert result == Result(Outcome.RELEASED, "stopped")


def test_a_passing_failure_is_tried_again():
    result, tally, _ = post(UnavailableError("down", "ReadTimeoutError"), "id")

    assert result == Result(Outcome.POSTED)
    assert (tally.requests, tally.retried) == (2, 1)


def test_a_lasting_failure_releases_the_message_after_some_attempts():
    result, tally, time = post(UnavailableError("down", "InternalServerException", "r"))

    assert result == Result(Outcome.RELEASED, "unavailable", "down", "InternalServerException", "r")
    assert tally.requests == ATTEMPTS_IN_PLACE
    assert time.now < 60


def test_a_refusal_is_final_and_keeps_what_datazone_said():
    result, tally, _ = post(RefusedError("no", "ValidationException", "r"))

    assert result == Result(Outcome.DEAD_LETTERED, "refused", "no", "ValidationException", "r")
    assert tally.requests == 1


def test_an_unknown_error_counts_as_passing_until_the_message_came_too_often():
    odd = UnknownError("odd", "TeapotException", "r")

    assert post(odd, receive_count=9)[0].outcome is Outcome.RELEASED
    assert post(odd, receive_count=10)[0] == Result(
        Outcome.DEAD_LETTERED, "unknown_error", "odd", "TeapotException", "r"
    )


def test_an_error_that_no_post_can_pass_is_raised():
    with pytest.raises(StopError):
        post(StopError("no", "AccessDeniedException", "r"))


def test_posts_keep_to_the_rate_however_the_clock_runs():
    time, pacer = Time(), Pacer(20)

    for _ in range(100):
        time.now += pacer.delay(time.now)

    assert time.now == pytest.approx(99 / 20)


def test_time_that_was_not_used_is_not_made_up_for():
    pacer = Pacer(20)
    pacer.delay(0.0)

    assert pacer.delay(100.0) == 0.0
    assert pacer.delay(100.0) == pytest.approx(0.05)


def test_threads_share_one_pace():
    pacer, delays = Pacer(20), []
    threads = [threading.Thread(target=lambda: delays.append(pacer.delay(0.0))) for _ in range(40)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(delays) == pytest.approx([number / 20 for number in range(40)])
