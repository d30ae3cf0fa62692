"""The worker pool: threads that prepare, merge, post and acknowledge messages."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from airflow_provider_dzlineage.aws.deadline import Deadline
from airflow_provider_dzlineage.buffer.message import Message
from airflow_provider_dzlineage.errors import StopError
from airflow_provider_dzlineage.forwarding.job import MessageJob
from airflow_provider_dzlineage.forwarding.publisher import Acknowledger, Publisher, Retry
from airflow_provider_dzlineage.forwarding.scheduler import Scheduler
from airflow_provider_dzlineage.lineage.event import RunEvent
from airflow_provider_dzlineage.lineage.merging import FacetHistory
from airflow_provider_dzlineage.lineage.pipeline import Decision, Outcome, Pipeline, decision_on

log = logging.getLogger(__name__)

# So many messages in a row that DataZone did not answer are an outage: the drain ends instead of trying them all.
_OUTAGE_MESSAGES = 2


@dataclass(eq=False)
class WorkerPool:
    """Threads that take jobs from a scheduler until it is closed.

    :param deadline: cut when there is no point in going on.
    :param is_merging: returns whether events of one run are posted as one.
    """

    scheduler: Scheduler
    pipeline: Pipeline
    publisher: Publisher
    acknowledger: Acknowledger
    deadline: Deadline
    is_merging: Callable[[], bool]

    def __post_init__(self) -> None:
        self._facet_history = FacetHistory()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._unanswered = 0
        self._logged: set[str] = set()
        # Why a worker ended early: no post can succeed any more, or there is a mistake of ours.
        self.failure: BaseException | None = None

    def grow(self, size: int) -> None:
        """Start workers until there are ``size``."""
        while len(self._threads) < size:
            name = f"dzlineage-worker-{len(self._threads)}"
            # A daemon, so that the process can end while DataZone does not answer.
            thread = threading.Thread(target=self._work, name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def join(self) -> None:
        """Wait until each worker has ended."""
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        try:
            while job := self.scheduler.next_job():
                self._process(job)
        except BaseException as error:
            self.failure = self.failure or error
            self.deadline.cut(error.code if isinstance(error, StopError) else "interrupted")
            self.scheduler.close()

    def _process(self, job: MessageJob) -> None:
        """Prepare, merge and post one job, as far as each is to be done now."""
        is_new, is_offered = job.event is None, False
        decision: Decision | None = None
        try:
            is_merging = job.body is None and self.is_merging()
            if is_new:
                decision = self._prepare(job.message, is_noted=is_merging)
                job = replace(job, event=decision.event)
            if is_merging and job.event:
                is_offered = is_new and self.scheduler.offer_for_merging(job)
                job = job if is_offered else self.scheduler.merge_run(job, self._event_of)
        except Exception as error:
            decision = decision_on(error)
            self._log(decision, job.message)
        finally:
            if is_new:
                self.scheduler.preparation_done()
        if is_offered:
            return
        try:
            result = decision if decision and decision.event is None else self._post(job)
            if isinstance(result, Decision) and result.outcome is Outcome.DEAD_LETTERED and not job.merged_jobs:
                result = self.acknowledger.dead_letter(job.message, result)
        except BaseException:
            # It has no outcome: the end of the drain releases it.
            self.scheduler.retry_later(job, 0)
            raise
        if isinstance(result, Retry):
            self.scheduler.retry_later(result.job, result.seconds)
        elif result is None or (result.outcome is Outcome.DEAD_LETTERED and job.merged_jobs):
            # Which of them is to blame shows when each is posted by itself.
            self.scheduler.split(job)
        else:
            self._finish(job, result)

    def _event_of(self, message: Message) -> RunEvent | None:
        return self._prepare(message, is_noted=True).event

    def _prepare(self, message: Message, *, is_noted: bool) -> Decision:
        """Return the decision on a message; its event is noted when it may be merged with others of its run."""
        try:
            decision = self.pipeline.prepare(message.event())
            if decision.event and is_noted:
                self._facet_history.note(decision.event)
        except Exception as error:
            decision = decision_on(error)
        self._log(decision, message)
        return decision

    def _log(self, decision: Decision, message: Message) -> None:
        if decision.outcome is Outcome.RELEASED and decision.detail not in self._logged:
            self._logged.add(decision.detail)
            log.warning("Messages stay in the queue: %s", decision.detail)
        elif decision.reason == "unexpected_error":
            log.error("Message %s cannot be prepared: %s", message.id, decision.detail)

    def _post(self, job: MessageJob) -> Decision | Retry | None:
        """Post a job once; return None when the events that were merged have to be posted one by one."""
        if job.body:
            return self.publisher.post(job, job.body, self.deadline)
        events = [each.event for each in job.all_jobs if each.event]
        if job.merged_jobs and self._facet_history.contradicts(events):
            return None
        decision = self.pipeline.encode(events)
        if decision.event:
            return self.publisher.post(job, decision.event.body, self.deadline)
        if not job.merged_jobs:
            self._log(decision, job.message)
        return decision

    def _finish(self, job: MessageJob, result: Decision) -> None:
        self._end_drain_in_an_outage(result)
        if result.outcome is Outcome.RELEASED:
            self.acknowledger.hold_back([each.message for each in job.all_jobs], result.reason)
            self.acknowledger.hold_back(self.scheduler.release(job), "group_waits")
            return
        self.scheduler.finish(job)
        self.acknowledger.acknowledge(job.message, result)
        for merged in job.merged_jobs:
            self.acknowledger.acknowledge(merged.message, Decision(Outcome.MERGED))

    def _end_drain_in_an_outage(self, result: Decision) -> None:
        with self._lock:
            if result.reason == "unavailable":
                log.warning("DataZone does not take an event: %s", result.code)
                self._unanswered += 1
                if self._unanswered >= _OUTAGE_MESSAGES:
                    self.deadline.cut("unavailable")
            elif self.publisher.is_answered:
                self._unanswered = 0
