import json
import threading

import pytest

from airflow_provider_dzlineage.buffer.codec import send_parameters
from airflow_provider_dzlineage.buffer.dead_letter_queue import find_dead_letter_queue
from airflow_provider_dzlineage.buffer.queue import Queue
from airflow_provider_dzlineage.errors import QueueError, RefusedError, StopError, ThrottledError, UnavailableError
from airflow_provider_dzlineage.forwarding.forwarder import Forwarder
from airflow_provider_dzlineage.lineage.raw_event import message_group
from airflow_provider_dzlineage.settings.site import Settings

OUTCOMES = ("received", "posted", "merged", "skipped", "dead_lettered", "released")
REFUSED = RefusedError("no", "ValidationException", "req")
STOP = StopError("no", "AccessDeniedException", "req")
THROTTLED = ThrottledError("slow", "ThrottlingException", "req")
DOWN = UnavailableError("down", "InternalServerException", "req")


class ScriptedCatalog:
    """A domain whose answer to an event is scripted by the name of its job; the others it takes."""

    def __init__(self, answers=None):
        self.answers = answers or {}
        self.posted = []

    def post_event(self, body, retry_of=""):
        job = json.loads(body)["job"]["name"]
        answer = self.answers.get(job)
        if isinstance(answer, list):
            answer = answer.pop(0) if answer else None
        if isinstance(answer, Exception):
            raise answer
        if callable(answer):
            answer()
        self.posted.append(job)


@pytest.fixture
def drain(sqs, fast_clock):
    """Send events, drain once with a clock that runs fast, and return the forwarder after its end."""

    def drain(queue, catalog, *texts, stop=None, max_seconds=20_000.0, raises=None, rate=float("inf")):
        entries = [send_parameters(text, group=_group(text) if queue.is_fifo else None) for text in texts]
        assert list(queue.send(entries)) == []
        settings = Settings(rate=rate)
        dead_letters = find_dead_letter_queue(queue, None)
        forwarder = Forwarder(queue, dead_letters, catalog, settings, stop=stop, clock=fast_clock)
        if raises:
            with pytest.raises(raises):
                forwarder.drain(max_seconds)
        else:
            forwarder.drain(max_seconds)
        return forwarder

    return drain


def _group(text):
    try:
        return message_group(json.loads(text))
    except ValueError:
        return "none"


@pytest.fixture
def events(make_event):
    """Texts of events of the named jobs, all of one run."""
    run = {"runId": "0191c0de-0000-7000-8000-000000000001"}

    def events(*jobs):
        return [json.dumps(make_event(job, run=run)) for job in jobs]

    return events


@pytest.fixture
def dead_reasons(sqs):
    def dead_reasons(queue):
        dead, reasons = queue.dead_letter_queue(), []
        while batch := sqs.receive_message(
            QueueUrl=dead.url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        ).get("Messages"):
            reasons += [message["MessageAttributes"]["reason"]["StringValue"] for message in batch]
        return sorted(reasons)

    return dead_reasons


def counts(report):
    return {name: value for name, value in report.to_dict().items() if name in OUTCOMES and value}


def test_an_empty_queue_ends_a_drain_at_once(make_queue, drain):
    report = drain(make_queue(dead_letters=True), ScriptedCatalog()).report()

    assert counts(report) == {}
    assert report.backlog == 0
    assert report.requests == 0


def test_every_event_is_posted_as_it_is_and_leaves_the_queue(make_queue, drain, events):
    queue, catalog = make_queue(dead_letters=True), ScriptedCatalog()

    report = drain(queue, catalog, *events(*(f"job-{number}" for number in range(25)))).report()

    assert counts(report) == {"received": 25, "posted": 25}
    assert sorted(catalog.posted) == sorted(f"job-{number}" for number in range(25))
    assert report.backlog == 0
    assert report.requests == 25


