"""What a drain does when SQS or its surroundings fail, with a real SQS behind a client that fails on demand."""

import json
import threading

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from airflow_provider_dzlineage.buffer import in_flight
from airflow_provider_dzlineage.buffer.codec import send_parameters
from airflow_provider_dzlineage.buffer.dead_letter_queue import find_dead_letter_queue
from airflow_provider_dzlineage.buffer.queue import Queue
from airflow_provider_dzlineage.errors import QueueError, StopError, ThrottledError
from airflow_provider_dzlineage.forwarding.forwarder import Forwarder
from airflow_provider_dzlineage.forwarding.scheduler import Scheduler
from airflow_provider_dzlineage.lineage.merging import FacetHistory
from airflow_provider_dzlineage.settings.site import Settings
from tests.fixtures.waiting import eventually


class FaultySqs:
    """An SQS client of which some calls fail: ``faults`` maps a method to errors, one for each of its next calls."""

    def __init__(self, client):
        self._client = client
        self.faults = {}
        self.calls = []

    def __getattr__(self, name):
        method = getattr(self._client, name)
        if not callable(method):
            return method

        def call(**parameters):
            self.calls.append((name, parameters))
            fault = self.faults.get(name)
            if callable(fault):
                return fault(method, parameters)
            if fault:
                raise fault.pop(0)
            return method(**parameters)

        return call


def sqs_error(code, status=400):
    response = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "AnOperation")


class CatalogStub:
    """Takes every event, and does something at the first one."""

    def __init__(self, at_first=lambda: None, error=None):
        self.at_first, self.error = at_first, error
        self.posted = []
        self._lock = threading.Lock()

    def post_event(self, body, retry_of=""):
        with self._lock:
            is_first, _ = not self.posted, self.posted.append(json.loads(body)["job"]["name"])
        if is_first:
            self.at_first()
        if self.error:
            raise self.error


@pytest.fixture
def faulty(make_queue, sqs, make_event):
    """Make a queue with so many events, and its client that can fail."""

    def faulty(events, *, fifo=False):
        real = make_queue(fifo=fifo, dead_letters=True)
        entries = [
            send_parameters(json.dumps(make_event(f"job-{number}")), group="run" if fifo else None)
            for number in range(events)
        ]
        assert list(real.send(entries)) == []
        client = FaultySqs(sqs)
        return client, Queue(client, real.url)

    return faulty


def forwarder_of(queue, catalog, *, rate=float("inf"), merge="backlog", clock=None, stop=None):
    settings = Settings(rate=rate, merge=merge)
    return Forwarder(queue, find_dead_letter_queue(queue, None), catalog, settings, clock=clock, stop=stop)


@pytest.mark.parametrize(
    "error",
    [
        sqs_error("RequestThrottled"),
        sqs_error("InternalError", 500),
        EndpointConnectionError(endpoint_url="http://sqs"),
    ],
)
def test_receives_that_fail_for_a_while_are_tried_again(faulty, fast_clock, error):
    client, queue = faulty(15)
    client.faults["receive_message"] = [error] * 5

    forwarder = forwarder_of(queue, CatalogStub(), clock=fast_clock)
    forwarder.drain()

    assert forwarder.report().posted == 15


def test_a_queue_that_stays_away_ends_the_drain_with_an_error_and_a_report(faulty, fast_clock):
    client, queue = faulty(3)
    forwarder = forwarder_of(queue, CatalogStub(), clock=fast_clock)
    client.faults["receive_message"] = [EndpointConnectionError(endpoint_url="http://sqs")] * 1_000

    with pytest.raises(QueueError, match="Could not connect"):
        forwarder.drain()

    assert forwarder.report().received == 0


def test_deletions_that_fail_are_tried_again_and_the_rest_of_the_batch_is_gone(faulty, fast_clock):
    client, queue = faulty(30)
    failures = iter(range(3))

    def partly(method, parameters):
        if next(failures, None) is None:
            return method(**parameters)
        first, *others = parameters["Entries"]
        answer = method(QueueUrl=parameters["QueueUrl"], Entries=others)
        failed = {"Id": first["Id"], "Code": "InternalError", "SenderFault": False}
        return {"Successful": answer["Successful"], "Failed": [failed]}

    client.faults["delete_message_batch"] = partly
    forwarder = forwarder_of(queue, CatalogStub(), clock=fast_clock)

    forwarder.drain()

    assert forwarder.report().posted == 30
    assert queue.state().backlog == 0


