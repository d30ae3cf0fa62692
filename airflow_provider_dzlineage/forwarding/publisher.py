"""Post events, and carry out what DataZone's answer means for their messages."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from airflow_provider_dzlineage.aws.deadline import Deadline, Jitter, backoff
from airflow_provider_dzlineage.buffer.dead_letter_queue import DeadLetter, DeadLetterQueue
from airflow_provider_dzlineage.buffer.in_flight import Deletions, InFlightMessages
from airflow_provider_dzlineage.buffer.message import Message
from airflow_provider_dzlineage.catalog.client import Catalog
from airflow_provider_dzlineage.catalog.rate_limiter import RateLimiter
from airflow_provider_dzlineage.errors import (
    CatalogError,
    QueueError,
    RefusedError,
    StopError,
    ThrottledError,
    UnavailableError,
    UnknownError,
)
from airflow_provider_dzlineage.forwarding.job import MessageJob
from airflow_provider_dzlineage.forwarding.report import Counters
from airflow_provider_dzlineage.lineage.pipeline import Decision, Outcome

# How long one event is tried while DataZone fails otherwise than by throttling: longer than a fail-over takes.
PATIENCE_SECONDS = 90.0
# One failed post among others is an accident; so many in a row are a reason to slow down.
_FAILURES_IN_A_ROW = 3


@dataclass(frozen=True)
class Result:
    """What became of one message, and why.

    :param reason: a short stable word; empty for a plain post.
    :param detail: the reason in a sentence that repeats nothing of the event's content.
    :param code: DataZone's error code, where it said one.
    :param request_id: the AWS request id that belongs to it.
    """

    outcome: Outcome
    reason: str = ""
    detail: str = ""
    code: str = ""
    request_id: str = ""

    @classmethod
    def of(cls, decision: Decision) -> Result:
        """Return what becomes of a message whose event is not to be posted."""
        return cls(decision.outcome, decision.reason, decision.detail)


@dataclass(frozen=True)
class Later:
    """A message is to be posted again.

    :param work: what to do then.
    :param seconds: how long to wait before.
    """

    work: MessageJob
    seconds: float


class Publisher:
    """Posts events to one domain at one pace. Safe to share between threads.

    :param catalog: the domain.
    :param pacer: when posts may start.
    :param tally: counts requests, throttles and retries.
    :param max_receives: after so many receives an unknown error is permanent.
    :param jitter: a random number between two.
    :param on_post: called with the seconds that a post took.
    """

    def __init__(
        self,
        catalog: Catalog,
        rate_limiter: RateLimiter,
        counters: Counters,
        max_receives: int,
        jitter: Jitter = random.uniform,
        on_post: Callable[[float], None] = lambda _: None,
    ) -> None:
        self._catalog = catalog
        self._rate_limiter = rate_limiter
        self._counters = counters
        self._max_receives = max_receives
        self._jitter = jitter
        self._on_post = on_post
        self._failures_in_a_row = 0

    @property
    def is_answered(self) -> bool:
        """Whether DataZone took or refused the last event that it was sent; it is not asked for more before that."""
        return self._failures_in_a_row == 0

    def post(self, work: MessageJob, body: bytes, deadline: Deadline) -> Result | Later:
        """Post one event once, when its time has come.

        :param body: the event's JSON, UTF-8.
        :return: posted, to be dead-lettered, to be released, or to be tried again.
        :raises StopError: when no post can succeed until somebody changes something.
        """
        clock = deadline.clock
        deadline.pause(self._rate_limiter.reserve(clock.now()))
        if reason := deadline.passed():
            return Result(Outcome.RELEASED, reason)
        started = clock.now()
        self._counters.count_request(again=work.attempts > 0)
        work = replace(work, body=body, attempts=work.attempts + 1)
        try:
            self._catalog.post_event(body, work.message.retry_of)
        except StopError:
            raise
        except CatalogError as error:
            return self._decide(error, work, started, clock.now())
        except Exception as error:
            name = type(error).__name__
            return self._decide(UnknownError(f"unexpected: {name}", name), work, started, clock.now())
        self._failures_in_a_row = 0
        seconds = clock.now() - started
        self._counters.count_latency(seconds)
        self._on_post(seconds)
        return Result(Outcome.POSTED)

    def _decide(self, error: CatalogError, work: MessageJob, started: float, now: float) -> Result | Later:
        said = (str(error), error.code, error.request_id)
        if isinstance(error, RefusedError):
            self._failures_in_a_row = 0
            return Result(Outcome.DEAD_LETTERED, "refused", *said)
        self._failures_in_a_row += 1
        if isinstance(error, ThrottledError):
            self._counters.count_throttle()
            self._rate_limiter.back_off(now, started)
            return Later(work, backoff(work.attempts, self._jitter))
        if isinstance(error, UnknownError) and work.message.receive_count >= self._max_receives:
            return Result(Outcome.DEAD_LETTERED, "unknown_error", *said)
        if not isinstance(error, UnavailableError):
            raise error
        if self._failures_in_a_row >= _FAILURES_IN_A_ROW:
            self._rate_limiter.back_off(now, started)
        failing_since = min(work.failing_since, started)
        if now - failing_since >= PATIENCE_SECONDS:
            return Result(Outcome.RELEASED, "unavailable", *said)
        return Later(replace(work, failing_since=failing_since), backoff(work.attempts, self._jitter))


log = logging.getLogger(__name__)


class Acknowledger:
    """Dead letters, deletions and what goes back. Safe to share between threads.

    :param hand: the messages in hand.
    :param deletions: deletes those that are settled.
    :param dead_letters: where messages go that can never be posted; None leaves them in the buffer.
    :param tally: counts each message.
    :param redact_text: takes the secrets out of what becomes a dead letter.
    """

    def __init__(
        self,
        hand: InFlightMessages,
        deletions: Deletions,
        dead_letters: DeadLetterQueue | None,
        counters: Counters,
        redact_text: Callable[[str], str],
    ) -> None:
        self._in_flight = hand
        self._deletions = deletions
        self._dead_letters = dead_letters
        self._counters = counters
        self._redact_text = redact_text

    def bury(self, message: Message, result: Result) -> Result:
        """Write a dead letter.

        :return: the result; to be released when the letter is not written, since then the message has to stay.
        """
        if self._dead_letters is None:
            return replace(result, outcome=Outcome.RELEASED, reason="no_dead_letter_queue")
        detail = self._redact_text(result.detail)
        letter = DeadLetter(message.cleaned(self._redact_text), result.reason, detail, result.code, result.request_id)
        try:
            unwritten: Sequence[DeadLetter] = self._dead_letters.write([letter])
        except QueueError as error:
            log.error("A dead letter cannot be written, its message stays in the queue: %s", error)
            unwritten = [letter]
        return replace(result, outcome=Outcome.RELEASED, reason="dead_letter_not_written") if unwritten else result

    def finish(self, message: Message, result: Result) -> None:
        """Count a message whose work is done, and delete it."""
        self._counters.count(result.outcome, result.reason)
        self._deletions.add(self._in_flight.newest(message))

    def hold_back(self, messages: Iterable[Message], reason: str) -> None:
        """Count messages that go back to the queue; not before the drain ends, or it would receive them again."""
        for message in messages:
            self._counters.count(Outcome.RELEASED, reason)
            self._in_flight.hold_back(message)

    def release(self, messages: Sequence[Message], reason: str) -> None:
        """Count messages and give them back at once."""
        self.hold_back(messages, reason)
        self._in_flight.release(messages)

    def end(self, sleep: Callable[[float], None]) -> None:
        """Delete what is left to delete, and give back all that is in hand.

        :param sleep: waits for so many seconds.
        """
        self._deletions.finish(sleep)
        self._in_flight.release()
