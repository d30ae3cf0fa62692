"""The worker pool: threads that prepare, post and acknowledge messages."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace

from airflow_provider_dzlineage.aws.deadline import Deadline
from airflow_provider_dzlineage.buffer.message import Message
from airflow_provider_dzlineage.errors import StopError
from airflow_provider_dzlineage.forwarding.job import MessageJob
from airflow_provider_dzlineage.forwarding.publisher import Acknowledger, Later, Publisher, Result
from airflow_provider_dzlineage.forwarding.scheduler import Scheduler
from airflow_provider_dzlineage.lineage.event import RunEvent
from airflow_provider_dzlineage.lineage.facet_history import FacetHistory
from airflow_provider_dzlineage.lineage.pipeline import Decision, Outcome, Pipeline, decision_on

log = logging.getLogger(__name__)

# So many messages in a row that DataZone did not answer are an outage: the drain ends instead of trying them all.
_OUTAGE_MESSAGES = 2


class Worker:
    """Takes work from a list until the list is closed. Safe to run in several threads.

    :param worklist: what is in hand.
    :param deadline: cut when there is no point in going on.
    :param is_merging: tells whether events of one run that are in hand together are posted as one.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        pipeline: Pipeline,
        delivery: Publisher,
        acknowledger: Acknowledger,
        deadline: Deadline,
        is_merging: Callable[[], bool],
    ) -> None:
        self._scheduler = scheduler
        self._pipeline = pipeline
        self._delivery = delivery
        self._acknowledger = acknowledger
        self._deadline = deadline
        self._is_merging = is_merging
        self._facet_history = FacetHistory()
        self._lock = threading.Lock()
        self._unanswered = 0
        self._warnings: set[str] = set()
        # Why no post can succeed any more.
        self.fatal: StopError | None = None

    def __call__(self) -> None:
        """Work until there is nothing to do any more.

        :raises Exception: a mistake of ours; what it was at stays in the worklist.
        """
        while work := self._scheduler.take():
            is_new = work.event is None
            decision = self._prepare(work.message) if work.event is None else None
            if decision:
                work = replace(work, event=decision.event)
            is_merging = work.event is not None and work.body is None and self._is_merging()
            if is_new and is_merging and work.event:
                self._facet_history.note(work.event)
            meets = is_new and is_merging and self._scheduler.meet(work)
            if is_new:
                self._scheduler.prepared()
            if meets:
                continue
            if is_merging:
                work = self._scheduler.join(work, self._event_of)
            try:
                done = Result.of(decision) if decision and decision.event is None else self._deliver(work)
                if isinstance(done, Result) and done.outcome is Outcome.DEAD_LETTERED and not work.companions:
                    done = self._acknowledger.bury(work.message, done)
            except BaseException as error:
                self._scheduler.put_off(work, 0)
                self._scheduler.close()
                if not isinstance(error, StopError):
                    raise
                self.fatal = self.fatal or error
                self._deadline.cut(error.code)
                return
            self._carry_out(work, done)

    def _event_of(self, message: Message) -> RunEvent | None:
        event = self._prepare(message).event
        if event:
            self._facet_history.note(event)
        return event

    def _prepare(self, message: Message) -> Decision:
        try:
            body = message.event()
        except Exception as error:
            decision = decision_on(error)
        else:
            decision = self._pipeline.prepare(body)
        self._log(decision, message)
        return decision

    def _log(self, decision: Decision, message: Message) -> None:
        if decision.outcome is Outcome.RELEASED and decision.detail not in self._warnings:
            self._warnings.add(decision.detail)
            log.warning("Messages stay in the queue: %s", decision.detail)
        elif decision.reason == "unexpected_error":
            log.error("Message %s cannot be prepared: %s", message.id, decision.detail)

    def _deliver(self, work: MessageJob) -> Result | Later | None:
        """Post work once; return None when those that travel together have to be posted one by one."""
        if work.body:
            return self._delivery.post(work, work.body, self._deadline)
        events = [each.event for each in work.all if each.event]
        if work.companions and self._facet_history.contradicts(events):
            return None
        decision = self._pipeline.encode(events)
        if decision.event:
            return self._delivery.post(work, decision.event.body, self._deadline)
        if not work.companions:
            self._log(decision, work.message)
        return Result.of(decision)

    def _carry_out(self, work: MessageJob, done: Result | Later | None) -> None:
        if isinstance(done, Later):
            self._scheduler.put_off(done.work, done.seconds)
        elif done is None or (done.outcome is Outcome.DEAD_LETTERED and work.companions):
            # Which of them is to blame shows when each is posted by itself.
            self._scheduler.part(work)
        else:
            self._settle(work, done)

    def _settle(self, work: MessageJob, result: Result) -> None:
        self._note_whether_answered(result)
        if result.outcome is Outcome.RELEASED:
            self._acknowledger.hold_back([each.message for each in work.all], result.reason)
            self._acknowledger.hold_back(self._scheduler.give_up(work), "group_waits")
            return
        self._scheduler.settled(work)
        self._acknowledger.finish(work.message, result)
        for companion in work.companions:
            self._acknowledger.finish(companion.message, Result(Outcome.MERGED))

    def _note_whether_answered(self, result: Result) -> None:
        with self._lock:
            if result.reason == "unavailable":
                log.warning("DataZone does not take an event: %s", result.code)
                self._unanswered += 1
                if self._unanswered >= _OUTAGE_MESSAGES:
                    self._deadline.cut("unavailable")
            elif self._delivery.is_answered:
                self._unanswered = 0


class WorkerPool:
    """Threads that all do the same thing until it returns.

    :param shift: what each does.
    """

    def __init__(self, shift: Callable[[], None]) -> None:
        self._shift = shift
        self._threads: list[threading.Thread] = []
        self._failure: BaseException | None = None

    def grow(self, size: int) -> None:
        """Start threads until there are ``size``."""
        while len(self._threads) < size:
            name = f"dzlineage-post-{len(self._threads)}"
            # A daemon, so that the process can end while DataZone does not answer.
            thread = threading.Thread(target=self._work, name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def join(self) -> None:
        """Wait until each has ended."""
        for thread in self._threads:
            thread.join()

    def check(self) -> None:
        """Raise what a thread has raised."""
        if self._failure:
            raise self._failure

    def _work(self) -> None:
        try:
            self._shift()
        except BaseException as error:
            self._failure = self._failure or error