def test_on_a_fifo_queue_deletions_that_fail_for_a_while_do_not_look_like_an_empty_queue(faulty, fast_clock):
    client, queue = faulty(40, fifo=True)
    client.faults["delete_message_batch"] = [sqs_error("RequestThrottled")] * 3
    forwarder = forwarder_of(queue, CatalogStub(), clock=fast_clock)

    forwarder.drain()

    assert forwarder.report().posted == 40
    assert queue.state().backlog == 0


def test_on_a_fifo_queue_a_deletion_that_takes_long_does_not_look_like_an_empty_queue(faulty):
    client, queue = faulty(20, fifo=True)

    def receives():
        return sum(name == "receive_message" for name, _ in client.calls)

    def slowly(method, parameters):
        before = receives()
        eventually(lambda: receives() > before + 2)
        return method(**parameters)

    client.faults["delete_message_batch"] = slowly
    forwarder = forwarder_of(queue, CatalogStub())

    forwarder.drain(wait_seconds=0)

    assert forwarder.report().posted == 20
    assert queue.state().backlog == 0


def test_deletions_that_never_succeed_leave_messages_that_were_posted(faulty, fast_clock, caplog):
    client, queue = faulty(2)
    client.faults["delete_message_batch"] = [sqs_error("RequestThrottled")] * 100
    forwarder = forwarder_of(queue, CatalogStub(), clock=fast_clock)

    forwarder.drain()

    report = forwarder.report()
    assert (report.posted, report.released, report.backlog) == (2, 0, 2)
    assert "SQS did not delete 2 messages" in caplog.text


def test_a_queue_that_disappears_in_the_middle_ends_the_drain_and_says_so(faulty, sqs, fast_clock):
    _, queue = faulty(40)
    catalog = CatalogStub(at_first=lambda: sqs.delete_queue(QueueUrl=queue.url))
    forwarder = forwarder_of(queue, catalog, clock=fast_clock)

    with pytest.raises(QueueError, match="check the queue's URL"):
        forwarder.drain()

    report = forwarder.report()
    assert report.received == report.posted + report.released
    assert report.backlog is None


def test_credentials_that_expire_in_the_middle_stop_the_drain_and_say_what_to_fix(faulty, fast_clock):
    client, queue = faulty(40)
    expired = StopError("PostLineageEvent: renew the AWS credentials", "ExpiredTokenException", "r")

    def expire():
        for name in ("change_message_visibility_batch", "delete_message_batch", "receive_message"):
            client.faults[name] = [sqs_error("ExpiredToken")] * 100

    forwarder = forwarder_of(queue, CatalogStub(at_first=expire, error=expired), clock=fast_clock)

    with pytest.raises((StopError, QueueError), match="renew the AWS credentials"):
        forwarder.drain()

    report = forwarder.report()
    assert report.posted == 0
    assert report.received == report.released > 0


def test_a_throttled_drain_takes_few_messages_and_burns_no_receives(faulty, fast_clock):
    _, queue = faulty(200)
    throttled = CatalogStub(error=ThrottledError("slow down", "ThrottlingException", "r"))

    for _ in range(12):
        forwarder = forwarder_of(queue, throttled, clock=fast_clock, rate=20)
        forwarder.drain(60)
        report = forwarder.report()
        assert report.received == report.released <= 10
        assert report.throttled == report.requests > 10

    messages = []
    while batch := queue.receive(wait_seconds=0, visibility_seconds=60):
        messages += batch
    assert len(messages) == 200
    assert queue.dead_letter_queue().state().backlog == 0


def test_messages_that_wait_in_flight_stay_invisible_however_long_it_takes(faulty, monkeypatch):
    monkeypatch.setattr(in_flight, "VISIBILITY_SECONDS", 2)
    client, queue = faulty(30)
    forwarder = forwarder_of(queue, CatalogStub(), rate=5)

    forwarder.drain()

    assert forwarder.report().posted == forwarder.report().received == 30
    extensions = [parameters for name, parameters in client.calls if name == "change_message_visibility_batch"]
    assert len(extensions) >= 2
    assert max(len(parameters["Entries"]) for parameters in extensions) > 5


