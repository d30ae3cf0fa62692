"""What each run has said, so that none is merged over what another one has said in between."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence

from airflow_provider_dzlineage.lineage.event import RunEvent
from airflow_provider_dzlineage.lineage.merging import RunKey, moment_of, run_of
from airflow_provider_dzlineage.lineage.statements import Statement, Subject

# Some 30 MiB; of a drain that says more, the first statements are forgotten.
_MOST = 100_000


class FacetHistory:
    """The statements of a drain. Safe to share between threads."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._heard: dict[Subject, deque[tuple[RunKey, Statement]]] = {}
        self._order: deque[Subject] = deque()

    def note(self, event: RunEvent) -> None:
        """Remember what an event says."""
        run, statements = run_of(event.data), event.statements
        with self._lock:
            for statement in statements:
                self._heard.setdefault(statement.subject, deque()).append((run, statement))
                self._order.append(statement.subject)
            while len(self._order) > self._most:
                self._forget(self._order.popleft())

    def contradicts(self, events: Sequence[RunEvent]) -> bool:
        """Tell whether a merged event would say something anew that another run has said otherwise since.

        An event has one time, so that a merged one says at the newest time what an older one has said.

        :param events: of one run.
        """
        run = run_of(events[0].data)
        said: dict[Subject, Statement] = {}
        for event in events:
            for statement in event.statements:
                before = said.setdefault(statement.subject, statement)
                if statement.moment >= before.moment:
                    said[statement.subject] = statement
        newest = max(moment_of(event.data) for event in events)
        with self._lock:
            return any(self._is_denied(statement, run, newest) for statement in said.values())

    def _is_denied(self, own: Statement, run: RunKey, newest: float) -> bool:
        return own.moment < newest and any(
            other_run != run and own.moment <= other.moment <= newest and other.content != own.content
            for other_run, other in self._heard.get(own.subject, ())
        )

    def _forget(self, subject: Subject) -> None:
        heard = self._heard[subject]
        heard.popleft()
        if not heard:
            del self._heard[subject]
