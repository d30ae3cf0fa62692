"""A reconciliation against a real SQS and the DataZone emulator."""

from __future__ import annotations

import io
import json
import threading
import time
from datetime import datetime, timedelta, timezone

import boto3
import pytest
from botocore.awsrequest import AWSResponse

from airflow_provider_dzlineage.buffer.dead_letters import DeadLetters
from airflow_provider_dzlineage.catalog.datazone import CLIENT_CONFIG, Catalog
from airflow_provider_dzlineage.catalog.service_model import complete_lineage_operations
from airflow_provider_dzlineage.errors import QueueError, StopError, UnavailableError
from airflow_provider_dzlineage.reconciliation import Reconciliation
from airflow_provider_dzlineage.settings import load_settings

pytestmark = pytest.mark.integration


@pytest.fixture
def catalog(datazone_emulator, set_faults):
    """The emulator's domain, in which every event that is posted fails."""
    set_faults(fail=1)
    session = boto3.Session()
    complete_lineage_operations(session)
    client = session.client("datazone", endpoint_url=datazone_emulator.endpoint_url, config=CLIENT_CONFIG)
    return Catalog(client, "dzd_local")


@pytest.fixture
def post(catalog, make_event):
    """Post events; return each body by the id that DataZone gave it."""

    def post(*names, **changes):
        bodies = [json.dumps(make_event(name, **changes)).encode() for name in names]
        return {catalog.post_event(body): body for body in bodies}

    return post


@pytest.fixture
def dead_queue(make_queue):
    return make_queue()


@pytest.fixture
def reconcile(catalog, dead_queue):
    """Look once; return the report and the state."""

    def reconcile(state=None, max_seconds=30.0, **arguments):
        reconciliation = Reconciliation(
            catalog, DeadLetters(dead_queue), load_settings(environment={}), state=state, **arguments
        )
        reconciliation.run(max_seconds)
        return reconciliation.report, json.loads(json.dumps(reconciliation.state))

    return reconcile


def letters(queue):
    found = []
    while batch := queue.receive(wait_seconds=0, visibility_seconds=60):
        found += batch
    return found


def test_what_failed_lies_in_the_dead_letter_queue_with_what_is_known_of_it(sqs, post, reconcile, dead_queue):
    ((event_id, body),) = post("load").items()

    report, _ = reconcile()

    assert (report.failed, report.dead_lettered, report.left, report.gone) == (1, 1, 0, 0)
    raw = sqs.receive_message(QueueUrl=dead_queue.url, MessageAttributeNames=["All"])["Messages"][0]
    attributes = {name: value["StringValue"] for name, value in raw["MessageAttributes"].items()}
    assert raw["Body"].encode() == body
    assert 0 <= time.time() - int(attributes.pop("sent_at")) / 1000 < 60
    assert attributes.pop("detail").startswith("DataZone accepted the event at 20")
    assert attributes == {"reason": "processing_failed", "event_id": event_id, "job": "tests.load"}


def test_a_dead_letter_that_is_sent_again_is_a_post_of_its_own(catalog, set_faults, post, reconcile, dead_queue):
    (event_id,) = post("load")
    reconcile()
    (message,) = letters(dead_queue)
    set_faults(fail=0)

    again = catalog.post_event(message.event(), message.retry_of)

    assert message.retry_of == event_id != again
    assert catalog.get_event(again)["processingStatus"] == "SUCCESS"


def test_an_event_is_written_once_however_often_is_looked(post, reconcile, dead_queue):
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


def test_an_event_that_is_still_processed_is_found_when_it_has_failed(set_faults, post, reconcile):
    set_faults(processing_seconds=1, fail=1)
    post("slow")
    early, state = reconcile()
    time.sleep(1.2)

    late, _ = reconcile(state)

    assert (early.failed, late.dead_lettered) == (0, 1)


def test_all_pages_are_read(post, reconcile, dead_queue):
    posted = post(*(f"job{number}" for number in range(120)))

    report, _ = reconcile()

    assert (report.failed, report.dead_lettered) == (120, 120)
    # a page of those since yesterday, three of older ones, and each body
    assert report.requests == 1 + 3 + 120
    assert {message.event() for message in letters(dead_queue)} == set(posted.values())


def test_what_the_deadline_leaves_waits_for_the_next_look(post, reconcile, dead_queue):
    post(*(f"job{number}" for number in range(50)))

    report, state = reconcile(max_seconds=1.2)

    assert 0 < report.dead_lettered < 50
    assert report.dead_lettered == report.failed == 50 - report.left
    rest, _ = reconcile(state)
    assert (rest.dead_lettered, rest.left) == (report.left, 0)
    assert len({message.event() for message in letters(dead_queue)}) == 50


