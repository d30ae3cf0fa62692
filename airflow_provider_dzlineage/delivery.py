"""Post one event, with the patience that each answer of DataZone deserves."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from airflow_provider_dzlineage.catalog.datazone import Catalog
from airflow_provider_dzlineage.catalog.pace import Pacer
from airflow_provider_dzlineage.deadline import Deadline
from airflow_provider_dzlineage.errors import RefusedError, ThrottledError, UnavailableError, UnknownError
from airflow_provider_dzlineage.report import Outcome, Tally

# Attempts while DataZone fails otherwise than by throttling: half a minute, give or take.
ATTEMPTS_IN_PLACE = 6
_BACKOFF_SECONDS = 0.5
_BACKOFF_CAP_SECONDS = 15.0


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


class Delivery:
    """Posts events to one domain at one pace.

    :param catalog: the domain.
    :param pacer: when posts may start.
    :param tally: counts requests, throttles and retries.
    :param max_receives: after so many receives an unknown error is permanent.
    """

    def __init__(self, catalog: Catalog, pacer: Pacer, tally: Tally, max_receives: int) -> None:
        self._catalog = catalog
        self._pacer = pacer
        self._tally = tally
        self._max_receives = max_receives

    def post(
        self, body: bytes, *, receive_count: int, deadline: Deadline, before_attempt: Callable[[], None]
    ) -> Result:
        """Post one event until DataZone has taken or refused it.

        Throttled, it goes on until the deadline; while DataZone fails in another way, for
        :data:`ATTEMPTS_IN_PLACE` attempts.

        :param body: the event's JSON, UTF-8.
        :param receive_count: how often the event was received.
        :param before_attempt: called before each attempt, to keep messages invisible.
        :return: posted, to be dead-lettered, or to be released.
        :raises StopError: when no post can succeed until somebody changes something.
        """
        failures = 0
        attempts = 0
        while True:
            deadline.pause(self._pacer.delay(deadline.clock()))
            if reason := deadline.passed():
                return Result(Outcome.RELEASED, reason)
            before_attempt()
            self._tally.requests += 1
            attempts += 1
            self._tally.retried += attempts > 1
            try:
                self._catalog.post_event(body)
                return Result(Outcome.POSTED)
            except RefusedError as error:
                return Result(Outcome.DEAD_LETTERED, "refused", str(error), error.code, error.request_id)
            except ThrottledError:
                self._tally.throttled += 1
            except UnavailableError as error:
                failures += 1
                if isinstance(error, UnknownError) and receive_count >= self._max_receives:
                    return Result(Outcome.DEAD_LETTERED, "unknown_error", str(error), error.code, error.request_id)
                if failures >= ATTEMPTS_IN_PLACE:
                    return Result(Outcome.RELEASED, "unavailable", str(error), error.code, error.request_id)
            deadline.pause(_backoff(attempts))


def _backoff(attempts: int) -> float:
    """Full jitter: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ ."""
    return random.uniform(0, min(_BACKOFF_CAP_SECONDS, _BACKOFF_SECONDS * 2**attempts))  # noqa: S311
