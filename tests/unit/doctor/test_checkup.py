"""The run of checks: side by side, limited in time, and whatever they raise."""

from __future__ import annotations

import threading

import pytest
from botocore.exceptions import (
    NoRegionError,
    ProfileNotFound,
)

from airflow_provider_dzlineage.aws.deadline import Clock
from airflow_provider_dzlineage.doctor.checkup import run_checks
from airflow_provider_dzlineage.doctor.finding import passed
from airflow_provider_dzlineage.errors import (
    ConfigurationError,
)


def verdicts(findings):
    return {finding.check: finding.verdict.value for finding in findings}


def fixes(findings):
    return " | ".join(finding.fix for finding in findings if finding.fix)


@pytest.mark.parametrize("error", [NoRegionError(), ProfileNotFound(profile="x")])
def test_what_a_client_raises_itself_is_no_bug_of_ours(error):
    (finding,) = run_checks({"queue": lambda: (_ for _ in ()).throw(error)})

    assert "bug" not in finding.fix
    assert "AWS_" in finding.fix


class ImpatientClock(Clock):
    """A clock that waits for a moment and takes it for as long as it should; it counts that time."""

    def __init__(self):
        self.time = 0.0

    def now(self):
        return self.time

    def wait(self, waitable, seconds):
        if waitable.wait(0.2):
            return True
        self.time += seconds
        return False


def test_services_that_hang_are_given_up_together():
    go, clock = threading.Event(), ImpatientClock()
    hanging = {str(number): lambda: go.wait() and [] for number in range(4)}

    findings = list(run_checks(hanging | {"fine": lambda: [passed("fine")]}, seconds=1, clock=clock))
    go.set()

    assert clock.time == 1
    assert [finding.verdict.value for finding in findings] == ["fail"] * 4 + ["pass"]


def test_what_hangs_is_given_up_and_what_raises_is_reported():
    go = threading.Event()
    checks = {
        "silent": lambda: go.wait() and [],
        "mistaken": lambda: [1 / 0],
        "set wrongly": lambda: (_ for _ in ()).throw(ConfigurationError("x", fix="do y")),
        "fine": lambda: [passed("fine")],
    }

    findings = list(run_checks(checks, seconds=1, clock=ImpatientClock()))
    go.set()

    assert verdicts(findings) == {"silent": "fail", "mistaken": "fail", "set wrongly": "fail", "fine": "pass"}
    assert "do y" in fixes(findings)
