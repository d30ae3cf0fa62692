"""The consumer: one drain, from the first receive until no message is in flight any more."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from airflow_provider_dzlineage.aws.deadline import Deadline
from airflow_provider_dzlineage.buffer.dead_letter_queue import DeadLetterQueue
from airflow_provider_dzlineage.buffer.in_flight import InFlightMessages
from airflow_provider_dzlineage.buffer.message import Message
from airflow_provider_dzlineage.buffer.queue import MAX_BATCH_ENTRIES, Queue
from airflow_provider_dzlineage.errors import QueueError, QueueUnavailableError
from airflow_provider_dzlineage.forwarding.publisher import MAX_FAILING_SECONDS, Acknowledger, Publisher
from airflow_provider_dzlineage.forwarding.scheduler import Scheduler
from airflow_provider_dzlineage.forwarding.worker import WorkerPool
from airflow_provider_dzlineage.lineage.pipeline import Pipeline

log = logging.getLogger(__name__)

# More only wait for each other: Python runs one thread at a time.
MAX_WORKERS = 32
# As much is prefetched as is posted in so many seconds: enough to never wait for SQS, little to release at the end.
_PREFETCH_SECONDS = 5.0
# The more runs are complete in flight, the fewer posts they take.
_MERGING_PREFETCH_SECONDS = 25.0
_MAX_PREFETCH = 500
_MAX_PREFETCH_BYTES = 64 * 2**20
_PARALLEL_RECEIVES = 4
_TICK_SECONDS = 0.5
_RECEIVE_RETRY_SECONDS = 2.0


class Consumer:
    """Moves messages until the queue is empty or the deadline has passed.

    The thread that calls :meth:`run` receives; the worker pool prepares, posts and acknowledges.

    :param on_tick: called twice a second, give or take.
    """

    def __init__(
        self,
        queue: Queue,
        dead_letters: DeadLetterQueue | None,
        pipeline: Pipeline,
        publisher: Publisher,
        deadline: Deadline,
        *,
        is_merging: Callable[[], bool],
        wait_seconds: int,
        on_tick: Callable[[], None],
    ) -> None:
        self._publisher = publisher
        self._rate_limiter = publisher.rate_limiter
        self._counters = publisher.counters
        self._deadline = deadline
        self._clock = deadline.clock
        self._is_merging = is_merging
        self._wait_seconds = wait_seconds
        self._on_tick = on_tick
        self._in_flight = InFlightMessages(queue, self._clock.now)
        self._acknowledger = Acknowledger(self._in_flight, dead_letters, self._counters, pipeline.redact_text)
        self._scheduler = Scheduler(self._clock, ordered=queue.is_fifo)
        self._workers = WorkerPool(self._scheduler, pipeline, publisher, self._acknowledger, deadline, is_merging)
        self._receivers = ThreadPoolExecutor(_PARALLEL_RECEIVES, "dzlineage-receiver")
        self._is_fifo = queue.is_fifo
        self._is_empty = False
        self._last_receive_was_empty = False
        self._queue_failing_since = math.inf
        self._next_tick = self._clock.now()
        self._message_bytes = 0

    def run(self) -> None:
        """Drain, see :meth:`.Forwarder.drain`. However it ends, what is still in flight is released and counted."""
        reason = "interrupted"
        try:
            while not (passed := self._deadline.passed()) and self._receive():
                self._workers.grow(self._workers_needed())
                self._tick()
            reason = passed
        except QueueError:
            reason = "queue_error"
            raise
        finally:
            self._shut_down(reason)
        if self._workers.failure:
            raise self._workers.failure

    def _tick(self) -> None:
        now = self._clock.now()
        if now < self._next_tick:
            return
        self._next_tick = now + _TICK_SECONDS
        self._in_flight.extend_visibility()
        self._in_flight.delete_acknowledged()
        self._on_tick()

    def _receive(self) -> bool:
        """Receive messages as there is room; return False when there are none, neither here nor in the queue."""
        limit, unfinished = self._prefetch_limit(), len(self._scheduler)
        if unfinished and limit - unfinished < min(MAX_BATCH_ENTRIES, limit):
            self._scheduler.collect(False)
            self._scheduler.wait_until_below(max(1, limit - MAX_BATCH_ENTRIES + 1), _TICK_SECONDS)
            return True
        if not unfinished:
            self._in_flight.delete_acknowledged()
            if self._is_empty:
                return False
        started = self._clock.now()
        # On a FIFO queue a message that is not deleted yet blocks those behind it.
        is_blocked = self._is_fifo and self._in_flight.is_busy and (unfinished or self._in_flight.can_delete)
        calls = min(_PARALLEL_RECEIVES, max(1, (limit - unfinished) // MAX_BATCH_ENTRIES))
        wait_seconds = self._wait_seconds if self._last_receive_was_empty or not unfinished else 0
        messages, error = self._receive_in_parallel(
            1 if self._last_receive_was_empty else calls, min(MAX_BATCH_ENTRIES, limit), wait_seconds
        )
        if error and not messages:
            self._scheduler.collect(False)
            self._wait_for_queue(error, started)
            return True
        self._queue_failing_since = math.inf
        # What is to be merged has to be in flight together.
        has_room = unfinished + len(messages) < limit / 2
        self._scheduler.collect(bool(messages) and self._is_merging() and has_room)
        # A poll that waits asks all of SQS's servers; one that does not may miss messages.
        self._is_empty = not messages and wait_seconds == self._wait_seconds and not is_blocked
        self._last_receive_was_empty = not messages
        if not messages:
            self._in_flight.delete_acknowledged()
            self._scheduler.wait_until_below(1, _TICK_SECONDS)
            return True
        self._counters.note_sent_at(message.sent_at for message in messages)
        self._message_bytes = max(len(message.text) for message in messages)
        self._acknowledger.hold_back(self._scheduler.add(messages), "group_waits")
        return True

    def _receive_in_parallel(
        self, calls: int, at_most: int, wait_seconds: int
    ) -> tuple[list[Message], QueueUnavailableError | None]:
        """Receive by several calls at once, since one at a time would not keep up with the posts."""

        def receive(_: int) -> list[Message] | QueueUnavailableError:
            try:
                return self._in_flight.receive(at_most=at_most, wait_seconds=wait_seconds)
            except QueueUnavailableError as error:
                return error

        results = list(self._receivers.map(receive, range(calls))) if calls > 1 else [receive(0)]
        error = next((result for result in results if isinstance(result, QueueUnavailableError)), None)
        return [message for result in results if isinstance(result, list) for message in result], error

    def _wait_for_queue(self, error: QueueUnavailableError, started: float) -> None:
        """Wait for SQS to come back; what is in flight is posted meanwhile."""
        self._queue_failing_since = min(self._queue_failing_since, started)
        if self._clock.now() - self._queue_failing_since >= MAX_FAILING_SECONDS:
            raise error
        log.warning("SQS does not answer, it will be asked again: %s", error)
        self._deadline.pause(_RECEIVE_RETRY_SECONDS)

    def _prefetch_limit(self) -> int:
        """Return how many messages may wait for an outcome: what can be posted in a short time, and before the end."""
        if not self._publisher.is_answered or not self._counters.finished:
            return MAX_BATCH_ENTRIES
        rate = self._rate_limiter.rate(self._clock.now())
        if math.isinf(rate):
            rate = max(2 * self._rate_limiter.observed_rate(), 2.0 * MAX_WORKERS)
        seconds = _MERGING_PREFETCH_SECONDS if self._is_merging() else _PREFETCH_SECONDS
        most = min(_MAX_PREFETCH, _MAX_PREFETCH_BYTES // max(1, self._message_bytes))
        return max(1, min(most, int(rate * min(seconds, self._deadline.left()))))

    def _workers_needed(self) -> int:
        rate = self._rate_limiter.rate(self._clock.now())
        at_once = MAX_WORKERS if math.isinf(rate) else math.ceil(rate * self._counters.latency) + 1
        return min(MAX_WORKERS, len(self._scheduler), at_once)

    def _shut_down(self, reason: str) -> None:
        self._scheduler.close()
        self._receivers.shutdown()
        self._acknowledger.release(self._scheduler.take_pending(), reason)
        self._workers.join()
        # What a worker has put back since.
        self._acknowledger.hold_back(self._scheduler.take_pending(), reason)
        self._in_flight.close(self._clock.sleep)
