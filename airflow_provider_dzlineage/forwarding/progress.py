"""Say now and then how far a long drain is."""

from __future__ import annotations

import math
from collections.abc import Callable

from airflow_provider_dzlineage.forwarding.report import Report

_EVERY_SECONDS = 30.0


class ProgressLog:
    """Passes on the summary of a report, at a steady and low rate.

    :param say: takes one line.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._next = _EVERY_SECONDS

    def tell(self, report: Report) -> None:
        """Pass on what a report says, if the last time is a while ago."""
        if report.seconds >= self._next:
            self._next = _EVERY_SECONDS * (math.floor(report.seconds / _EVERY_SECONDS) + 1)
            self._say(f"so far: {report.lines()[0]}")
