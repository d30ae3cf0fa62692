import math
import threading

import pytest

from airflow_provider_dzlineage.aws.deadline import Clock, Deadline
from airflow_provider_dzlineage.buffer.message import Message
from airflow_provider_dzlineage.catalog.rate_limiter import RateLimiter
from airflow_provider_dzlineage.errors import RefusedError, StopError, ThrottledError, UnavailableError, UnknownError
from airflow_provider_dzlineage.forwarding.job import MessageJob
from airflow_provider_dzlineage.forwarding.publisher import MAX_FAILING_SECONDS, Publisher, Retry
from airflow_provider_dzlineage.forwarding.report import Counters
from airflow_provider_dzlineage.lineage.pipeline import Decision, Outcome

THROTTLED = ThrottledError("slow down", "ThrottlingException", "r")
DOWN = UnavailableError("down", "InternalServerException", "r")


class Time(Clock):
    """A clock that runs only while somebody waits."""

    def __init__(self):
        self.seconds = 0.0

    def now(self):
        return self.seconds

    def wait(self, waitable, seconds):
        self.seconds += seconds
        return False


class ScriptedCatalog:
    """Answers each post with the next of its answers, and the last one again and again."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.posts = []

    def post_event(self, body, retry_of=""):
        self.posts.append((body, retry_of))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


class Posting:
    """One message, posted again as long as the publisher says so."""

    def __init__(self, *answers, seconds=10_000.0, receive_count=1, max_receives=10, rate=math.inf, retry_of=""):
        self.time, self.catalog = Time(), ScriptedCatalog(*answers)
        self.counters, self.rate_limiter = Counters(self.time), RateLimiter(rate)
        self.publisher = Publisher(self.catalog, self.rate_limiter, self.counters, max_receives, jitter=self._jitter)
        self.stop = threading.Event()
        self.deadline = Deadline(seconds, self.stop, self.time)
        self.job = MessageJob(Message("id", "handle", "{}", None, None, 0, receive_count, retry_of))
        self.pauses, self.shortest = [], []

    def _jitter(self, low, high):
        self.shortest.append(low)
        return high

    def once(self):
        return self.publisher.post(self.job, b"{}", self.deadline)

    def to_the_end(self):
        while isinstance(done := self.once(), Retry):
            self.job = done.job
            self.pauses.append(done.seconds)
            self.time.seconds += done.seconds
        return done

    @property
    def report(self):
        return self.counters.report(0, 20)


def test_success_is_one_request():
    posting = Posting("id")

    assert posting.to_the_end() == Decision(Outcome.POSTED)
    assert (posting.report.requests, posting.report.retried, posting.report.throttled) == (1, 0, 0)


def test_throttled_it_goes_on_until_it_is_taken():
    posting = Posting(*[THROTTLED] * 30, "id")

    assert posting.to_the_end() == Decision(Outcome.POSTED)
    assert (posting.report.requests, posting.report.retried, posting.report.throttled) == (31, 30, 30)


def test_throttled_until_the_deadline_the_message_is_released_however_often_it_was_received():
    posting = Posting(THROTTLED, seconds=600, receive_count=1_000)

    assert posting.to_the_end() == Decision(Outcome.RELEASED, "deadline")


def test_asked_to_stop_nothing_more_is_posted():
    posting = Posting("id")
    posting.stop.set()

    assert posting.once() == Decision(Outcome.RELEASED, "stopped")
    assert posting.catalog.posts == []


def test_a_passing_failure_is_tried_again():
    posting = Posting(UnavailableError("down", "ReadTimeoutError"), "id")

    assert posting.to_the_end() == Decision(Outcome.POSTED)
    assert (posting.report.requests, posting.report.retried) == (2, 1)


def test_an_outage_of_a_minute_is_borne_and_a_longer_one_releases_the_message():
    posting = Posting(DOWN)

    result = posting.to_the_end()

    assert result == Decision(Outcome.RELEASED, "unavailable", "down", "InternalServerException", "r")
    assert MAX_FAILING_SECONDS <= posting.time.seconds < 2 * MAX_FAILING_SECONDS


def test_the_pauses_grow_up_to_a_cap_and_their_jitter_is_full():
    posting = Posting(*[THROTTLED] * 8, "id")

    posting.to_the_end()

    assert posting.pauses == [1, 2, 4, 8, 15, 15, 15, 15]
    assert set(posting.shortest) == {0}


def test_a_refusal_is_final_and_keeps_what_datazone_said():
    posting = Posting(RefusedError("no", "ValidationException", "r"))

    assert posting.to_the_end() == Decision(Outcome.DEAD_LETTERED, "refused", "no", "ValidationException", "r")
    assert posting.report.requests == 1


def test_an_unknown_error_counts_as_passing_until_the_message_came_too_often():
    odd = UnknownError("odd", "TeapotException", "r")

    assert Posting(odd, receive_count=9).to_the_end().outcome is Outcome.RELEASED
    assert Posting(odd, receive_count=10).to_the_end() == Decision(
        Outcome.DEAD_LETTERED, "unknown_error", "odd", "TeapotException", "r"
    )


def test_an_error_that_no_post_can_pass_is_raised():
    with pytest.raises(StopError):
        Posting(StopError("no", "AccessDeniedException", "r")).to_the_end()


def test_a_throttle_halves_the_rate():
    posting = Posting(THROTTLED, rate=20)

    posting.once()

    assert posting.rate_limiter.rate(posting.time.seconds) == pytest.approx(10)


def test_one_failure_among_successes_does_not_slow_the_others_but_many_in_a_row_do():
    posting = Posting(DOWN, "id", DOWN, DOWN, DOWN, rate=20)

    for _ in range(4):
        posting.once()
    assert posting.rate_limiter.rate(posting.time.seconds) == 20

    posting.once()
    assert posting.rate_limiter.rate(posting.time.seconds) == pytest.approx(10)


def test_it_counts_as_answered_when_datazone_takes_or_refuses():
    posting = Posting(THROTTLED, "id", DOWN, RefusedError("no", "ValidationException"))

    answered = []
    for _ in range(4):
        posting.once()
        answered.append(posting.publisher.is_answered)

    assert answered == [False, True, False, True]


def test_a_retry_of_a_failed_event_says_so():
    posting = Posting("id", retry_of="failed-one")

    posting.once()

    assert posting.catalog.posts == [(b"{}", "failed-one")]


def test_an_exception_that_nobody_expected_is_an_unknown_error():
    assert Posting(KeyError("x"), "id").to_the_end() == Decision(Outcome.POSTED)
    assert Posting(KeyError("x"), receive_count=10).to_the_end() == Decision(
        Outcome.DEAD_LETTERED, "unknown_error", "unexpected: KeyError", "KeyError"
    )
