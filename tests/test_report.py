import json

from airflow_provider_dzlineage.report import Outcome, Tally


def tally_of(**outcomes):
    tally = Tally()
    for name, reasons in outcomes.items():
        for reason in reasons:
            tally.count(Outcome(name), reason)
    return tally


def test_every_message_is_in_exactly_one_outcome():
    tally = tally_of(posted=["", ""], skipped=["own_job"], dead_lettered=["not_json", "refused"], released=["deadline"])

    report = tally.report(seconds=2.0, backlog=1, rate=20)

    assert report.received == 6
    assert (report.posted, report.merged, report.skipped, report.dead_lettered, report.released) == (2, 0, 1, 2, 1)
    assert report.reasons == {"own_job": 1, "not_json": 1, "refused": 1, "deadline": 1}


def test_the_json_has_the_fields_of_the_contract():
    value = json.loads(json.dumps(Tally().report(1.0, None, 20).to_dict()))

    assert set(value) == {
        *("received", "posted", "merged", "skipped", "dead_lettered", "released"),
        *("requests", "throttled", "retried", "seconds", "backlog", "time_to_drain", "reasons"),
    }


def test_the_backlog_needs_as_long_as_the_present_pace_says():
    assert tally_of(posted=[""] * 10).report(seconds=2.0, backlog=50, rate=20).time_to_drain == 10.0


def test_without_a_post_the_rate_is_the_pace():
    assert Tally().report(seconds=3.0, backlog=100, rate=20).time_to_drain == 5.0


def test_an_unknown_backlog_has_no_time_to_drain():
    assert Tally().report(seconds=3.0, backlog=None, rate=20).time_to_drain is None


def test_dead_letters_and_released_messages_need_a_look():
    assert not tally_of(posted=[""], skipped=["own_job"]).report(1, 0, 20).needs_a_look
    assert tally_of(dead_lettered=["refused"]).report(1, 0, 20).needs_a_look
    assert tally_of(released=["deadline"]).report(1, 0, 20).needs_a_look


def test_the_log_has_a_summary_and_a_line_a_reason():
    lines = tally_of(posted=[""], dead_lettered=["not_json"] * 2).report(1.5, 7, 20).lines()

    assert lines[0].startswith("received 3 = posted 1 + merged 0 + skipped 0 + dead-lettered 2 + released 0;")
    assert lines[1:] == ["not_json: 2"]
