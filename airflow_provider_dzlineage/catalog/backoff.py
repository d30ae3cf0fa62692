"""How long to wait before a request is sent again."""

from __future__ import annotations

import random
from collections.abc import Callable

_FIRST_SECONDS = 1.0
_LONGEST_SECONDS = 15.0
# So often doubled, the first pause is beyond the longest.
_DOUBLINGS = 4

Jitter = Callable[[float, float], float]


def backoff(attempts: int, jitter: Jitter = random.uniform) -> float:
    """Return a pause in seconds, with full jitter.

    Source: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ .

    :param attempts: how often the request was sent, 1 or more.
    :param jitter: a random number between two.
    """
    return jitter(0, min(_LONGEST_SECONDS, _FIRST_SECONDS * 2 ** min(attempts - 1, _DOUBLINGS)))
