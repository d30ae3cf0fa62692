"""What a check has found."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from enum import Enum
from typing import TypeAlias

from airflow_provider_dzlineage.doctor.fixes import fix_of
from airflow_provider_dzlineage.errors import mask_urls

_FIX = " -- To fix: "


class Verdict(str, Enum):
    """How bad it is."""

    PASS = "pass"  # noqa: S105
    WARN = "warn"
    FAIL = "fail"
    SKIP = "skip"


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's report.

    :param check: what was looked at, in a few words.
    :param detail: what was seen; no secret is in it.
    :param fix: what to do, in one line; empty where nothing is to be done.
    """

    check: str
    verdict: Verdict
    detail: str = ""
    fix: str = ""

    def line(self) -> tuple[str, str, str, str]:
        """Return verdict, check, detail, and what to fix, for a log."""
        return self.verdict.value, self.check, self.detail, f" -- to fix: {self.fix}" if self.fix else ""

    def to_dict(self) -> dict[str, str]:
        """Return it as a JSON value."""
        return {**asdict(self), "verdict": self.verdict.value}


Check: TypeAlias = Callable[[], Iterable[Finding]]


def passed(check: str, detail: str = "") -> Finding:
    """Say that something is as it should be."""
    return Finding(check, Verdict.PASS, _line(detail))


def warned(check: str, detail: str, fix: str) -> Finding:
    """Say that something may go wrong."""
    return Finding(check, Verdict.WARN, _line(detail), _line(fix))


def failed(check: str, detail: str, fix: str) -> Finding:
    """Say that something does not work."""
    return Finding(check, Verdict.FAIL, _line(detail), _line(fix))


def wrong(check: str, told: str) -> Finding:
    """Say that a value cannot be read.

    :param told: as who reads the settings tells it: what it must be, then, after a semicolon, a right example.
    """
    detail, _, example = told.rpartition("; ")
    if detail:
        return failed(check, detail, f"correct it where it is set; {example}")
    return failed(check, told, "correct it where it is set, or put the file where the endpoint reads it")


def skipped(check: str, why: str) -> Finding:
    """Say that something was not looked at."""
    return Finding(check, Verdict.SKIP, _line(why))


def failure_of(check: str, error: Exception, fix: str = "") -> Finding:
    """Make a finding of an error of ours, whose text often says what to do.

    :param fix: what to do where the text does not say it; without it, what is usual for such an error.
    """
    detail, told = parted(str(error))
    return failed(check, detail, told or fix or fix_of(error))


def parted(text: str) -> tuple[str, str]:
    """Return what a text of ours says that is wrong, and what it says to do about it; empty for nothing."""
    problem, _, fix = text.partition(_FIX)
    return problem, fix


def _line(text: str) -> str:
    # Whoever puts a password into a URL is not shown it.
    return mask_urls(" ".join(text.split()))
