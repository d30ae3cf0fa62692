"""When work is due, and which of it belongs to one run."""

from __future__ import annotations

import heapq
import itertools

from airflow_provider_dzlineage.forwarding.work import Run, Work


class DueWork:
    """Work by the time at which it is due. To be guarded by the caller's lock."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Work]] = []
        self._places = itertools.count()
        # Of the work that may be joined: by its run, its places in the heap. What is in neither has gone.
        self._by_run: dict[Run, dict[int, Work]] = {}

    def push(self, work: Work, at: float) -> None:
        """Add work.

        :param at: monotonic seconds.
        """
        place = next(self._places)
        heapq.heappush(self._heap, (at, place, work))
        if run := _run_to_join(work):
            self._by_run.setdefault(run, {})[place] = work

    def first_at(self) -> float | None:
        """Return when the first work is due, in monotonic seconds; None when there is none."""
        while self._heap and self._has_gone(*self._heap[0][1:]):
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def first_may_be_joined(self) -> bool:
        """Tell whether others of its run may still travel with the first work."""
        return self.first_at() is not None and _run_to_join(self._heap[0][2]) is not None

    def pop(self) -> Work:
        """Take the first work, after :meth:`first_at` has told that there is one."""
        _, place, work = heapq.heappop(self._heap)
        if run := _run_to_join(work):
            del self._by_run[run][place]
            if not self._by_run[run]:
                del self._by_run[run]
        return work

    def pop_run(self, run: Run) -> tuple[Work, ...]:
        """Take the work of a run that was not tried yet."""
        return tuple(self._by_run.pop(run, {}).values())

    def pop_all(self) -> list[Work]:
        """Take everything."""
        works = [work for _, place, work in self._heap if not self._has_gone(place, work)]
        self._heap.clear()
        self._by_run.clear()
        return works

    def _has_gone(self, place: int, work: Work) -> bool:
        run = _run_to_join(work)
        return run is not None and place not in self._by_run.get(run, {})


def _run_to_join(work: Work) -> Run | None:
    return None if work.body or work.companions else work.run
