"""The publisher posts events; the acknowledger carries out what became of their messages."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from airflow_provider_dzlineage.aws.deadline import Deadline, Jitter, backoff
from airflow_provider_dzlineage.buffer.dead_letter_queue import DeadLetter, DeadLetterQueue
from airflow_provider_dzlineage.buffer.in_flight import InFlightMessages
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

log = logging.getLogger(__name__)

# How long one event is tried while DataZone fails otherwise than by throttling: longer than a fail-over takes.
MAX_FAILING_SECONDS = 90.0
# One failed post among others is an accident; so many in a row are a reason to slow down.
_FAILURES_IN_A_ROW = 3


@dataclass(frozen=True)
class Retry:
    """A message is to be posted again, after some seconds."""

    job: MessageJob
    seconds: float


@dataclass(eq=False)
class Publisher:
    """Posts events to one domain, as fast as a rate limiter allows. Safe to share between threads.

    :param max_receives: after so many receives an unknown error is permanent.
    :param on_post: called with the seconds that a post took.
    """

    catalog: Catalog
    rate_limiter: RateLimiter
    counters: Counters
    max_receives: int
    jitter: Jitter = random.uniform
    on_post: Callable[[float], None] = lambda _: None
    _failures_in_a_row: int = field(default=0, init=False)

    @property
    def is_answered(self) -> bool:
        """True when DataZone took or refused the last event that it was sent; it is not asked for more before that."""
        return self._failures_in_a_row == 0

    def post(self, job: MessageJob, body: bytes, deadline: Deadline) -> Decision | Retry:
        """Post one event once, when the rate allows it.

        :param body: the event's JSON, UTF-8.
        :return: posted, to be dead-lettered, to be released, or to be tried again.
        :raises StopError: when no post can succeed until somebody changes something.
        """
        clock = deadline.clock
        deadline.pause(self.rate_limiter.reserve(clock.now()))
        if reason := deadline.passed():
            return Decision(Outcome.RELEASED, reason)
        started = clock.now()
        self.counters.count_request(again=job.attempts > 0)
        job = replace(job, body=body, attempts=job.attempts + 1)
        try:
            self.catalog.post_event(body, job.message.retry_of)
        except StopError:
            raise
        except CatalogError as error:
            return self._after_failure(error, job, started, clock.now())
        except Exception as error:
            name = type(error).__name__
            return self._after_failure(UnknownError(f"unexpected: {name}", name), job, started, clock.now())
        self._failures_in_a_row = 0
        seconds = clock.now() - started
        self.counters.count_latency(seconds)
        self.on_post(seconds)
        return Decision(Outcome.POSTED)

    def _after_failure(self, error: CatalogError, job: MessageJob, started: float, now: float) -> Decision | Retry:
        answer = (str(error), error.code, error.request_id)
        if isinstance(error, RefusedError):
            self._failures_in_a_row = 0
            return Decision(Outcome.DEAD_LETTERED, "refused", *answer)
        self._failures_in_a_row += 1
        if isinstance(error, ThrottledError):
            self.counters.count_throttle()
            self.rate_limiter.back_off(now, started)
            return Retry(job, backoff(job.attempts, self.jitter))
        if isinstance(error, UnknownError) and job.message.receive_count >= self.max_receives:
            return Decision(Outcome.DEAD_LETTERED, "unknown_error", *answer)
        if not isinstance(error, UnavailableError):
            raise error
        if self._failures_in_a_row >= _FAILURES_IN_A_ROW:
            self.rate_limiter.back_off(now, started)
        failing_since = min(job.failing_since, started)
        if now - failing_since >= MAX_FAILING_SECONDS:
            return Decision(Outcome.RELEASED, "unavailable", *answer)
        return Retry(replace(job, failing_since=failing_since), backoff(job.attempts, self.jitter))


@dataclass(eq=False)
class Acknowledger:
    """Counts what became of each message, and deletes, dead-letters or releases it. Safe to share between threads.

    :param redact_text: redacts secrets in what becomes a dead letter.
    """

    in_flight: InFlightMessages
    dead_letters: DeadLetterQueue | None
    counters: Counters
    redact_text: Callable[[str], str]

    def dead_letter(self, message: Message, result: Decision) -> Decision:
        """Write a message to the dead-letter queue.

        :return: the result; to be released when nothing was written, since then the message has to stay.
        """
        if self.dead_letters is None:
            return replace(result, outcome=Outcome.RELEASED, reason="no_dead_letter_queue")
        detail = self.redact_text(result.detail)
        redacted = message.redacted(self.redact_text)
        dead_letter = DeadLetter(redacted, result.reason, detail, result.code, result.request_id)
        try:
            is_written = not self.dead_letters.write([dead_letter])
        except QueueError as error:
            log.error("A dead letter cannot be written, its message stays in the queue: %s", error)
            is_written = False
        return result if is_written else replace(result, outcome=Outcome.RELEASED, reason="dead_letter_not_written")

    def acknowledge(self, message: Message, result: Decision) -> None:
        """Count a message that needs no more work, and delete it."""
        self.counters.count(result.outcome, result.reason)
        self.in_flight.acknowledge(message)

    def hold_back(self, messages: Iterable[Message], reason: str) -> None:
        """Count messages that are released when the drain ends; released before, they would be received again."""
        for message in messages:
            self.counters.count(Outcome.RELEASED, reason)
            self.in_flight.hold_back(message)

    def release(self, messages: Sequence[Message], reason: str) -> None:
        """Count messages and release them at once."""
        self.hold_back(messages, reason)
        self.in_flight.release(messages)
