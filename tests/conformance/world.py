"""A buffer, a catalog and producers in one place, with the real forwarder between them."""

from __future__ import annotations

import math
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from airflow_provider_dzlineage.aws.deadline import Clock
from airflow_provider_dzlineage.buffer.codec import send_parameters
from airflow_provider_dzlineage.buffer.dead_letter_queue import DeadLetterQueue
from airflow_provider_dzlineage.buffer.queue import Queue
from airflow_provider_dzlineage.catalog.client import Catalog
from airflow_provider_dzlineage.errors import QueueError, StopError
from airflow_provider_dzlineage.forwarding.forwarder import Forwarder
from airflow_provider_dzlineage.forwarding.report import Report
from airflow_provider_dzlineage.settings.site import Settings
from tests.conformance.events import Kind, flaw_of, kind_of, kinds_of, parts_of, text_of
from tests.conformance.wire import POST, Call, Crash, Fault, Network, Process
from tests.conformance.witness import Witness

# Few enough that an event which DataZone never takes comes to its end.
MAX_RECEIVES = 3
# Two events that DataZone does not take look like an outage, which ends a drain: many such events need many drains.
_DRAINS = 40


class World:
    """Everything that a drain meets, and the witness of all that it does.

    :param sqs: boto3 client, or what stands in for one.
    :param url: URL of the buffer.
    :param dead_url: URL of the queue of its dead letters.
    :param datazone: boto3 client, or what stands in for one.
    :param rate: posts a second.
    :param merge: the setting.
    :param wait_seconds: how long to poll an empty buffer.
    """

    def __init__(
        self,
        sqs: Any,
        url: str,
        dead_url: str,
        datazone: Any,
        domain_id: str,
        clock: Clock,
        *,
        rate: float = math.inf,
        merge: str = "never",
        wait_seconds: int = 1,
    ) -> None:
        self.url = url
        self.clock = clock
        self.witness = Witness(lambda body: kind_of(body) is Kind.OWN_JOB, flaw_of, parts_of)
        self.network = Network(clock, self.witness)
        self.queue = Queue(sqs, url)
        # Each event that was sent once, with its run.
        self.sent: dict[bytes, str] = {}
        self._sqs = sqs
        self._dead_url = dead_url
        self._datazone = datazone
        self._domain_id = domain_id
        self._settings = Settings(rate=rate, max_receives=MAX_RECEIVES, merge=merge)
        self._wait_seconds = wait_seconds
        # What an earlier world has sent is not to be taken for a duplicate.
        self._name = uuid.uuid4().hex
        self._last: tuple[Kind, int, str] | None = None
        self._unexpected: list[str] = []
        self.all_is_well()

    def send(self, *messages: tuple[Kind, str]) -> list[bytes]:
        """Put messages of some kinds and runs into the buffer.

        :return: the events.
        """
        before = len(self.sent)
        for kind, run in messages:
            self._last = (kind, len(self.sent), run)
            self.send_again()
        return list(self.sent)[before:]

    def send_again(self) -> None:
        """Put the same message as the last time into the buffer."""
        if self._last is None:
            return
        kind, number, run = self._last
        text = text_of(kind, number, f"{run} of {self._name}")
        assert list(self.queue.send([send_parameters(text, group=run if self.queue.is_fifo else None)])) == []
        self.sent.setdefault(text.encode(), run)

    def all_is_well(self) -> None:
        """End all trouble but that of events which DataZone never takes."""
        self.network.troubles.clear()
        self._fails_on(Kind.REFUSED, Fault.REFUSED)
        self._fails_on(Kind.ODD, Fault.UNKNOWN)

    def frail_events_fail(self) -> None:
        """Let DataZone fail on some events for a while."""
        self._fails_on(Kind.FRAIL, Fault.SERVER_ERROR)

    def drain(
        self,
        max_seconds: float = math.inf,
        *,
        at_call: Callable[[Call], None] = lambda _: None,
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
            Queue(sqs, self.url),
            DeadLetterQueue(sqs, self._dead_url),
            Catalog(process.client(self._datazone), self._domain_id),
            self._settings,
            stop=stop,
            clock=self.clock,
        )
        with suppress(Crash):
            self._drain(forwarder, max_seconds, process)
            self._check_report(process, report := forwarder.report())
            self._check_end(process, alone=alone)
            return report
        return None

    def drain_until_empty(self) -> None:
        """Drain again and again, each time as if the last visibility had ended, but not for ever."""
        for _ in range(_DRAINS):
            self.expire()
            self.drain(2000.0)
            if not self.queue.state().backlog:
                return

    def expire(self) -> None:
        """Let the visibility of all that is in flight end now."""
        for number, handle in enumerate(self.witness.handles.values()):
            entry: Any = {"Id": str(number), "ReceiptHandle": handle, "VisibilityTimeout": 0}
            # SQS refuses those that are gone.
            self._sqs.change_message_visibility_batch(QueueUrl=self.url, Entries=[entry])

    def broken(self) -> list[str]:
        """Return what broke the promise."""
        return [*self.witness.broken, *self._unexpected, *self._out_of_order()]

    def _drain(self, forwarder: Forwarder, max_seconds: float, process: Process) -> None:
        try:
            forwarder.drain(max_seconds, wait_seconds=self._wait_seconds)
        except StopError:
            self._expect((POST, Fault.DENIED) in process.failed, "a drain gave up, and DataZone had denied nothing")
        except QueueError as error:
            self._expect(process.has_missed_sqs, f"a drain gave up, and SQS had done nothing: {error}")

    def _fails_on(self, kind: Kind, fault: Fault) -> None:
        self.network.keeps_failing(POST, fault, lambda call: kind in kinds_of(call["event"]))

    def _expect(self, is_so: object, otherwise: str) -> None:
        if not is_so:
            self._unexpected.append(otherwise)

    def _check_report(self, process: Process, report: Report) -> None:
        """Compare a report with what went over the wire."""
        # What each counts: posts, dead letters, requests, throttles.
        said = (report.posted, report.dead_lettered, report.requests, report.throttled)
        seen = (
            process.answered[POST],
            process.dead_lettered,
            process.sent[POST],
            process.failed[POST, Fault.THROTTLED],
        )
        self._expect(said == seen, f"a report counts {said}, there were {seen}")
        at_least, at_most = len(process.received), process.received.total()
        self._expect(
            at_least <= report.received <= at_most,
            f"a report counts {report.received} received, of {at_least} messages and {at_most} deliveries",
        )

    def _check_end(self, process: Process, *, alone: bool) -> None:
        """Look at what a process leaves behind, as far as that can be seen."""

    def _out_of_order(self) -> Iterator[str]:
        if not self.queue.is_fifo:
            return
        taken = list(self.witness.accepted)
        for run in set(self.sent.values()):
            sent = [body for body in self.sent if self.sent[body] == run and body in self.witness.accepted]
            if sent != [body for body in taken if self.sent[body] == run]:
                yield f"out of order: {run}"
