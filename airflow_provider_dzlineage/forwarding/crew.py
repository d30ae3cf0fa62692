"""The threads that post."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Crew:
    """Threads that all do the same thing until it returns.

    :param shift: what each does.
    """

    def __init__(self, shift: Callable[[], None]) -> None:
        self._shift = shift
        self._threads: list[threading.Thread] = []
        self._failure: BaseException | None = None

    def grow(self, size: int) -> None:
        """Start threads until there are ``size``."""
        while len(self._threads) < size:
            name = f"dzlineage-post-{len(self._threads)}"
            # A daemon, so that the process can end while DataZone does not answer.
            thread = threading.Thread(target=self._work, name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def join(self) -> None:
        """Wait until each has ended."""
        for thread in self._threads:
            thread.join()

    def check(self) -> None:
        """Raise what a thread has raised."""
        if self._failure:
            raise self._failure

    def _work(self) -> None:
        try:
            self._shift()
        except BaseException as error:
            self._failure = self._failure or error
