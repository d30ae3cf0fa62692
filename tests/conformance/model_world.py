"""A world of models, in which also what no service shows can be seen."""

from __future__ import annotations

from collections.abc import Iterator

from tests.conformance.events import Kind, kind_of
from tests.conformance.models.clock import JumpingClock
from tests.conformance.models.datazone import DOMAIN_ID, ModelDataZone
from tests.conformance.models.sqs import ModelSqs
from tests.conformance.wire import Process
from tests.conformance.witness import event_of
from tests.conformance.world import World


class ModelWorld(World):
    """Models of Amazon SQS and Amazon DataZone, with the real forwarder between them.

    :param fifo: whether the queues are FIFO queues.
    :param duplicates: share of messages in flight that a standard queue delivers again.
    :param seed: of the order in which a standard queue delivers.
    :param rate: posts a second.
    :param merge: the setting.
    """

    def __init__(
        self,
        *,
        fifo: bool,
        duplicates: float = 0.0,
        seed: int = 0,
        rate: float = float("inf"),
        merge: str = "never",
    ) -> None:
        clock, suffix = JumpingClock(), ".fifo" if fifo else ""
        self._model = ModelSqs(clock, duplicates=duplicates, seed=seed)
        urls = [self._model.create_queue(QueueName=name + suffix)["QueueUrl"] for name in ("buffer", "dead-letters")]
        super().__init__(self._model, *urls, ModelDataZone(), DOMAIN_ID, clock, rate=rate, merge=merge)
        self._has_duplicates = bool(duplicates)

    def queued(self) -> set[bytes]:
        """Return the events that lie in the buffer."""
        return {event_of(message.body, message.attributes) for message in self._model.messages(self.url)}

    def broken(self) -> list[str]:
        return [*super().broken(), *self._lost()]

    def _lost(self) -> Iterator[str]:
        known = self.queued() | self.witness.accepted.keys() | self.witness.dead_lettered
        for body in self.sent:
            if body not in known and kind_of(body) is not Kind.OWN_JOB:
                yield f"lost: {body!r}"

    def _check_end(self, process: Process, *, alone: bool) -> None:
        # A message that is delivered again while it is being deleted stays in flight for a while.
        if alone and not process.has_missed_sqs and not self._has_duplicates:
            kept = self._model.in_flight(self.url) & process.received.keys()
            self._expect(not kept, f"a drain ended and kept {kept}")
