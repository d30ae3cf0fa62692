"""A drain in Airflow's metrics."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow_provider_dzlineage.forwarding.report import Report

PREFIX = "dzlineage"
_COUNTERS = (
    *("received", "posted", "merged", "skipped", "dead_lettered", "released"),
    *("requests", "throttled", "retried"),
)
_GAUGES = ("backlog", "oldest_message_seconds", "time_to_drain")


class DrainMetrics:
    """Emits the counters and gauges of a drain's reports, under the prefix ``dzlineage``.

    :param stats: Airflow's ``Stats``.
    :param tags: of every metric, for the backends that know tags.
    """

    def __init__(self, stats: Any, tags: dict[str, str]) -> None:
        self._stats = stats
        self._tags = tags
        self._emitted = Report()

    def time_post(self, seconds: float) -> None:
        """Emit how long a post took."""
        self._stats.timing(f"{PREFIX}.post", timedelta(seconds=seconds), tags=self._tags)

    def emit(self, report: Report) -> None:
        """Emit what has been counted since the last time, and where the buffer stands."""
        for name in _COUNTERS:
            if new := getattr(report, name) - getattr(self._emitted, name):
                self._stats.incr(f"{PREFIX}.{name}", new, tags=self._tags)
        for name in _GAUGES:
            if (value := getattr(report, name)) is not None:
                self._stats.gauge(f"{PREFIX}.{name}", value, tags=self._tags)
        self._emitted = report
