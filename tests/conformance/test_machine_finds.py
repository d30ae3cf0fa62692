"""Forwarders that break the promise, each in its own way: the state machine finds every one of them.

Each patches the part of the forwarder that keeps a promise, private names among them where no public one is that part:
a forwarder has no seam to break it. It takes minutes:
``pytest tests/conformance --hypothesis-profile=thorough --timeout=0``.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis.errors import FlakyFailure
from hypothesis.stateful import run_state_machine_as_test

from airflow_provider_dzlineage.buffer.dead_letter_queue import DeadLetterQueue
from airflow_provider_dzlineage.buffer.in_flight import InFlightMessages
from airflow_provider_dzlineage.buffer.queue import Queue
from airflow_provider_dzlineage.catalog import client as datazone
from airflow_provider_dzlineage.catalog.client import Catalog
from airflow_provider_dzlineage.errors import ThrottledError, UnavailableError
from airflow_provider_dzlineage.forwarding.publisher import Publisher
from airflow_provider_dzlineage.forwarding.report import Counters
from airflow_provider_dzlineage.forwarding.scheduler import Scheduler
from airflow_provider_dzlineage.forwarding.worker import WorkerPool
from airflow_provider_dzlineage.lineage import pipeline
from airflow_provider_dzlineage.lineage.pipeline import Decision, Outcome
from tests.conformance.test_machine import PromiseMachine

Patch = Callable[[pytest.MonkeyPatch], None]

_receive, _post_event, _decide, _finish = (
    InFlightMessages.receive,
    Catalog.post_event,
    Publisher._after_failure,
    WorkerPool._finish,
)
_delete, _count, _scheduler = Queue.delete, Counters.count, Scheduler.__init__


def deletes_what_it_receives(patch: pytest.MonkeyPatch) -> None:
    def receive(self: InFlightMessages, **parameters: Any) -> Any:
        messages = _receive(self, **parameters)
        self._queue.delete(messages)
        return messages

    patch.setattr(InFlightMessages, "receive", receive)


def deletes_what_it_releases(patch: pytest.MonkeyPatch) -> None:
    def finish(self: WorkerPool, job: Any, result: Decision) -> None:
        _finish(self, job, result)
        self.acknowledger.in_flight.acknowledge(job.message)

    patch.setattr(WorkerPool, "_finish", finish)


def takes_silence_for_success(patch: pytest.MonkeyPatch) -> None:
    def post_event(self: Catalog, *arguments: Any) -> None:
        try:
            _post_event(self, *arguments)
        except UnavailableError as error:
            if error.code != "ReadTimeoutError":
                raise

    patch.setattr(Catalog, "post_event", post_event)


def writes_no_dead_letters(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(DeadLetterQueue, "write", lambda _self, _letters: [])


def overlooks_what_a_batch_did_not_send(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(DeadLetterQueue, "write", lambda self, batch: list(self.send(map(self._entry, batch))) and [])


def dead_letters_what_is_throttled(patch: pytest.MonkeyPatch) -> None:
    def decide(self: Publisher, error: Any, *arguments: Any) -> Any:
        if isinstance(error, ThrottledError):
            self.counters.count_throttle()
            return Decision(Outcome.DEAD_LETTERED, "throttled")
        return _decide(self, error, *arguments)

    patch.setattr(Publisher, "_after_failure", decide)


def invents_tokens(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(datazone, "client_token", lambda *_: uuid.uuid4().hex)


def has_one_token_for_all(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(datazone, "client_token", lambda *_: "token")


def knows_no_groups(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Scheduler, "__init__", lambda self, clock, *, ordered: _scheduler(self, clock, ordered=False))


def goes_on_with_a_group_after_a_failure(patch: pytest.MonkeyPatch) -> None:
    def release(self: Scheduler, job: Any) -> list[Any]:
        self.finish(job)
        return []

    patch.setattr(Scheduler, "release", release)


def posts_only_the_first_of_a_run(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(pipeline, "merge", lambda events: events[0])


def merges_others_without_counting_them(patch: pytest.MonkeyPatch) -> None:
    def finish(self: WorkerPool, job: Any, result: Decision) -> None:
        _finish(self, replace(job, merged_jobs=()), result)

    patch.setattr(WorkerPool, "_finish", finish)


def counts_what_is_skipped_twice(patch: pytest.MonkeyPatch) -> None:
    def count(self: Counters, outcome: Outcome, reason: str) -> None:
        for _ in range(2 if outcome is Outcome.SKIPPED else 1):
            _count(self, outcome, reason)

    patch.setattr(Counters, "count", count)


def forgets_to_count_what_is_skipped(patch: pytest.MonkeyPatch) -> None:
    def count(self: Counters, outcome: Outcome, reason: str) -> None:
        if outcome is not Outcome.SKIPPED:
            _count(self, outcome, reason)

    patch.setattr(Counters, "count", count)


def releases_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(InFlightMessages, "release", lambda *_: None)


def deletes_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(InFlightMessages, "delete_acknowledged", lambda _: None)


@pytest.mark.skipif(
    settings.get_current_profile_name() != "thorough", reason="takes minutes; --hypothesis-profile=thorough runs it"
)
@pytest.mark.parametrize(
    "break_it",
    [
        deletes_what_it_receives,
        deletes_what_it_releases,
        takes_silence_for_success,
        writes_no_dead_letters,
        overlooks_what_a_batch_did_not_send,
        dead_letters_what_is_throttled,
        invents_tokens,
        has_one_token_for_all,
        knows_no_groups,
        goes_on_with_a_group_after_a_failure,
        posts_only_the_first_of_a_run,
        merges_others_without_counting_them,
        counts_what_is_skipped_twice,
        forgets_to_count_what_is_skipped,
        releases_nothing,
        deletes_nothing,
    ],
)
def test_it_finds_a_forwarder_that(break_it: Patch, monkeypatch: pytest.MonkeyPatch) -> None:
    break_it(monkeypatch)

    # Where threads are at work, what was found once may not come again when Hypothesis repeats the steps.
    with pytest.raises((AssertionError, FlakyFailure)):
        run_state_machine_as_test(
            PromiseMachine,
            settings=settings(
                database=None,
                deadline=None,
                max_examples=400,
                phases=[Phase.generate],
                print_blob=False,
                report_multiple_bugs=False,
                stateful_step_count=12,
            ),
        )
