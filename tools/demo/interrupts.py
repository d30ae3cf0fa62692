"""Signals that ask the demo to end: the first one stops everything in order, and no further one disturbs that."""

from __future__ import annotations

import signal
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupt:
    """Raises :class:`KeyboardInterrupt` at the first signal of :data:`SIGNALS`, and ignores those after it."""

    def __init__(self) -> None:
        self._is_raised = False
        for number in SIGNALS:
            # An ignored signal stays ignored: with nohup, the program is to outlive its terminal.
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._raise)

    def check(self) -> None:
        """Raise it again when Python has swallowed it, as it does with what is raised in a finalizer."""
        if self._is_raised:
            raise KeyboardInterrupt

    def _raise(self, _number: int, _frame: FrameType | None) -> None:
        self._is_raised = True
        ignore_interrupts()
        raise KeyboardInterrupt


def ignore_interrupts() -> None:
    """Ignore the signals from now on, for example while everything is stopped."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
