"""The run: messages are sent, forwarders are started and killed, SQS and DataZone go away, until the queue is empty."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from link import Link
from plan import KILL, OUTAGE_SECONDS, Step
from processes import Forwarders
from traffic import Sent

from airflow_provider_dzlineage.buffer.queue import Queue

# The queue is kept so full while there is something to send.
_BACKLOG = 5_000
_SEND_AT_ONCE = 500
_LOOK_SECONDS = 0.25
_SAY_SECONDS = 10.0
# Longer than an outage, and than what was in flight stays invisible: then nothing moves any more.
_STUCK_SECONDS = 240.0


@dataclass
class Outage:
    """A service that is away.

    :param start: when it went; monotonic seconds.
    :param end: when it comes back.
    :param has_killed: whether a forwarder was killed meanwhile.
    """

    link: Link
    start: float
    end: float
    has_killed: bool = False


@dataclass
class ChaosRun:
    """Drives one run.

    :param queue: the buffer, reached directly.
    :param messages: what is to be sent.
    :param number: of them.
    :param steps: what is done, and when.
    :param forwarders: those that are disturbed.
    :param links: the forwarders' link to each service that goes away, by the step.
    :param say: takes one line about how far it is.
    :param fates: what has to become of each message that was sent, by its digest.
    :param groups: the messages of each group, in their order.
    """

    queue: Queue
    messages: Iterator[Sent]
    number: int
    steps: list[Step]
    forwarders: Forwarders
    links: Mapping[str, Link]
    say: Callable[[str], None]
    fates: dict[str, str] = field(default_factory=dict)
    groups: dict[str, list[str]] = field(default_factory=dict)
    _gone: int = 0
    _gone_at_start: int = 0
    _outage: Outage | None = None

    def run(self) -> bool:
        """Go on until the queue is empty and all steps are done; return False when nothing moves any more."""
        started = moved = said = time.monotonic()
        said_gone = 0
        while True:
            gone_before = self._gone
            backlog = self.queue.state().backlog
            self._gone = len(self.fates) - backlog
            self._send(_BACKLOG - backlog)
            if self.forwarders.keep_one_running():
                self._gone_at_start = self._gone
            now = time.monotonic()
            self._follow_the_plan(now)
            if self._gone != gone_before or self._outage:
                moved = now
            if now - said >= _SAY_SECONDS:
                self._report(now - started, (self._gone - said_gone) / (now - said))
                said, said_gone = now, self._gone
            if now - moved >= _STUCK_SECONDS:
                return False
            if self._gone == self.number and not self.steps and not self._outage:
                self._report(now - started, self._gone / (now - started))
                return True
            time.sleep(_LOOK_SECONDS)

    def _send(self, room: int) -> None:
        batch = list(itertools.islice(self.messages, max(0, min(room, _SEND_AT_ONCE))))
        for message in batch:
            self.fates[message.digest] = message.fate
            self.groups.setdefault(message.group, []).append(message.digest)
        refused = list(self.queue.send(message.entry for message in batch))
        assert not refused, refused

    def _follow_the_plan(self, now: float) -> None:
        # Each forwarder is given the time to do something, as long as there is something to do.
        may_go_on = self._gone > self._gone_at_start or self._gone == self.number
        if self._outage:
            self._go_on(self._outage, now)
        elif self.steps and self._gone >= self.steps[0].progress * self.number and may_go_on:
            what = self.steps[0].what
            if what == KILL:
                if self.forwarders.kill():
                    del self.steps[0]
                return
            del self.steps[0]
            self.say(what)
            self._outage = Outage(self.links[what], now, now + OUTAGE_SECONDS[what])
            self._outage.link.cut()

    def _go_on(self, outage: Outage, now: float) -> None:
        if now >= outage.end:
            outage.link.mend()
            self._outage = None
            self.say("back again")
        elif now >= (outage.start + outage.end) / 2 and not outage.has_killed:
            outage.has_killed = self.forwarders.kill()

    def _report(self, seconds: float, rate: float) -> None:
        self.say(
            f"{seconds:5.0f} s  {self._gone:6,} of {self.number:,} have left the queue  {rate:6.1f} a second  "
            f"{self.forwarders.killed} killed"
        )
