"""The report of a drain: what became of every message, counted while it runs."""

from __future__ import annotations

import math
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from airflow_provider_dzlineage.aws.deadline import Clock
from airflow_provider_dzlineage.lineage.pipeline import Outcome

# The recent rate is that of so many messages; after some idle seconds the time in which nothing happened counts too.
_RATE_MESSAGES = 256
_FEW_MESSAGES = 10
_IDLE_SECONDS = 5.0
_LATENCY_WEIGHT = 0.1


@dataclass(frozen=True)
class Report:
    """``received = posted + merged + skipped + dead_lettered + released``, each a number of messages.

    :param requests: posts sent, again ones included.
    :param throttled: posts that DataZone answered with a throttle.
    :param retried: posts that were sent again.
    :param seconds: how long the drain took.
    :param backlog: messages left in the queue when it ended, as SQS counts them; None when SQS did not say.
    :param time_to_drain: seconds that the backlog needs at this drain's rate; None when that is unknown.
    :param oldest_message_seconds: age of the oldest message among the last ones received; 0 for an empty queue; None
        when that is unknown.
    :param reasons: why messages were not simply posted: a short word, such as ``not_json``, to their number.
    """

    posted: int = 0
    merged: int = 0
    skipped: int = 0
    dead_lettered: int = 0
    released: int = 0
    requests: int = 0
    throttled: int = 0
    retried: int = 0
    seconds: float = 0.0
    backlog: int | None = None
    time_to_drain: float | None = None
    oldest_message_seconds: float | None = None
    reasons: Mapping[str, int] = field(default_factory=dict)

    @property
    def received(self) -> int:
        """Number of messages that were taken from the queue."""
        return self.posted + self.merged + self.skipped + self.dead_lettered + self.released

    @property
    def needs_a_look(self) -> bool:
        """True when something went to the dead letters or could not be posted."""
        return bool(self.dead_lettered or self.released)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as a JSON value."""
        return {"received": self.received, **asdict(self)}

    def lines(self) -> list[str]:
        """Return the report for a log: one summary line and one line a reason."""
        summary = (
            f"received {self.received} = posted {self.posted} + merged {self.merged} + skipped {self.skipped} "
            f"+ dead-lettered {self.dead_lettered} + released {self.released}; {self.requests} requests, "
            f"{self.throttled} throttled, {self.retried} retried, {self.seconds:.1f} s; backlog "
            f"{'unknown' if self.backlog is None else self.backlog}"
        )
        if self.backlog and self.time_to_drain is not None:
            summary += f", {math.ceil(self.time_to_drain)} s to drain it"
        return [summary, *(f"{reason}: {count}" for reason, count in sorted(self.reasons.items()))]


class Counters:
    """Counts while a drain runs. Safe to share between threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._started = clock.now()
        self._lock = threading.Lock()
        self._outcomes: Counter[Outcome] = Counter()
        self._reasons: Counter[str] = Counter()
        self._finished_at: deque[float] = deque(maxlen=_RATE_MESSAGES)
        self._posts = Counter(requests=0, throttled=0, retried=0)
        # Seconds that a post took recently; 0 before the first one.
        self.latency = 0.0
        self._oldest_sent_at: float | None = None

    @property
    def finished(self) -> int:
        """Number of messages that have left the queue."""
        return self._outcomes.total() - self._outcomes[Outcome.RELEASED]

    def count(self, outcome: Outcome, reason: str) -> None:
        """Count one message, and the reason unless it is empty, as for a plain post."""
        with self._lock:
            self._outcomes[outcome] += 1
            if reason:
                self._reasons[reason] += 1
            if outcome is not Outcome.RELEASED:
                self._finished_at.append(self._clock.now())

    def count_request(self, *, again: bool) -> None:
        """Count one post."""
        with self._lock:
            self._posts["requests"] += 1
            self._posts["retried"] += again

    def count_throttle(self) -> None:
        """Count one post that was throttled."""
        with self._lock:
            self._posts["throttled"] += 1

    def count_latency(self, seconds: float) -> None:
        """Note how long a post took."""
        with self._lock:
            self.latency += (seconds - self.latency) * (_LATENCY_WEIGHT if self.latency else 1)

    def note_sent_at(self, times: Iterable[int]) -> None:
        """Note when the messages of a batch were sent, milliseconds since the epoch."""
        self._oldest_sent_at = min(times, default=0) / 1000

    def report(self, backlog: int | None, rate: float) -> Report:
        """Return the report.

        :param backlog: messages left in the queue, None when unknown.
        :param rate: posts a second that the settings allow, assumed before the first messages.
        """
        with self._lock:
            return Report(
                **{outcome.value: self._outcomes[outcome] for outcome in Outcome},
                **self._posts,
                seconds=round(self._clock.now() - self._started, 3),
                backlog=backlog,
                time_to_drain=self._time_to_drain(backlog, rate),
                oldest_message_seconds=self._oldest_age(backlog),
                reasons=dict(self._reasons),
            )

    def _time_to_drain(self, backlog: int | None, rate: float) -> float | None:
        if not backlog:
            return backlog
        recent_rate = self._recent_rate()
        if recent_rate is None and not self._posts["requests"]:
            recent_rate = rate
        return round(backlog / recent_rate, 1) if recent_rate else None

    def _recent_rate(self) -> float | None:
        """Return how many messages a second left the queue recently; None when there were too few."""
        if len(self._finished_at) < _FEW_MESSAGES:
            return None
        end = max(self._finished_at[-1], self._clock.now() - _IDLE_SECONDS)
        return (len(self._finished_at) - 1) / max(end - self._finished_at[0], 1e-6)

    def _oldest_age(self, backlog: int | None) -> float | None:
        if backlog == 0:
            return 0.0
        return None if self._oldest_sent_at is None else round(max(0.0, time.time() - self._oldest_sent_at), 1)


_LOG_SECONDS = 30.0


class ProgressLog:
    """Writes the summary of a report, at a steady and low rate."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._next = _LOG_SECONDS

    def update(self, report: Report) -> None:
        """Write the summary as one line, if the last one is a while ago."""
        if report.seconds >= self._next:
            self._next = _LOG_SECONDS * (math.floor(report.seconds / _LOG_SECONDS) + 1)
            self._write(f"so far: {report.lines()[0]}")