def test_a_look_that_is_stopped_before_it_begins_leaves_the_state(post, catalog):
    post("a")
    stop = threading.Event()
    stop.set()
    reconciliation = Reconciliation(catalog, None, load_settings(environment={}), stop=stop)
    before = reconciliation.state

    with pytest.raises(UnavailableError, match="no time is left"):
        reconciliation.run()

    assert reconciliation.state == before


def test_a_throttled_and_failing_domain_is_asked_again(catalog, post, reconcile, fast_clock):
    post("a", "b", "c")
    codes = iter([429, 500, 200, 429, 429, 500])

    def answer(request, **_):
        code = next(codes, 200)
        if code == 200:
            return None
        name = "ThrottlingException" if code == 429 else "InternalServerException"
        raw = io.BytesIO(b'{"message": "no"}')
        raw.stream = lambda: iter([raw.getvalue()])
        return AWSResponse(request.url, code, {"x-amzn-errortype": name, "content-type": "application/json"}, raw)

    catalog._client.meta.events.register("before-send.datazone.*", answer)

    report, _ = reconcile(max_seconds=3600, clock=fast_clock)

    assert (report.dead_lettered, report.throttled, report.requests) == (3, 3, 2 + 3 + 5)


def test_a_large_event_is_carried(post, reconcile, dead_queue):
    (body,) = post("big", producer="https://example.com/" + "x" * 200_000).values()

    reconcile()

    (message,) = letters(dead_queue)
    assert message.encoding == "gzip+base64"
    assert message.event() == body


def test_a_fifo_queue_keeps_the_run_as_group_and_swallows_a_second_copy(post, catalog, make_queue, make_event):
    queue = make_queue(fifo=True)
    run = make_event()["run"]
    post("a", run=run)
    for _ in range(2):
        Reconciliation(catalog, DeadLetters(queue), load_settings(environment={})).run(30)

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


def test_a_dead_letter_queue_that_is_gone_stops_the_look_and_the_next_one_writes_all(post, catalog, sqs, make_queue):
    post(*(f"job{number}" for number in range(15)))
    queue, good = make_queue(), make_queue()

    class Breaking(DeadLetters):
        def write(self, letters):
            refused = super().write(letters)
            sqs.delete_queue(QueueUrl=queue.url)
            return refused

    broken = Reconciliation(catalog, Breaking(queue), load_settings(environment={}))
    with pytest.raises(QueueError, match=r"does not exist|NonExistentQueue"):
        broken.run(30)
    mended = Reconciliation(catalog, DeadLetters(good), load_settings(environment={}), state=broken.state)
    mended.run(30)

    assert (broken.report.dead_lettered, broken.report.left) == (10, 5)
    assert mended.report.dead_lettered == len(letters(good)) == 5


def test_an_entry_that_sqs_refuses_is_written_by_the_next_look(post, reconcile, catalog, dead_queue):
    post("a", "b")

    class Refusing(DeadLetters):
        def write(self, letters):
            super().write(letters[1:])
            return letters[:1]

    refused = Reconciliation(catalog, Refusing(dead_queue), load_settings(environment={}))
    with pytest.raises(QueueError, match="SQS refused 1 of 2"):
        refused.run(30)

    report, _ = reconcile(refused.state)

    # at least once: the one that was taken is written again
    assert report.dead_lettered == 2


def test_an_event_that_datazone_does_not_have_any_more_is_counted(post, reconcile, catalog, dead_queue, monkeypatch):
    post("a", "b")
    summaries = list(catalog.list_events())
    listed = [{**summaries[0], "id": "00000000000000"}, summaries[1]]
    monkeypatch.setattr(Catalog, "list_events", lambda *_, **__: iter(listed))

    report, state = reconcile()
    again, _ = reconcile(state)

    assert (report.gone, report.dead_lettered, report.left) == (1, 1, 0)
    assert again.failed == 0


def test_a_domain_that_is_not_there_stops_the_look(catalog, reconcile):
    catalog.domain_id = "dzd_absent"

    with pytest.raises(StopError, match="'domain_id'"):
        reconcile()


def test_the_state_of_another_domain_is_not_taken(catalog, reconcile, post):
    post("a")
    _, state = reconcile()

    report, _ = reconcile({**state, "domain_id": "dzd_other"})

    assert report.failed == 1
