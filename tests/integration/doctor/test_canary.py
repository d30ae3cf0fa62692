"""The canary, through a real SQS into the DataZone emulator."""

from __future__ import annotations

import pytest

from airflow_provider_dzlineage.aws.deadline import Clock
from airflow_provider_dzlineage.doctor.canary import check_canary
from airflow_provider_dzlineage.errors import (
    ThrottledError,
)
from airflow_provider_dzlineage.forwarding.forwarder import Forwarder
from airflow_provider_dzlineage.lineage.filters import Filters, Globs
from airflow_provider_dzlineage.lineage.pipeline import Pipeline
from airflow_provider_dzlineage.settings.site import Settings


class SteppingClock(Clock):
    """A clock whose time passes only while something waits; ``meanwhile`` happens in each wait."""

    def __init__(self, meanwhile=lambda: None):
        self.time = 0.0
        self.meanwhile = meanwhile

    def now(self):
        return self.time

    def wait(self, waitable, seconds):
        self.meanwhile()
        self.time += seconds
        return False


def verdicts(findings):
    return {finding.check: finding.verdict.value for finding in findings}


def fixes(findings):
    return " | ".join(finding.fix for finding in findings if finding.fix)


def test_a_canary_outlasts_a_throttled_answer(make_queue, catalog, monkeypatch):
    queue = make_queue(dead_letters=True)
    listed, list_events = [], catalog.list_events

    def throttled_at_first(**filters):
        listed.append(filters)
        if len(listed) == 1:
            raise ThrottledError("ListLineageEvents: ThrottlingException", "ThrottlingException")
        return list_events(**filters)

    monkeypatch.setattr(catalog, "list_events", throttled_at_first)
    clock = SteppingClock(lambda: Forwarder(queue, None, catalog, Settings()).drain(5))
    findings = list(check_canary(queue, catalog, Pipeline(), 20, clock))

    assert verdicts(findings) == {"canary: sending": "pass", "canary: catalog": "pass"}


def test_a_canary_of_which_the_catalog_says_nothing_names_the_trouble(make_queue, catalog, monkeypatch):
    def throttled(**_):
        raise ThrottledError("ListLineageEvents: ThrottlingException", "ThrottlingException")

    monkeypatch.setattr(catalog, "list_events", throttled)
    findings = list(check_canary(make_queue(), catalog, Pipeline(), 10, SteppingClock()))

    assert verdicts(findings)["canary: catalog"] == "fail"
    assert "Throttling" in findings[-1].detail


@pytest.mark.parametrize("fifo", [False, True])
def test_a_canary_reaches_the_catalog(make_queue, catalog, fifo):
    queue = make_queue(fifo=fifo, dead_letters=True)

    clock = SteppingClock(lambda: Forwarder(queue, None, catalog, Settings()).drain(5))
    findings = list(check_canary(queue, catalog, Pipeline(), 20, clock))

    assert verdicts(findings) == {"canary: sending": "pass", "canary: catalog": "pass"}


def test_a_canary_that_nobody_forwards_says_what_to_turn_on(make_queue, catalog):
    findings = list(check_canary(make_queue(), catalog, Pipeline(), 10, SteppingClock()))

    assert verdicts(findings)["canary: forwarding"] == "fail"
    assert "forwarding DAG" in fixes(findings)


@pytest.mark.parametrize(
    ("filters", "reason"),
    [
        (Filters(job_namespaces=Globs(include=["prod-*"])), "filtered_job_namespace"),
        (Filters(dataset_namespaces=Globs(include=["redshift://*"])), "filtered_dataset_namespace"),
    ],
)
def test_a_canary_that_the_site_skips_is_not_sent(make_queue, catalog, filters, reason):
    queue = make_queue()
    findings = list(check_canary(queue, catalog, Pipeline(filters=filters), 20))

    assert verdicts(findings) == {"canary": "skip"}
    assert reason in findings[0].detail
    assert "dzlineage.canary" in findings[0].detail
    assert queue.state().backlog == 0