def test_bad_messages_do_not_stop_the_good_ones_and_lie_in_the_dead_letters(
    make_queue, drain, events, make_event, dead_reasons
):
    queue, catalog = make_queue(dead_letters=True), ScriptedCatalog({"refused": REFUSED})
    too_large = json.dumps(make_event(job_name="x" * 300_000))
    job_event = json.dumps({"job": {"namespace": "a", "name": "b"}, "eventTime": "2026-01-01T00:00:00Z"})

    report = drain(queue, catalog, "not json", "{}", job_event, too_large, *events("refused", "good", "ñandú")).report()

    assert counts(report) == {"received": 7, "posted": 2, "skipped": 1, "dead_lettered": 4}
    assert sorted(catalog.posted) == ["good", "ñandú"]
    reasons = ["not_an_event", "not_json", "refused", "too_large"]
    assert dead_reasons(queue) == reasons
    assert report.reasons == dict.fromkeys(["job_event", *reasons], 1)
    assert report.backlog == 0


def test_our_own_events_are_skipped(make_queue, drain, events):
    report = drain(make_queue(), ScriptedCatalog(), *events("dzlineage_forward.drain", "other")).report()

    assert counts(report) == {"received": 2, "posted": 1, "skipped": 1}
    assert report.reasons == {"own_job": 1}


def test_without_a_dead_letter_queue_a_bad_message_stays_and_the_drain_says_so(make_queue, drain, events, caplog):
    queue, catalog = make_queue(), ScriptedCatalog()

    report = drain(queue, catalog, "not json", *events("good")).report()

    assert counts(report) == {"received": 2, "posted": 1, "released": 1}
    assert report.reasons == {"no_dead_letter_queue": 1}
    assert report.backlog == 1
    assert "There is no dead-letter queue" in caplog.text
    assert len(queue.receive(wait_seconds=0, visibility_seconds=1)) == 1


def test_dead_letters_that_cannot_be_written_stay_in_the_queue(make_queue, drain, sqs):
    queue = make_queue(dead_letters=True)
    dead = queue.dead_letter_queue()
    forwarder = Forwarder(queue, find_dead_letter_queue(queue, dead.url), ScriptedCatalog(), Settings())
    list(queue.send([send_parameters("not json")]))
    sqs.delete_queue(QueueUrl=dead.url)

    forwarder.drain(30)

    assert counts(forwarder.report()) == {"received": 1, "released": 1}
    assert forwarder.report().reasons == {"dead_letter_not_written": 1}
    assert queue.state().backlog == 1


def test_throttled_posts_are_tried_again_and_counted(make_queue, drain, events):
    catalog = ScriptedCatalog({"slow": [THROTTLED, THROTTLED]})

    report = drain(make_queue(), catalog, *events("slow", "good")).report()

    assert counts(report) == {"received": 2, "posted": 2}
    assert (report.requests, report.throttled, report.retried) == (4, 2, 2)


def test_what_no_post_can_pass_stops_the_drain_and_gives_everything_back(make_queue, drain, events):
    queue, catalog = make_queue(), ScriptedCatalog(dict.fromkeys(("a", "b", "c"), STOP))

    report = drain(queue, catalog, *events("a", "b", "c"), raises=StopError).report()

    assert counts(report) == {"received": 3, "released": 3}
    assert report.reasons == {"AccessDeniedException": 3}
    assert report.requests <= 3
    assert len(queue.receive(wait_seconds=0, visibility_seconds=1)) == 3


def test_a_message_that_datazone_does_not_answer_waits_and_the_others_go_on(make_queue, drain, events):
    queue, catalog = make_queue(), ScriptedCatalog({"broken": DOWN})

    report = drain(queue, catalog, *events("broken", "good")).report()

    assert counts(report) == {"received": 2, "posted": 1, "released": 1}
    assert report.reasons == {"unavailable": 1}
    assert len(queue.receive(wait_seconds=0, visibility_seconds=1)) == 1


def test_an_outage_ends_the_drain_before_every_message_is_tried(make_queue, drain, events):
    jobs = [f"job-{number}" for number in range(30)]
    queue, catalog = make_queue(), ScriptedCatalog(dict.fromkeys(jobs, DOWN))

    report = drain(queue, catalog, *events(*jobs)).report()

    assert counts(report) == {"received": 10, "released": 10}
    assert report.reasons == {"unavailable": 10}
    assert queue.state().backlog == 30


