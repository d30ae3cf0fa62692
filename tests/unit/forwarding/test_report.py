import json

import pytest

from airflow_provider_dzlineage.forwarding.report import Counters
from airflow_provider_dzlineage.lineage.pipeline import Outcome
from tests.fixtures.clocks import ManualClock


def counters_of(seconds_each=0.1, *, clock=None, **outcomes):
    clock = clock or ManualClock()
    counters = Counters(clock)
    for name, reasons in outcomes.items():
        for reason in reasons:
            clock.seconds += seconds_each
            counters.count(Outcome(name), reason)
    return counters


def test_every_message_is_in_exactly_one_outcome():
    counters = counters_of(
        posted=["", ""], skipped=["own_job"], dead_lettered=["not_json", "refused"], released=["deadline"]
    )

    report = counters.report(backlog=1, rate=20)

    assert report.received == 6
    assert counters.finished == 5
    assert (report.posted, report.merged, report.skipped, report.dead_lettered, report.released) == (2, 0, 1, 2, 1)
    assert report.reasons == {"own_job": 1, "not_json": 1, "refused": 1, "deadline": 1}


def test_the_json_has_the_fields_of_the_contract():
    value = json.loads(json.dumps(counters_of().report(None, 20).to_dict()))

    assert set(value) == {
        *("received", "posted", "merged", "skipped", "dead_lettered", "released"),
        *("requests", "throttled", "retried", "seconds", "backlog", "time_to_drain", "oldest_message_seconds"),
        "reasons",
    }


def test_the_backlog_needs_as_long_as_the_present_rate_says():
    assert counters_of(0.1, posted=[""] * 20).report(backlog=50, rate=100).time_to_drain == pytest.approx(5.0)


def test_the_present_rate_is_that_of_the_last_messages():
    clock = ManualClock()
    counters = counters_of(10.0, clock=clock, posted=[""] * 20)
    for _ in range(300):
        clock.seconds += 0.1
        counters.count(Outcome.POSTED, "")

    assert counters.report(backlog=50, rate=100).time_to_drain == pytest.approx(5.0)


def test_a_rate_that_breaks_off_becomes_slower():
    clock = ManualClock()
    counters = counters_of(0.1, clock=clock, posted=[""] * 20)
    clock.seconds += 60

    assert counters.report(backlog=50, rate=100).time_to_drain > 100


def test_without_a_request_the_rate_is_that_of_the_settings():
    assert counters_of().report(backlog=100, rate=20).time_to_drain == 5.0


def test_requests_that_brought_nothing_tell_no_rate():
    counters = counters_of()
    counters.count_request(again=False)

    assert counters.report(backlog=100, rate=20).time_to_drain is None


def test_an_empty_backlog_needs_no_time_and_an_unknown_one_nobody_knows():
    assert counters_of().report(backlog=0, rate=20).time_to_drain == 0
    assert counters_of().report(backlog=None, rate=20).time_to_drain is None


def test_the_oldest_message_has_the_age_of_its_sending(monkeypatch):
    monkeypatch.setattr("airflow_provider_dzlineage.forwarding.report.time.time", lambda: 1_000.0)
    counters = counters_of()
    counters.note_sent_at([940_000, 910_000])

    assert counters.report(backlog=5, rate=20).oldest_message_seconds == 90
    assert counters.report(backlog=0, rate=20).oldest_message_seconds == 0


def test_dead_letters_and_released_messages_need_a_look():
    assert not counters_of(posted=[""], skipped=["own_job"]).report(0, 20).needs_a_look
    assert counters_of(dead_lettered=["refused"]).report(0, 20).needs_a_look
    assert counters_of(released=["deadline"]).report(0, 20).needs_a_look


def test_the_log_has_a_summary_and_a_line_a_reason():
    lines = counters_of(posted=[""], dead_lettered=["not_json"] * 2).report(7, 20).lines()

    assert lines[0].startswith("received 3 = posted 1 + merged 0 + skipped 0 + dead-lettered 2 + released 0;")
    assert lines[1:] == ["not_json: 2"]
