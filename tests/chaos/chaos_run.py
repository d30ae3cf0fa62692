"""The run: messages are sent, forwarders are started and killed, SQS and DataZone go away, until the queue is empty."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from link import Link
from plan import DATAZONE_AWAY, DATAZONE_AWAY_SECONDS, KILL, SQS_AWAY_SECONDS, Step
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
class ChaosRun:
    """Drives one run.

    :param queue: the buffer, reached directly.
    :param messages: what is to be sent.
    :param number: of them.
    :param steps: what is done, and when.
    :param forwarders: those that are disturbed.
    :param sqs: the forwarders' link to SQS.
    :param datazone: the forwarders' link to DataZone.
    :param say: takes one line about how far it is.
    """

    queue: Queue
    messages: Iterator[Sent]
    number: int
    steps: list[Step]
    forwarders: Forwarders
    sqs: Link
    datazone: Link
    say: Callable[[str], None]
    fates: dict[str, str] = field(default_factory=dict)
    groups: dict[str, list[str]] = field(default_factory=dict)
    _gone: int = 0
    _gone_at_start: int = 0
    _away: Link | None = None
    _away_from: float = 0.0
    _away_until: float = 0.0
    _is_killed_while_away: bool = False

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
            if self._gone != gone_before or self._away:
                moved = now
            if now - said >= _SAY_SECONDS:
                self._tell(now - started, (self._gone - said_gone) / (now - said))
                said, said_gone = now, self._gone
            if now - moved >= _STUCK_SECONDS:
                return False
            if self._gone == self.number and not self.steps and not self._away:
                self._tell(now - started, self._gone / (now - started))
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
        if self._away:
            self._go_on_while_away(now)
        elif self.steps and self._gone >= self.steps[0].progress * self.number and self._gone > self._gone_at_start:
            step = self.steps[0]
            if step.what == KILL and not self.forwarders.kill():
                return
            del self.steps[0]
            if step.what == KILL:
                return
            self.say(step.what)
            is_datazone = step.what == DATAZONE_AWAY
            self._away = self.datazone if is_datazone else self.sqs
            self._away_from = now
            self._away_until = now + (DATAZONE_AWAY_SECONDS if is_datazone else SQS_AWAY_SECONDS)
            self._is_killed_while_away = False
            self._away.cut()

    def _go_on_while_away(self, now: float) -> None:
        assert self._away
        if now >= self._away_until:
            self._away.mend()
            self._away = None
            self.say("back again")
        elif now >= (self._away_from + self._away_until) / 2 and not self._is_killed_while_away:
            self._is_killed_while_away = self.forwarders.kill()

    def _tell(self, seconds: float, pace: float) -> None:
        self.say(
            f"{seconds:5.0f} s  {self._gone:6,} of {self.number:,} have left the queue  {pace:6.1f} a second  "
            f"{self.forwarders.killed} killed"
        )
