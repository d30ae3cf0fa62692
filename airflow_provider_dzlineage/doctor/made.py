"""Make now what a check asks for later."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def made(build: Callable[[], T]) -> Callable[[], T]:
    """Build now, and hand it out, or what it raised, later."""
    try:
        value = build()
    except Exception as error:
        failure = error

        def fail() -> T:
            raise failure

        return fail
    return lambda: value
