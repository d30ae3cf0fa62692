"""One drain: from the first receive until nothing is in hand any more."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from airflow_provider_dzlineage.aws.deadline import Deadline
from airflow_provider_dzlineage.buffer.batches import MAX_BATCH_ENTRIES
from airflow_provider_dzlineage.buffer.dead_letter_queue import DeadLetterQueue
from airflow_provider_dzlineage.buffer.in_flight import Deletions, InFlightMessages
from airflow_provider_dzlineage.buffer.message import Message
from airflow_provider_dzlineage.buffer.queue import Queue
from airflow_provider_dzlineage.catalog.rate_limiter import RateLimiter
from airflow_provider_dzlineage.errors import QueueError, QueueUnavailableError
from airflow_provider_dzlineage.forwarding.publisher import PATIENCE_SECONDS, Acknowledger, Publisher
from airflow_provider_dzlineage.forwarding.report import Counters
from airflow_provider_dzlineage.forwarding.scheduler import Scheduler
from airflow_provider_dzlineage.forwarding.worker import Worker, WorkerPool
from airflow_provider_dzlineage.lineage.pipeline import Pipeline

log = logging.getLogger(__name__)

# More only wait for each other: Python runs one thread at a time.
MAX_WORKERS = 32
# In hand lies what is posted in so many seconds: enough to never wait for SQS, little to give back at the end.
_PREFETCH_SECONDS = 5.0
# The more runs are whole in hand, the fewer posts they take.
_MERGING_PREFETCH_SECONDS = 25.0
_MAX_IN_HAND = 500
_MAX_BYTES_IN_HAND = 64 * 2**20
_MOST_RECEIVES = 4
_TICK_SECONDS = 0.5


class Drain:
    """Moves messages until the queue is empty or the deadline is there.

    The thread that calls :meth:`run` receives; the threads of its crew decode, post and settle.

    :param is_merging: tells whether events of one run that are in hand together are posted as one.
    :param wait_seconds: how long to poll an empty queue before it counts as empty, 0 to 20.
    :param on_tick: called now and then.
    """

    def __init__(
        self,
        queue: Queue,
        dead_letters: DeadLetterQueue | None,
        pipeline: Pipeline,
        delivery: Publisher,
        rate_limiter: RateLimiter,
        counters: Counters,
        deadline: Deadline,
        *,
        is_merging: Callable[[], bool],
        wait_seconds: int,
        on_tick: Callable[[], None],
    ) -> None:
        self._delivery = delivery
        self._rate_limiter = rate_limiter
        self._counters = counters
        self._deadline = deadline
        self._clock = deadline.clock
        self._is_merging = is_merging
        self._wait_seconds = wait_seconds
        self._on_tick = on_tick
        self._in_flight = InFlightMessages(queue, self._clock.now)
        self._deletions = Deletions(queue, self._in_flight.let_go)
        self._acknowledger = Acknowledger(
            self._in_flight, self._deletions, dead_letters, counters, pipeline.redact_text
        )
        self._scheduler = Scheduler(self._clock, ordered=queue.is_fifo)
        self._shift = Worker(self._scheduler, pipeline, delivery, self._acknowledger, deadline, is_merging)
        self._workers = WorkerPool(self._shift)
        self._receivers = ThreadPoolExecutor(_MOST_RECEIVES, "dzlineage-receive")
        self._queue_failing_since = math.inf
        self._is_fifo = queue.is_fifo
        self._is_quiet = False
        self._found_empty = False
        self._next_tick = self._clock.now()
        self._message_bytes = 0

    def run(self) -> None:
        """Drain. However it ends, what is still in hand goes back to the queue and is counted.

        :raises StopError: when no post can succeed until somebody changes something.
        :raises QueueError: when SQS does not answer.
        """
        why_rest = "interrupted"
        try:
            while not (why := self._deadline.passed()) and self._receive():
                self._workers.check()
                self._workers.grow(self._wanted_workers())
                self._tick()
            why_rest = why
        except QueueError:
            why_rest = "queue_error"
            raise
        finally:
            self._end(why_rest)
        self._workers.check()
        if self._shift.fatal:
            raise self._shift.fatal

    def _tick(self) -> None:
        now = self._clock.now()
        if now < self._next_tick:
            return
        self._next_tick = now + _TICK_SECONDS
        self._in_flight.hold()
        self._deletions.flush()
        self._on_tick()

    def _receive(self) -> bool:
        """Take messages in hand as there is room; return False when nothing is in hand and nothing in the queue."""
        capacity = self._capacity()
        in_hand = len(self._scheduler)
        if in_hand and capacity - in_hand < min(MAX_BATCH_ENTRIES, capacity):
            self._scheduler.gather(False)
            self._scheduler.wait_until_below(max(1, capacity - MAX_BATCH_ENTRIES + 1), _TICK_SECONDS)
            return True
        if not in_hand:
            self._deletions.flush()
            if self._found_empty:
                return False
        asked = self._clock.now()
        # On a FIFO queue a message that is not deleted yet keeps back those behind it.
        is_kept_back = self._is_fifo and self._in_flight.is_busy and (in_hand or self._deletions.are_worth_waiting_for)
        calls = 1 if self._is_quiet else min(_MOST_RECEIVES, max(1, (capacity - in_hand) // MAX_BATCH_ENTRIES))
        wait_seconds = self._wait_seconds if self._is_quiet or not in_hand else 0
        new, error = self._ask(calls, min(MAX_BATCH_ENTRIES, capacity), wait_seconds)
        if error and not new:
            self._scheduler.gather(False)
            self._bear(error, asked)
            return True
        self._queue_failing_since = math.inf
        # What is to be merged has to be in hand together.
        self._scheduler.gather(bool(new) and self._is_merging() and in_hand + len(new) < capacity / 2)
        # A poll that waits asks all of SQS's servers; one that does not may miss messages.
        self._found_empty = not new and wait_seconds == self._wait_seconds and not is_kept_back
        self._is_quiet = not new
        if not new:
            self._deletions.flush()
            self._scheduler.wait_until_below(1, _TICK_SECONDS)
            return True
        self._counters.note_sent_at(message.sent_at for message in new)
        self._message_bytes = max(len(message.text) for message in new)
        self._acknowledger.hold_back(self._scheduler.add(new), "group_waits")
        return True

    def _ask(self, calls: int, at_most: int, wait_seconds: int) -> tuple[list[Message], QueueUnavailableError | None]:
        """Receive by several calls at once, since one at a time would not keep up with the posts."""

        def ask(_: int) -> list[Message] | QueueUnavailableError:
            try:
                return self._in_flight.receive(at_most=at_most, wait_seconds=wait_seconds)
            except QueueUnavailableError as error:
                return error

        answers = list(self._receivers.map(ask, range(calls))) if calls > 1 else [ask(0)]
        error = next((answer for answer in answers if isinstance(answer, QueueUnavailableError)), None)
        return [message for answer in answers if isinstance(answer, list) for message in answer], error

    def _capacity(self) -> int:
        """Return how many messages may be in hand: what can be posted within a short time, and before the end."""
        if not self._delivery.is_answered or not self._counters.gone:
            return MAX_BATCH_ENTRIES
        rate = self._rate_limiter.rate(self._clock.now())
        if math.isinf(rate):
            rate = max(2 * self._rate_limiter.observed_rate(), 2.0 * MAX_WORKERS)
        seconds = _MERGING_PREFETCH_SECONDS if self._is_merging() else _PREFETCH_SECONDS
        most = min(_MAX_IN_HAND, _MAX_BYTES_IN_HAND // max(1, self._message_bytes))
        return max(1, min(most, int(rate * min(seconds, self._deadline.left()))))

    def _wanted_workers(self) -> int:
        rate = self._rate_limiter.rate(self._clock.now())
        at_once = MAX_WORKERS if math.isinf(rate) else math.ceil(rate * self._counters.latency) + 1
        return min(MAX_WORKERS, len(self._scheduler), at_once)

    def _bear(self, error: QueueUnavailableError, asked: float) -> None:
        """Wait for SQS to come back; what is in hand is posted meanwhile."""
        self._queue_failing_since = min(self._queue_failing_since, asked)
        if self._clock.now() - self._queue_failing_since >= PATIENCE_SECONDS:
            raise error
        log.warning("SQS does not answer, it will be asked again: %s", error)
        self._deadline.pause(2.0)

    def _end(self, why_rest: str) -> None:
        self._scheduler.close()
        self._receivers.shutdown()
        self._acknowledger.release(self._scheduler.take_untouched(), why_rest)
        self._workers.join()
        # What a thread has put off since.
        self._acknowledger.hold_back(self._scheduler.take_untouched(), why_rest)
        self._acknowledger.end(self._clock.sleep)
