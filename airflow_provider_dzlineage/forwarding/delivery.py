"""Post one event, and decide what DataZone's answer means for its message. The one place that decides an outcome."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from airflow_provider_dzlineage.catalog.backoff import Jitter, backoff
from airflow_provider_dzlineage.catalog.datazone import Catalog
from airflow_provider_dzlineage.catalog.pace import Pacer
from airflow_provider_dzlineage.errors import (
    CatalogError,
    RefusedError,
    StopError,
    ThrottledError,
    UnavailableError,
    UnknownError,
)
from airflow_provider_dzlineage.forwarding.deadline import Deadline
from airflow_provider_dzlineage.forwarding.report import Outcome, Tally
from airflow_provider_dzlineage.forwarding.work import Work

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


@dataclass(frozen=True)
class Later:
    """A message is to be posted again.

    :param work: what to do then.
    :param seconds: how long to wait before.
    """

    work: Work
    seconds: float


class Delivery:
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
        pacer: Pacer,
        tally: Tally,
        max_receives: int,
        jitter: Jitter = random.uniform,
        on_post: Callable[[float], None] = lambda _: None,
    ) -> None:
        self._catalog = catalog
        self._pacer = pacer
        self._tally = tally
        self._max_receives = max_receives
        self._jitter = jitter
        self._on_post = on_post
        self._failures_in_a_row = 0

    @property
    def is_answered(self) -> bool:
        """Whether DataZone took or refused the last event that it was sent; it is not asked for more before that."""
        return self._failures_in_a_row == 0

    def post(self, work: Work, body: bytes, deadline: Deadline) -> Result | Later:
        """Post one event once, when its time has come.

        :param body: the event's JSON, UTF-8.
        :return: posted, to be dead-lettered, to be released, or to be tried again.
        :raises StopError: when no post can succeed until somebody changes something.
        """
        clock = deadline.clock
        deadline.pause(self._pacer.delay(clock.now()))
        if reason := deadline.passed():
            return Result(Outcome.RELEASED, reason)
        started = clock.now()
        self._tally.count_request(again=work.attempts > 0)
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
        self._tally.count_latency(seconds)
        self._on_post(seconds)
        return Result(Outcome.POSTED)

    def _decide(self, error: CatalogError, work: Work, started: float, now: float) -> Result | Later:
        said = (str(error), error.code, error.request_id)
        if isinstance(error, RefusedError):
            self._failures_in_a_row = 0
            return Result(Outcome.DEAD_LETTERED, "refused", *said)
        self._failures_in_a_row += 1
        if isinstance(error, ThrottledError):
            self._tally.count_throttle()
            self._pacer.slow_down(now, started)
            return Later(work, backoff(work.attempts, self._jitter))
        if isinstance(error, UnknownError) and work.message.receive_count >= self._max_receives:
            return Result(Outcome.DEAD_LETTERED, "unknown_error", *said)
        if not isinstance(error, UnavailableError):
            raise error
        if self._failures_in_a_row >= _FAILURES_IN_A_ROW:
            self._pacer.slow_down(now, started)
        failing_since = min(work.failing_since, started)
        if now - failing_since >= PATIENCE_SECONDS:
            return Result(Outcome.RELEASED, "unavailable", *said)
        return Later(replace(work, failing_since=failing_since), backoff(work.attempts, self._jitter))
