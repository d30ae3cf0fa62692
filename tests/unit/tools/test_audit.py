from collections import Counter

from tools.demo.audit import expected_events, posted_events


def summary(job, event_type):
    run = {"job": {"namespace": "demo", "name": job}, "eventType": event_type}
    return {"eventSummary": {"openLineageRunEventSummary": run}}


def test_each_task_that_ran_and_the_run_itself_have_a_start_and_an_end():
    instances = [
        {"task_id": "load", "state": "success"},
        {"task_id": "load", "state": "success"},
        {"task_id": "check", "state": "failed"},
        {"task_id": "after", "state": "upstream_failed"},
    ]

    assert expected_events("sales", [{"state": "failed"}], instances) == Counter(
        {
            ("sales", "START"): 1,
            ("sales", "FAIL"): 1,
            ("sales.load", "START"): 2,
            ("sales.load", "COMPLETE"): 2,
            ("sales.check", "START"): 1,
            ("sales.check", "FAIL"): 1,
        }
    )


def test_what_the_catalog_holds_is_counted_alike():
    summaries = [summary("sales.load", "START"), summary("sales.load", "START"), summary("sales", "FAIL")]

    assert posted_events(summaries) == Counter({("sales.load", "START"): 2, ("sales", "FAIL"): 1})


def test_a_lost_event_is_missing():
    expected = expected_events("sales", [], [{"task_id": "load", "state": "success"}])

    assert expected - posted_events([summary("sales.load", "START")]) == Counter({("sales.load", "COMPLETE"): 1})