def test_what_is_delivered_again_while_it_is_in_flight_is_posted_once(faulty, monkeypatch):
    client, queue = faulty(5)
    # Nobody extends, so that SQS delivers again what is in flight.
    monkeypatch.setattr(in_flight, "VISIBILITY_SECONDS", 1)
    client.faults["change_message_visibility_batch"] = lambda *_: {}
    catalog = CatalogStub()
    forwarder = forwarder_of(queue, catalog, rate=1.5)

    forwarder.drain()

    assert sorted(catalog.posted) == [f"job-{number}" for number in range(5)]
    assert queue.state().backlog == 0


def test_near_its_deadline_it_takes_no_more_than_it_can_post(faulty):
    _, queue = faulty(200)
    forwarder = forwarder_of(queue, CatalogStub(), rate=20)

    forwarder.drain(3)

    report = forwarder.report()
    assert 30 <= report.posted <= 62
    assert report.released <= 30


def test_what_was_in_flight_is_back_at_once_after_a_stop(faulty):
    _, queue = faulty(60)
    stop = threading.Event()
    forwarder = forwarder_of(queue, CatalogStub(at_first=stop.set), stop=stop, rate=100)

    forwarder.drain()

    report = forwarder.report()
    assert 0 < report.posted < 60
    assert report.received == report.posted + report.released
    back = 0
    while batch := queue.receive(wait_seconds=0, visibility_seconds=60):
        back += len(batch)
    assert back == 60 - report.posted


def test_a_fifo_group_keeps_its_order_while_deletions_lag(faulty):
    _, queue = faulty(60, fifo=True)
    catalog = CatalogStub()

    forwarder = forwarder_of(queue, catalog)
    forwarder.drain()

    assert catalog.posted == [f"job-{number}" for number in range(60)]
    assert queue.state().backlog == 0


def test_a_clock_that_jumps_ahead_ends_the_drain_at_its_deadline_and_loses_nothing(faulty, fast_clock):
    _, queue = faulty(40)
    offset = 0.0
    real_now = fast_clock.now

    def jump():
        nonlocal offset
        offset = 24 * 3600.0

    fast_clock.now = lambda: real_now() + offset
    forwarder = forwarder_of(queue, CatalogStub(at_first=jump), clock=fast_clock, rate=20)

    forwarder.drain(3600)

    report = forwarder.report()
    assert report.received == report.posted + report.released
    assert report.backlog == 40 - report.posted


def test_a_mistake_of_ours_costs_one_event_only(faulty, monkeypatch):
    from airflow_provider_dzlineage.lineage import pipeline

    parse = pipeline.parse_run_event

    def broken(body):
        if b"job-7" in body:
            raise ZeroDivisionError
        return parse(body)

    monkeypatch.setattr(pipeline, "parse_run_event", broken)
    _, queue = faulty(10)
    forwarder = forwarder_of(queue, CatalogStub())

    forwarder.drain()

    report = forwarder.report()
    assert (report.posted, report.dead_lettered) == (9, 1)
    assert report.reasons == {"unexpected_error": 1}


@pytest.mark.parametrize(
    ("part", "method", "fifo"),
    [
        (FacetHistory, "note", False),
        (FacetHistory, "note", True),
        (Scheduler, "offer_for_merging", False),
        (Scheduler, "merge_run", False),
        (Scheduler, "merge_run", True),
    ],
)
def test_a_mistake_where_events_are_merged_costs_one_event_only(faulty, monkeypatch, part, method, fifo):
    working = getattr(part, method)

    def broken(self, job_or_event, *arguments):
        event = getattr(job_or_event, "event", None) or job_or_event
        if event.data["job"]["name"] == "job-7":
            raise ZeroDivisionError
        return working(self, job_or_event, *arguments)

    monkeypatch.setattr(part, method, broken)
    _, queue = faulty(10, fifo=fifo)
    forwarder = forwarder_of(queue, CatalogStub(), merge="always")

    forwarder.drain()

    report = forwarder.report()
    assert (report.posted + report.merged, report.dead_lettered) == (9, 1)
    assert report.reasons == {"unexpected_error": 1}
    assert report.backlog == 0
