"""The pipeline: receive, decode, validate, post, settle; one counted outcome for each message."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Sequence

from airflow_provider_dzlineage.buffer.dead_letters import DeadLetter, DeadLetters
from airflow_provider_dzlineage.buffer.hand import VISIBILITY_SECONDS, Hand
from airflow_provider_dzlineage.buffer.message import Message
from airflow_provider_dzlineage.buffer.queue import Queue
from airflow_provider_dzlineage.catalog.datazone import Catalog
from airflow_provider_dzlineage.catalog.pace import Pacer
from airflow_provider_dzlineage.deadline import Deadline
from airflow_provider_dzlineage.delivery import Delivery, Result
from airflow_provider_dzlineage.errors import InvalidEventError, QueueError, StopError
from airflow_provider_dzlineage.lineage.event import RunEvent, parse_run_event
from airflow_provider_dzlineage.lineage.own_jobs import is_own_job
from airflow_provider_dzlineage.lineage.size import check_size
from airflow_provider_dzlineage.report import Outcome, Report, Tally
from airflow_provider_dzlineage.settings import Settings

log = logging.getLogger(__name__)

# So many messages in a row that DataZone did not answer are an outage: the drain ends instead of trying them all.
_OUTAGE_MESSAGES = 2
_FOLLOW_SECONDS = 300
# Long enough to be cheap, short enough to stop soon when asked.
_FOLLOW_POLL_SECONDS = 5


def prepare(message: Message) -> RunEvent | Result:
    """Decode and validate one message.

    :return: the event to post, or what becomes of the message without a post.
    """
    try:
        event = parse_run_event(message.event())
        if is_own_job(event.data):
            return Result(Outcome.SKIPPED, "own_job")
        return check_size(event)
    except InvalidEventError as error:
        return Result(Outcome.DEAD_LETTERED, error.reason, error.detail)


class Forwarder:
    """Moves events from one queue to one domain.

    :param queue: the buffer.
    :param dead_letters: where messages go that can never be posted; None leaves them in the buffer.
    :param catalog: the domain.
    :param settings: ``rate`` and ``max_receives`` count here.
    :param stop: set it, from any thread or signal handler, to end a drain early and in order.
    :param clock: monotonic seconds.
    """

    def __init__(
        self,
        queue: Queue,
        dead_letters: DeadLetters | None,
        catalog: Catalog,
        settings: Settings,
        *,
        stop: threading.Event | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._queue = queue
        self._dead_letters = dead_letters
        self._rate = settings.rate
        self._stop = stop or threading.Event()
        self._clock = clock
        self._tally = Tally()
        self._delivery = Delivery(catalog, Pacer(settings.rate), self._tally, settings.max_receives)
        self._started = clock()
        self._deadline = Deadline(0, self._stop, clock)
        self._unanswered = 0
        self._held_back: dict[str, Message] = {}

    def drain(
        self,
        max_seconds: float = math.inf,
        *,
        wait_seconds: int = 1,
        on_progress: Callable[[Report], None] = lambda _: None,
    ) -> None:
        """Forward until the queue is empty, the deadline is there, or ``stop`` is set.

        However it ends, what is still in hand goes back to the queue, and :meth:`report` counts it.

        :param max_seconds: the deadline, from now.
        :param wait_seconds: how long to poll an empty queue before it counts as empty, 0 to 20.
        :param on_progress: called after each batch with the report so far.
        :raises StopError: when no post can succeed until somebody changes something; the message says what.
        :raises QueueError: when SQS does not answer.
        """
        if self._dead_letters is None:
            log.warning(
                "There is no dead-letter queue (setting 'dead_letter_queue_url', or a redrive policy of the queue): "
                "messages that can never be posted stay in the queue"
            )
        self._deadline = Deadline(max_seconds, self._stop, self._clock)
        self._unanswered = 0
        try:
            while not self._end():
                batch = self._queue.receive(wait_seconds=wait_seconds, visibility_seconds=VISIBILITY_SECONDS)
                new = [message for message in batch if message.id not in self._held_back]
                if not new:
                    break
                self._forward(new)
                on_progress(self.report(with_backlog=False))
        finally:
            self._release_held_back()

    def follow(self, max_seconds: float = math.inf, *, on_progress: Callable[[Report], None] = lambda _: None) -> None:
        """Forward until the deadline is there or ``stop`` is set, however often the queue is empty.

        :param max_seconds: the deadline, from now.
        :param on_progress: called after each batch with the report so far.
        :raises StopError: when no post can succeed until somebody changes something; the message says what.
        :raises QueueError: when SQS does not answer.
        """
        end = Deadline(max_seconds, self._stop, self._clock)
        while not end.passed():
            # A drain of its own now and then, so that what one had to hold back is tried again.
            self.drain(min(_FOLLOW_SECONDS, end.left()), wait_seconds=_FOLLOW_POLL_SECONDS, on_progress=on_progress)

    def report(self, *, with_backlog: bool = True) -> Report:
        """Say what became of the messages so far.

        :param with_backlog: ask SQS how many messages are left.
        """
        backlog = None
        if with_backlog:
            try:
                backlog = self._queue.state().backlog
            except QueueError as error:
                log.warning("The backlog is unknown: %s", error)
        return self._tally.report(self._clock() - self._started, backlog, self._rate)

    def _end(self) -> str:
        return "unavailable" if self._unanswered >= _OUTAGE_MESSAGES else self._deadline.passed()

    def _forward(self, batch: Sequence[Message]) -> None:
        results: dict[str, Result] = {}
        hand = Hand(self._queue, batch, self._clock)
        why_rest = "interrupted"
        try:
            for message in batch:
                if self._end():
                    break
                results[message.id] = self._result(message, hand)
            why_rest = self._end()
        except StopError as error:
            why_rest = error.code
            raise
        finally:
            rest = Result(Outcome.RELEASED, why_rest)
            self._settle([(message, results.get(message.id, rest)) for message in batch])

    def _result(self, message: Message, hand: Hand) -> Result:
        if message.group and any(message.group == held.group for held in self._held_back.values()):
            return Result(Outcome.RELEASED, "group_waits")
        prepared = prepare(message)
        if isinstance(prepared, Result):
            return prepared
        result = self._delivery.post(
            prepared.body,
            receive_count=message.receive_count,
            deadline=self._deadline,
            before_attempt=hand.hold,
        )
        if result.reason == "unavailable":
            log.warning("DataZone does not take an event: %s", result.code)
            self._unanswered += 1
        else:
            self._unanswered = 0
        if result.outcome is Outcome.RELEASED:
            self._held_back[message.id] = message
        return result

    def _settle(self, results: Sequence[tuple[Message, Result]]) -> None:
        """Carry out what the results say, dead letters before deletions, and count each message once."""
        unburied = self._bury(
            [
                DeadLetter(message, result.reason, result.detail, result.code, result.request_id)
                for message, result in results
                if result.outcome is Outcome.DEAD_LETTERED
            ]
        )
        done = []
        for message, result in results:
            outcome = Outcome.RELEASED if message.id in unburied else result.outcome
            self._tally.count(outcome, unburied.get(message.id, result.reason))
            if outcome is Outcome.RELEASED:
                # Given back only when the drain ends, or this drain would receive it again at once.
                self._held_back[message.id] = message
            else:
                done.append(message)
        self._queue.delete(done)

    def _bury(self, letters: Sequence[DeadLetter]) -> dict[str, str]:
        """Write dead letters; return the ids of the messages that have to stay, each with why."""
        if self._dead_letters is None:
            return {letter.message.id: "no_dead_letter_queue" for letter in letters}
        try:
            unwritten: Sequence[DeadLetter] = self._dead_letters.write(letters)
        except QueueError as error:
            log.error("Dead letters cannot be written, their messages stay in the queue: %s", error)
            unwritten = letters
        return {letter.message.id: "dead_letter_not_written" for letter in unwritten}

    def _release_held_back(self) -> None:
        held_back, self._held_back = list(self._held_back.values()), {}
        try:
            self._queue.release(held_back)
        except QueueError as error:
            log.warning("Messages come back only after their visibility time-out: %s", error)
