"""What is done to the forwarder, and when: by the share of the messages that have left the queue."""

from __future__ import annotations

import random
from dataclasses import dataclass

KILLS = 20
KILL, DATAZONE_AWAY, SQS_AWAY = "kill", "DataZone away", "SQS away"
OUTAGE_SECONDS = {DATAZONE_AWAY: 60.0, SQS_AWAY: 20.0}
# One kill happens in the middle of each outage.
_OUTAGES = {0.3: DATAZONE_AWAY, 0.6: SQS_AWAY}
_LAST = 0.95


@dataclass(frozen=True, order=True)
class Step:
    """One thing that is done.

    :param progress: when: share of all messages that have left the queue, 0 to 1.
    """

    progress: float
    what: str


def make_plan(chance: random.Random) -> list[Step]:
    """Return the steps, the first one first; the kills are spread over the run."""
    spread = KILLS - len(_OUTAGES)
    kills = [Step((number + chance.random()) / spread * _LAST, KILL) for number in range(spread)]
    return sorted([*kills, *(Step(progress, what) for progress, what in _OUTAGES.items())])
