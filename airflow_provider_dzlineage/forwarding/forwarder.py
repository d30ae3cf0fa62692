"""The forwarder: drains the buffer into the catalog, and reports what became of every message."""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable

from airflow_provider_dzlineage.aws.deadline import Clock, Deadline
from airflow_provider_dzlineage.buffer.dead_letter_queue import DeadLetterQueue
from airflow_provider_dzlineage.buffer.queue import Queue
from airflow_provider_dzlineage.buffer.queue_settings import unsafe_settings
from airflow_provider_dzlineage.catalog.client import Catalog
from airflow_provider_dzlineage.catalog.rate_limiter import RateLimiter
from airflow_provider_dzlineage.errors import QueueError
from airflow_provider_dzlineage.forwarding.consumer import Consumer
from airflow_provider_dzlineage.forwarding.publisher import Publisher
from airflow_provider_dzlineage.forwarding.report import Counters, Report
from airflow_provider_dzlineage.lineage.pipeline import Pipeline
from airflow_provider_dzlineage.settings.site import Settings

log = logging.getLogger(__name__)

_FOLLOW_SECONDS = 300
# The default schedule's; a drain without a deadline is measured by it.
_USUAL_INTERVAL_SECONDS = 300
# Long enough to be cheap, short enough to stop soon when asked.
_FOLLOW_POLL_SECONDS = 5
# SQS counts its messages only now and then itself.
_BACKLOG_SECONDS = 10


class Forwarder:
    """Moves events from one queue to one domain.

    :param dead_letters: where messages go that can never be posted; None leaves them in the buffer.
    :param catalog: the domain; its client is used from several threads at once.
    :param settings: ``rate``, ``max_receives`` and ``merge`` count here.
    :param pipeline: which events are posted, and what is repaired in them; by default nothing is.
    :param stop: set it, from any thread or signal handler, to end a drain early and in order.
    :param on_post: called with the seconds that a post took, from several threads.
    """

    def __init__(
        self,
        queue: Queue,
        dead_letters: DeadLetterQueue | None,
        catalog: Catalog,
        settings: Settings,
        pipeline: Pipeline | None = None,
        *,
        stop: threading.Event | None = None,
        clock: Clock | None = None,
        on_post: Callable[[float], None] = lambda _: None,
    ) -> None:
        self._queue = queue
        self._dead_letters = dead_letters
        self._rate = settings.rate
        self._merge = settings.merge
        self._pipeline = pipeline or Pipeline(skip_empty=False)
        self._stop = stop or threading.Event()
        self._clock = clock or Clock()
        self._counters = Counters(self._clock)
        rate_limiter = RateLimiter(settings.rate)
        self._publisher = Publisher(catalog, rate_limiter, self._counters, settings.max_receives, on_post=on_post)
        self._backlog: int | None = None
        self._backlog_asked = -math.inf
        self._has_checked_settings = False

    def drain(
        self,
        max_seconds: float = math.inf,
        *,
        wait_seconds: int = 1,
        on_progress: Callable[[Report], None] = lambda _: None,
    ) -> None:
        """Forward until the queue is empty, the deadline has passed, or ``stop`` is set.

        However it ends, what is still in flight is released, and :meth:`report` counts it.

        :param max_seconds: the deadline, from now.
        :param wait_seconds: how long to poll an empty queue before it counts as empty, 0 to 5.
        :param on_progress: called twice a second, give or take, with the report so far.
        :raises StopError: when no post can succeed until somebody changes something; the message says what.
        :raises QueueError: when SQS does not answer.
        """
        if not self._has_checked_settings:
            self._has_checked_settings = True
            self._warn_of_unsafe_settings()
        deadline = Deadline(max_seconds, self._stop, self._clock)
        Consumer(
            self._queue,
            self._dead_letters,
            self._pipeline,
            self._publisher,
            deadline,
            is_merging=lambda: self._is_merging(deadline),
            wait_seconds=wait_seconds,
            on_tick=lambda: on_progress(self.report(fresh=False)),
        ).run()

    def follow(self, max_seconds: float = math.inf, *, on_progress: Callable[[Report], None] = lambda _: None) -> None:
        """Forward as :meth:`drain` does, however often the queue is empty."""
        end = Deadline(max_seconds, self._stop, self._clock)
        while not end.passed():
            # A drain of its own now and then, so that what one held back is tried again.
            self.drain(min(_FOLLOW_SECONDS, end.left()), wait_seconds=_FOLLOW_POLL_SECONDS, on_progress=on_progress)

    def report(self, *, fresh: bool = True) -> Report:
        """Return what became of the messages so far.

        :param fresh: ask SQS for the backlog, also when that was done a moment ago.
        """
        now = self._clock.now()
        if fresh or now - self._backlog_asked >= _BACKLOG_SECONDS:
            self._backlog_asked = now
            try:
                self._backlog = self._queue.state().backlog
            except QueueError as error:
                self._backlog = None
                log.warning("The backlog is unknown: %s", error)
        return self._counters.report(self._backlog, self._rate)

    def _is_merging(self, deadline: Deadline) -> bool:
        """Return whether the backlog outlasts the drain at the present rate, or what the setting says."""
        if self._merge != "backlog":
            return self._merge == "always"
        rate = self._publisher.rate_limiter.rate(self._clock.now())
        return (self._backlog or 0) > rate * min(deadline.left(), _USUAL_INTERVAL_SECONDS)

    def _warn_of_unsafe_settings(self) -> None:
        try:
            dead_letters = self._dead_letters.state() if self._dead_letters else None
            state = self._queue.state()
            self._backlog, self._backlog_asked = state.backlog, self._clock.now()
            risks = [str(risk) for risk in unsafe_settings(state, dead_letters)]
        except QueueError as error:
            risks = [f"The queue's settings are not checked: {error}"]
        for risk in risks:
            log.warning("%s", risk)
