"""A buffer, a catalog and producers in one place, as models, with the real forwarder between them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

from airflow_provider_dzlineage.buffer.dead_letters import DeadLetters
from airflow_provider_dzlineage.buffer.entry import queue_entry
from airflow_provider_dzlineage.buffer.queue import Queue
from airflow_provider_dzlineage.catalog.datazone import Catalog
from airflow_provider_dzlineage.errors import QueueError, StopError
from airflow_provider_dzlineage.forwarder import Forwarder
from airflow_provider_dzlineage.forwarding.report import Report
from airflow_provider_dzlineage.settings import Settings
from tests.conformance.events import Kind, flaw_of, kind_of, text_of
from tests.conformance.models.clock import JumpingClock
from tests.conformance.models.datazone import DOMAIN_ID, ModelDataZone
from tests.conformance.models.sqs import ModelSqs
from tests.conformance.wire import POST, Crash, Fault, Network, Process
from tests.conformance.witness import Witness, event_of

# Few enough that an event which DataZone never takes comes to its end.
_MAX_RECEIVES = 3
# Two events that DataZone does not take look like an outage, which ends a drain: many such events need many drains.
_DRAINS = 40

# Longer than the forwarder hides what it has in hand.
_AFTER_VISIBILITY_SECONDS = 130.0


class World:
    """Everything that a drain meets.

    :param fifo: whether the queues are FIFO queues.
    :param duplicates: share of messages in flight that a standard queue delivers again.
    :param seed: of the order in which a standard queue delivers.
    :param rate: posts a second.
    """

    def __init__(self, *, fifo: bool, duplicates: float, seed: int, rate: float) -> None:
        self.clock = JumpingClock()
        self.witness = Witness(lambda body: kind_of(body) is Kind.OWN_JOB, flaw_of)
        self.network = Network(self.clock, self.witness)
        self._sqs = ModelSqs(self.clock, duplicates=duplicates, seed=seed)
        self._datazone = ModelDataZone()
        suffix = ".fifo" if fifo else ""
        self._url = self._sqs.create_queue(QueueName=f"buffer{suffix}")["QueueUrl"]
        self._dead_url = self._sqs.create_queue(QueueName=f"dead-letters{suffix}")["QueueUrl"]
        self._queue = Queue(self._sqs, self._url)
        self._settings = Settings(rate=rate, max_receives=_MAX_RECEIVES)
        self._last: tuple[Kind, int, str] | None = None
        # Each event once: its run.
        self._order: dict[bytes, str] = {}
        self._has_duplicates = bool(duplicates)
        self._unexpected: list[str] = []
        self.all_is_well()

    def send(self, *messages: tuple[Kind, str]) -> None:
        """Put messages of some kinds and runs into the buffer."""
        for kind, run in messages:
            self._last = (kind, len(self._order), run)
            self.send_again()

    def send_again(self) -> None:
        """Put the same message as the last time into the buffer."""
        if self._last is None:
            return
        text, run = text_of(*self._last), self._last[2]
        assert list(self._queue.send([queue_entry(text, group=run if self._queue.is_fifo else None)])) == []
        self._order.setdefault(text.encode(), run)

    def all_is_well(self) -> None:
        """End all trouble but that of events which DataZone never takes."""
        self.network.troubles.clear()
        self._fails_on(Kind.REFUSED, Fault.REFUSED)
        self._fails_on(Kind.ODD, Fault.UNKNOWN)

    def frail_events_fail(self) -> None:
        """Let DataZone fail on some events for a while."""
        self._fails_on(Kind.FRAIL, Fault.SERVER_ERROR)

    def _fails_on(self, kind: Kind, fault: Fault) -> None:
        self.network.keeps_failing(POST, fault, lambda call: kind_of(call["event"]) is kind)

    def drain(
        self,
        max_seconds: float,
        *,
        at_call: Callable[[int, bool], None] = lambda _number, _done: None,
        stop: threading.Event | None = None,
        alone: bool = True,
    ) -> Report | None:
        """Let a process of its own drain the buffer, whatever becomes of it.

        :param at_call: what :class:`Process` calls around each of its calls.
        :param alone: whether no other process drains meanwhile.
        :return: its report; None when it did not live to write one.
        """
        process = Process(self.network, at_call)
        sqs = process.client(self._sqs)
        forwarder = Forwarder(
            Queue(sqs, self._url),
            DeadLetters(Queue(sqs, self._dead_url)),
            Catalog(process.client(self._datazone), DOMAIN_ID),
            self._settings,
            stop=stop,
            clock=self.clock,
        )
        with suppress(Crash):
            self._drain(forwarder, max_seconds, process)
            self._check_report(process, report := forwarder.report())
            self._check_released(process, alone=alone)
            return report
        return None

    def drain_until_empty(self) -> None:
        """Drain again and again, each time after the last visibility has ended, but not for ever."""
        for _ in range(_DRAINS):
            self.clock.advance(_AFTER_VISIBILITY_SECONDS)
            self.drain(2000.0)
            if not self.queued():
                return

    def queued(self) -> set[bytes]:
        """Return the events that lie in the buffer."""
        return {event_of(message.body, message.attributes) for message in self._sqs.messages(self._url)}

    def broken(self) -> list[str]:
        """Say what broke the promise."""
        return [*self.witness.broken, *self._unexpected, *self._lost(), *self._out_of_order()]

    def _drain(self, forwarder: Forwarder, max_seconds: float, process: Process) -> None:
        try:
            forwarder.drain(max_seconds)
        except StopError:
            self._expect((POST, Fault.DENIED) in process.failed, "a drain gave up, and DataZone had denied nothing")
        except QueueError as error:
            self._expect(process.has_missed_sqs, f"a drain gave up, and SQS had done nothing: {error}")

    def _expect(self, is_so: object, otherwise: str) -> None:
        if not is_so:
            self._unexpected.append(otherwise)

    def _check_report(self, process: Process, report: Report) -> None:
        """Compare a report with what went over the wire."""
        # What each counts: posts, dead letters, requests, throttles.
        said = (report.posted, report.dead_lettered, report.requests, report.throttled)
        seen = (process.answered[POST], process.buried, process.sent[POST], process.failed[POST, Fault.THROTTLED])
        self._expect(
            said == seen, f"a report says {said} of posts, dead letters, requests, throttles; they were {seen}"
        )
        at_least, at_most = len(process.received), process.received.total()
        self._expect(
            at_least <= report.received <= at_most,
            f"a report counts {report.received} received, of {at_least} messages and {at_most} deliveries",
        )

    def _check_released(self, process: Process, *, alone: bool) -> None:
        # A message that is delivered again while it is being deleted stays in flight for a while.
        if alone and not process.has_missed_sqs and not self._has_duplicates:
            kept = self._sqs.in_flight(self._url) & process.received.keys()
            self._expect(not kept, f"a drain ended and kept {kept}")

    def _lost(self) -> Iterator[str]:
        known = self.queued() | self.witness.accepted.keys() | self.witness.buried
        for body in self._order:
            if body not in known and kind_of(body) is not Kind.OWN_JOB:
                yield f"lost: {body!r}"

    def _out_of_order(self) -> Iterator[str]:
        if not self._queue.is_fifo:
            return
        taken = list(self.witness.accepted)
        for run in set(self._order.values()):
            sent = [body for body in self._order if self._order[body] == run and body in self.witness.accepted]
            if sent != [body for body in taken if self._order[body] == run]:
                yield f"out of order: {run}"