def test_a_stop_ends_the_drain_in_order(make_queue, drain, events):
    stop = threading.Event()
    queue, catalog = make_queue(fifo=True), ScriptedCatalog({"second": stop.set})

    report = drain(queue, catalog, *events("first", "second", "third"), stop=stop).report()

    assert catalog.posted == ["first", "second"]
    assert counts(report) == {"received": 3, "posted": 2, "released": 1}
    assert report.reasons == {"stopped": 1}
    assert [
        json.loads(message.event())["job"]["name"] for message in queue.receive(wait_seconds=0, visibility_seconds=1)
    ] == ["third"]


def test_an_exception_out_of_nowhere_releases_what_is_in_flight(make_queue, drain, events):
    def interrupt():
        raise KeyboardInterrupt

    queue, catalog = make_queue(fifo=True), ScriptedCatalog({"second": interrupt})

    report = drain(queue, catalog, *events("first", "second", "third"), raises=KeyboardInterrupt).report()

    assert counts(report) == {"received": 3, "posted": 1, "released": 2}
    assert queue.state().backlog == 2
    assert len(queue.receive(wait_seconds=0, visibility_seconds=1)) == 2


def test_after_a_failure_the_rest_of_a_message_group_waits_behind_it(make_queue, drain, events):
    queue, catalog = make_queue(fifo=True), ScriptedCatalog({"second": DOWN})

    report = drain(queue, catalog, *events("first", "second", "third")).report()

    assert catalog.posted == ["first"]
    assert report.reasons == {"unavailable": 1, "group_waits": 1}
    order = [
        json.loads(message.event())["job"]["name"] for message in queue.receive(wait_seconds=0, visibility_seconds=1)
    ]
    assert order == ["second", "third"]


def test_after_a_dead_letter_the_group_goes_on(make_queue, drain, events):
    queue, catalog = make_queue(fifo=True, dead_letters=True), ScriptedCatalog({"second": REFUSED})

    report = drain(queue, catalog, *events("first", "second", "third")).report()

    assert catalog.posted == ["first", "third"]
    assert counts(report) == {"received": 3, "posted": 2, "dead_lettered": 1}


def test_two_drains_at_once_post_each_event_once(make_queue, events):
    queue, catalog = make_queue(), ScriptedCatalog()
    list(queue.send(send_parameters(text) for text in events(*(f"job-{number}" for number in range(60)))))
    forwarders = [Forwarder(queue, None, catalog, Settings(rate=200.0)) for _ in range(2)]
    threads = [threading.Thread(target=forwarder.drain, args=(30,)) for forwarder in forwarders]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(forwarder.report().posted for forwarder in forwarders) == 60
    assert sorted(catalog.posted) == sorted(f"job-{number}" for number in range(60))


def test_a_queue_that_is_not_there_is_an_error(sqs, ministack):
    queue = Queue(sqs, f"{ministack.endpoint_url}/000000000000/absent")

    with pytest.raises(QueueError, match="check the queue's URL"):
        Forwarder(queue, None, ScriptedCatalog(), Settings()).drain()


def test_following_goes_on_after_the_queue_was_empty(sqs, make_queue, events):
    class LateQueue(Queue):
        """A queue into which an event is sent when it was found empty a few times."""

        receives = 0

        def receive(self, **parameters):
            self.receives += 1
            if self.receives == 10:
                list(self.send(send_parameters(text) for text in events("late")))
            return super().receive(**parameters)

    stop = threading.Event()
    catalog = ScriptedCatalog({"late": stop.set})
    forwarder = Forwarder(LateQueue(sqs, make_queue().url), None, catalog, Settings(), stop=stop)

    forwarder.follow(20)

    assert catalog.posted == ["late"]
    assert counts(forwarder.report()) == {"received": 1, "posted": 1}


def test_progress_is_reported_now_and_then(make_queue, events, fast_clock):
    queue, seen = make_queue(), []
    list(queue.send(send_parameters(text) for text in events(*(f"job-{number}" for number in range(45)))))

    Forwarder(queue, None, ScriptedCatalog(), Settings(), clock=fast_clock).drain(on_progress=seen.append)

    assert len(seen) >= 2
    assert [report.posted for report in seen] == sorted(report.posted for report in seen)
    assert seen[0].backlog > 0
