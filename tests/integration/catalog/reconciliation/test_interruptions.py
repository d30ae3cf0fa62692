"""A reconciliation that ends early, and the one that follows it."""

from __future__ import annotations

import io
import threading

import pytest
from botocore.awsrequest import AWSResponse

from airflow_provider_dzlineage.buffer.dead_letter_queue import DeadLetterQueue
from airflow_provider_dzlineage.catalog.client import Catalog
from airflow_provider_dzlineage.catalog.reconciliation import Reconciliation
from airflow_provider_dzlineage.errors import QueueError, StopError, UnavailableError
from airflow_provider_dzlineage.settings.site import load_settings
from tests.fixtures.clocks import ManualClock


def test_what_the_deadline_leaves_waits_for_the_next_scan(post, reconcile, dead_queue, letters, monkeypatch):
    post(*(f"job{number}" for number in range(50)))
    clock, write = ManualClock(), DeadLetterQueue.write

    def write_until_the_deadline(*arguments):
        clock.seconds += 3600
        return write(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(DeadLetterQueue, "write", write_until_the_deadline)
        report, state = reconcile(max_seconds=3600, clock=clock)

    assert 0 < report.dead_lettered < 50
    assert report.dead_lettered == report.failed == 50 - report.left
    rest, _ = reconcile(state)
    assert (rest.dead_lettered, rest.left) == (report.left, 0)
    assert len({message.event() for message in letters(dead_queue)}) == 50


def test_a_scan_that_is_stopped_before_it_begins_leaves_the_state(post, catalog):
    post("a")
    stop = threading.Event()
    stop.set()
    reconciliation = Reconciliation(catalog, None, load_settings(environment={}), stop=stop)
    before = reconciliation.state

    with pytest.raises(UnavailableError, match="no time is left"):
        reconciliation.run()

    assert reconciliation.state == before


def test_a_throttled_and_failing_domain_is_retried(catalog_client, post, reconcile, fast_clock):
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

    catalog_client.meta.events.register("before-send.datazone.*", answer)

    report, _ = reconcile(max_seconds=3600, clock=fast_clock)

    assert (report.dead_lettered, report.throttled, report.requests) == (3, 3, 2 + 3 + 5)


def test_a_dead_letter_queue_that_is_gone_stops_the_scan_and_the_next_one_writes_all(
    post, catalog, sqs, make_queue, letters
):
    post(*(f"job{number}" for number in range(15)))
    queue, good = make_queue(), make_queue()

    class Breaking(DeadLetterQueue):
        def write(self, letters):
            refused = super().write(letters)
            sqs.delete_queue(QueueUrl=queue.url)
            return refused

    broken = Reconciliation(catalog, Breaking.of(queue), load_settings(environment={}))
    with pytest.raises(QueueError, match=r"does not exist|NonExistentQueue"):
        broken.run(30)
    mended = Reconciliation(catalog, DeadLetterQueue.of(good), load_settings(environment={}), state=broken.state)
    mended.run(30)

    assert (broken.report.dead_lettered, broken.report.left) == (10, 5)
    assert mended.report.dead_lettered == len(letters(good)) == 5


def test_an_entry_that_sqs_refuses_is_written_by_the_next_scan(post, reconcile, catalog, dead_queue):
    post("a", "b")

    class Refusing(DeadLetterQueue):
        def write(self, letters):
            super().write(letters[1:])
            return letters[:1]

    refused = Reconciliation(catalog, Refusing.of(dead_queue), load_settings(environment={}))
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


def test_a_domain_that_is_not_there_stops_the_scan(catalog, reconcile):
    catalog.domain_id = "dzd_absent"

    with pytest.raises(StopError, match="'domain_id'"):
        reconcile()


def test_the_state_of_another_domain_is_not_taken(catalog, reconcile, post):
    post("a")
    _, state = reconcile()

    report, _ = reconcile({**state, "domain_id": "dzd_other"})

    assert report.failed == 1
