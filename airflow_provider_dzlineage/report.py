"""What became of every message of a drain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import Any


class Outcome(Enum):
    """The one thing that became of a message."""

    POSTED = "posted"
    MERGED = "merged"
    SKIPPED = "skipped"
    DEAD_LETTERED = "dead_lettered"
    RELEASED = "released"


@dataclass(frozen=True)
class Report:
    """``received = posted + merged + skipped + dead_lettered + released``, each a number of messages.

    :param requests: posts sent, again ones included.
    :param throttled: posts that DataZone answered with a throttle.
    :param retried: posts that were sent again.
    :param seconds: how long the drain took.
    :param backlog: messages left in the queue when it ended, as SQS counts them; None when SQS did not say.
    :param time_to_drain: seconds that the backlog needs at this drain's pace; None when nothing tells.
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
    reasons: Mapping[str, int] = field(default_factory=dict)

    @property
    def received(self) -> int:
        """Number of messages that were taken from the queue."""
        return self.posted + self.merged + self.skipped + self.dead_lettered + self.released

    @property
    def needs_a_look(self) -> bool:
        """Whether a person should look: something went to the dead letters or could not be posted."""
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
        if self.time_to_drain:
            summary += f", {self.time_to_drain:.0f} s to drain it"
        return [summary, *(f"{reason}: {count}" for reason, count in sorted(self.reasons.items()))]


class Tally:
    """Counts while a drain runs."""

    def __init__(self) -> None:
        self._outcomes: Counter[Outcome] = Counter()
        self._reasons: Counter[str] = Counter()
        self.requests = 0
        self.throttled = 0
        self.retried = 0

    def count(self, outcome: Outcome, reason: str) -> None:
        """Count one message.

        :param reason: why, as a short stable word; empty for a plain post.
        """
        self._outcomes[outcome] += 1
        if reason:
            self._reasons[reason] += 1

    def report(self, seconds: float, backlog: int | None, rate: float) -> Report:
        """Sum up.

        :param seconds: how long the drain has run.
        :param backlog: messages left in the queue, None when unknown.
        :param rate: posts a second that the settings allow: the pace that is assumed when nothing was posted.
        """
        outcomes = {outcome.value: self._outcomes[outcome] for outcome in Outcome}
        gone = self._outcomes.total() - self._outcomes[Outcome.RELEASED]
        pace = gone / seconds if gone and seconds else rate
        return Report(
            **outcomes,
            requests=self.requests,
            throttled=self.throttled,
            retried=self.retried,
            seconds=round(seconds, 3),
            backlog=backlog,
            time_to_drain=None if backlog is None else round(backlog / pace, 1),
            reasons=dict(self._reasons),
        )
