"""Error answers in the shape of AWS, faults on demand, and the request quota."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any


class ApiError(Exception):
    """An error answer.

    :param code: name of the error's shape, such as ``ValidationException``.
    :param message: for a person.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


_SHARES = ("throttle", "server_error", "time_out", "fail")


@dataclass(frozen=True)
class Faults:
    """The misbehaviour of the emulator.

    :param throttle: share of posts that are answered with ``ThrottlingException``, 0 to 1.
    :param server_error: share of posts that are answered with ``InternalServerException``.
    :param time_out: share of posts that are accepted and then answered with a broken connection.
    :param fail: share of accepted events whose processing ends as ``FAILED``.
    :param time_out_seconds: how long such a connection stays silent before it breaks.
    :param latency_seconds: what every answer waits for.
    :param processing_seconds: from acceptance until an event is processed.
    :param rate: posts a second for an account and Region; ``inf`` for no quota.
    :param seed: of the random numbers behind the shares.
    """

    throttle: float = 0.0
    server_error: float = 0.0
    time_out: float = 0.0
    fail: float = 0.0
    time_out_seconds: float = 0.5
    latency_seconds: float = 0.0
    processing_seconds: float = 0.2
    rate: float = 20.0
    seed: int = 0

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Faults:
        """Read faults; what is left out is off.

        :raises ApiError: when a name is unknown or a value is out of range.
        """
        known = {field.name for field in fields(cls)}
        unknown = sorted(values.keys() - known)
        if unknown:
            names = ", ".join(sorted(known))
            raise ApiError("ValidationException", f"there is no fault {unknown[0]!r}; there are {names}")
        try:
            convert: Mapping[str, Callable[[Any], Any]] = {"seed": int}
            faults = cls(**{name: convert.get(name, float)(value) for name, value in values.items()})
        except (OverflowError, TypeError, ValueError) as error:
            raise ApiError("ValidationException", f"a fault has a wrong value: {error}") from None
        for name in known - {"seed"}:
            value = getattr(faults, name)
            if not 0 <= value <= (1 if name in _SHARES else float("inf")):
                raise ApiError("ValidationException", f"fault {name!r} is out of range: {value}")
        return faults


class Dice:
    """Decides for each post which faults it meets, in a sequence that the seed fixes."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self._random = random.Random(faults.seed)  # noqa: S311

    def hits(self, name: str) -> bool:
        """Throw the dice for one fault, even when its share is 0, so that shares do not disturb each other."""
        return self._random.random() < float(getattr(self.faults, name))


class Quota:
    """A token bucket for each account and Region; it holds one second's worth.

    :param rate: requests a second.
    :param clock: monotonic seconds.
    """

    def __init__(self, rate: float, clock: Callable[[], float]) -> None:
        self._rate = rate
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, who: str) -> bool:
        """Take one request from the bucket of an account and Region; False when it is empty."""
        if self._rate == float("inf"):
            return True
        now = self._clock()
        size = max(self._rate, 1.0)
        tokens, then = self._buckets.get(who, (size, now))
        tokens = min(size, tokens + (now - then) * self._rate)
        taken = tokens >= 1
        self._buckets[who] = (tokens - taken, now)
        return taken
