"""Read the keys again, however long that takes, and whatever goes wrong."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from airflow_provider_dzlineage.receiver.authentication import Authentication

log = logging.getLogger(__name__)

_EVERY_SECONDS = 1.0
# Usually a new key is in force with the first request after it; nobody is kept waiting when the keys' source is slow.
_WAIT_SECONDS = 1.0


class Refreshing:
    """Reads again what may have changed of who may write.

    :param authentication: what is refreshed.
    """

    def __init__(self, authentication: Authentication, now: Callable[[], float] = time.monotonic) -> None:
        self._authentication = authentication
        self._now = now
        self._next = now()
        self._thread: threading.Thread | None = None

    def wait(self) -> None:
        """Refresh, if it is time for that, and wait a second at most; until it is done, what was read before holds."""
        if self._now() < self._next or (self._thread and self._thread.is_alive()):
            return
        self._next = self._now() + _EVERY_SECONDS
        self._thread = threading.Thread(target=self._refresh, name="refresh", daemon=True)
        self._thread.start()
        self._thread.join(_WAIT_SECONDS)

    def _refresh(self) -> None:
        try:
            self._authentication.refresh()
        except Exception as error:
            # Without its text, which may repeat something of the keys.
            log.error("Reading the API keys again failed: %s", type(error).__name__)
