from dataclasses import replace
from datetime import timedelta

import pytest

from airflow_provider_dzlineage.forwarding.report import Report

metrics_module = pytest.importorskip("airflow_provider_dzlineage.operators.metrics")


class RecordingStats:
    """Airflow's Stats, written down."""

    def __init__(self):
        self.emitted = []

    def incr(self, name, count, *, tags):
        self.emitted.append(("incr", name, count))
        assert tags == {"dag_id": "dzlineage_forward"}

    def gauge(self, name, value, *, tags):
        self.emitted.append(("gauge", name, value))

    def timing(self, name, value, *, tags):
        self.emitted.append(("timing", name, value))


@pytest.fixture
def stats():
    return RecordingStats()


@pytest.fixture
def metrics(stats):
    return metrics_module.DrainMetrics(stats, {"dag_id": "dzlineage_forward"})


def test_counters_grow_by_what_is_new(metrics, stats):
    report = Report(posted=3, dead_lettered=1, requests=5, throttled=1, retried=1)

    metrics.emit(report)
    metrics.emit(replace(report, posted=10, requests=12))

    counted = {}
    for kind, name, count in stats.emitted:
        if kind == "incr":
            counted[name] = counted.get(name, 0) + count
    assert counted == {
        "dzlineage.received": 11,
        "dzlineage.posted": 10,
        "dzlineage.dead_lettered": 1,
        "dzlineage.requests": 12,
        "dzlineage.throttled": 1,
        "dzlineage.retried": 1,
    }


def test_gauges_say_where_the_buffer_stands(metrics, stats):
    metrics.emit(Report(backlog=40, oldest_message_seconds=12.5, time_to_drain=2.0))

    assert stats.emitted == [
        ("gauge", "dzlineage.backlog", 40),
        ("gauge", "dzlineage.oldest_message_seconds", 12.5),
        ("gauge", "dzlineage.time_to_drain", 2.0),
    ]


def test_what_is_not_known_is_not_emitted(metrics, stats):
    metrics.emit(Report())

    assert stats.emitted == []


def test_each_post_is_timed(metrics, stats):
    metrics.time_post(0.25)

    assert stats.emitted == [("timing", "dzlineage.post", timedelta(milliseconds=250))]
