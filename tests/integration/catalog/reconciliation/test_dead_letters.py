"""What a reconciliation finds and writes."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from airflow_provider_dzlineage.buffer.dead_letter_queue import DeadLetterQueue
from airflow_provider_dzlineage.catalog.reconciliation import Reconciliation
from airflow_provider_dzlineage.settings.site import load_settings
from tests.fixtures.waiting import eventually


def test_what_failed_lies_in_the_dead_letter_queue_with_what_is_known_of_it(sqs, post, reconcile, dead_queue):
    before = datetime.now(timezone.utc).replace(microsecond=0)
    ((event_id, body),) = post("load").items()

    report, _ = reconcile()

    assert (report.failed, report.dead_lettered, report.left, report.gone) == (1, 1, 0, 0)
    raw = sqs.receive_message(QueueUrl=dead_queue.url, MessageAttributeNames=["All"])["Messages"][0]
    attributes = {name: value["StringValue"] for name, value in raw["MessageAttributes"].items()}
    assert raw["Body"].encode() == body
    sent_at = datetime.fromtimestamp(int(attributes.pop("sent_at")) / 1000, timezone.utc)
    assert before <= sent_at <= datetime.now(timezone.utc)
    assert attributes.pop("detail").startswith("DataZone accepted the event at 20")
    assert attributes == {"reason": "processing_failed", "event_id": event_id, "job": "tests.load"}


def test_a_dead_letter_that_is_sent_again_is_a_post_of_its_own(
    catalog, set_faults, post, reconcile, dead_queue, letters
):
    (event_id,) = post("load")
    reconcile()
    (message,) = letters(dead_queue)
    set_faults(fail=0)

    again = catalog.post_event(message.event(), message.retry_of)

    assert message.retry_of == event_id != again
    assert catalog.get_event(again)["processingStatus"] == "SUCCESS"


def test_an_event_is_written_once_however_often_it_is_scanned_for(post, reconcile, dead_queue, letters):
    post("a", "b")
    first, state = reconcile()
    post("c")

    second, state = reconcile(state)
    third, _ = reconcile(state)

    assert (first.dead_lettered, second.dead_lettered, third.dead_lettered) == (2, 1, 0)
    assert (second.already_known, third.already_known) == (2, 3)
    assert len(letters(dead_queue)) == 3


def test_an_event_that_was_sent_late_is_found(post, reconcile):
    post("just_in_time", eventTime=datetime.now(timezone.utc).isoformat())
    post("late", eventTime=(datetime.now(timezone.utc) - timedelta(days=500)).isoformat())

    report, _ = reconcile()

    assert report.dead_lettered == 2


def test_an_event_that_is_still_processed_is_found_when_it_has_failed(set_faults, post, reconcile, catalog):
    set_faults(processing_seconds=1, fail=1)
    (event_id,) = post("slow")
    early, state = reconcile()
    eventually(lambda: catalog.get_event(event_id)["processingStatus"] == "FAILED")

    late, _ = reconcile(state)

    assert (early.failed, late.dead_lettered) == (0, 1)


def test_all_pages_are_read(post, reconcile, dead_queue, letters, fast_clock):
    posted = post(*(f"job{number}" for number in range(120)))

    report, _ = reconcile(max_seconds=3600, clock=fast_clock)

    assert (report.failed, report.dead_lettered) == (120, 120)
    # a page of those since yesterday, three of older ones, and each body
    assert report.requests == 1 + 3 + 120
    assert {message.event() for message in letters(dead_queue)} == set(posted.values())


def test_a_large_event_is_carried(post, reconcile, dead_queue, letters):
    (body,) = post("big", producer="https://example.com/" + "x" * 200_000).values()

    reconcile()

    (message,) = letters(dead_queue)
    assert message.encoding == "gzip+base64"
    assert message.event() == body


def test_a_fifo_queue_keeps_the_run_as_group_and_swallows_a_second_copy(post, catalog, make_queue, make_event, letters):
    queue = make_queue(fifo=True)
    run = make_event()["run"]
    post("a", run=run)
    for _ in range(2):
        Reconciliation(catalog, DeadLetterQueue.of(queue), load_settings(environment={})).run(30)

    (message,) = letters(queue)
    assert message.group == run["runId"]


def test_without_a_dead_letter_queue_failures_are_counted_once(post, catalog):
    post("a", "b")
    first = Reconciliation(catalog, None, load_settings(environment={}))
    first.run(30)

    second = Reconciliation(catalog, None, load_settings(environment={}), state=first.state)
    second.run(30)

    assert (first.report.failed, first.report.dead_lettered, first.report.left) == (2, 0, 0)
    assert (second.report.failed, second.report.already_known) == (0, 2)
