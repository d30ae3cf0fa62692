"""Events of one run that are in flight together become one post."""

import json
import uuid

import pytest

from airflow_provider_dzlineage.buffer.codec import send_parameters
from airflow_provider_dzlineage.buffer.dead_letter_queue import DeadLetterQueue
from airflow_provider_dzlineage.errors import RefusedError, ThrottledError, UnavailableError
from airflow_provider_dzlineage.forwarding.forwarder import Forwarder
from airflow_provider_dzlineage.settings.site import Settings

OUTCOMES = ("received", "posted", "merged", "skipped", "dead_lettered", "released")


class ScriptedCatalog:
    """Takes events, or raises what ``answer`` returns for one."""

    def __init__(self, answer=lambda event: None):
        self.answer = answer
        self.posted = []

    def post_event(self, body, retry_of=""):
        event = json.loads(body)
        if error := self.answer(event):
            raise error
        self.posted.append(event)
        return "id"


@pytest.fixture(params=[False, True], ids=["standard", "FIFO"])
def queue(request, make_queue):
    return make_queue(fifo=request.param, dead_letters=True)


@pytest.fixture
def send(queue, make_event):
    def send(*events, retry_of=""):
        """Send events, each a run and the name of its output."""
        for run, output in events:
            event = make_event("load")
            event["run"] = {"runId": str(uuid.uuid5(uuid.NAMESPACE_URL, run))}
            event["outputs"] = [{"namespace": "s3://lake", "name": output}]
            group = run if queue.is_fifo else None
            assert not list(queue.send([send_parameters(json.dumps(event), group=group)]))

    return send


def drain(queue, catalog, **settings):
    dead = DeadLetterQueue.of(queue.dead_letter_queue())
    forwarder = Forwarder(queue, dead, catalog, Settings(**{"merge": "always", "rate": float("inf")} | settings))
    forwarder.drain(20)
    return forwarder.report()


def counts(report):
    return {name: value for name, value in report.to_dict().items() if name in OUTCOMES and value}


def outputs(event):
    return sorted(output["name"] for output in event["outputs"])


def test_each_run_is_one_post_and_each_message_has_its_outcome(queue, send):
    send(("one", "a"), ("two", "b"), ("one", "c"), ("two", "d"), ("one", "e"))
    catalog = ScriptedCatalog()

    report = drain(queue, catalog)

    assert counts(report) == {"received": 5, "posted": 2, "merged": 3}
    assert report.requests == 2
    assert sorted(map(outputs, catalog.posted)) == [["a", "c", "e"], ["b", "d"]]
    assert report.backlog == 0


def test_without_it_each_event_is_posted_by_itself(queue, send):
    send(("one", "a"), ("one", "b"))

    assert counts(drain(queue, ScriptedCatalog(), merge="never")) == {"received": 2, "posted": 2}


def test_a_small_backlog_is_posted_as_it_is_and_a_long_one_merged(queue, send):
    send(*(("one", str(number)) for number in range(30)))

    assert counts(drain(queue, ScriptedCatalog(), merge="backlog")) == {"received": 30, "posted": 30}

    send(*(("one", f"again {number}") for number in range(30)))
    # A rate at which 30 posts take longer than the drain may.
    report = drain(queue, ScriptedCatalog(), merge="backlog", rate=1.0)
    assert report.posted + report.merged == 30
    assert report.merged >= 20


def test_only_the_refused_event_becomes_a_dead_letter(queue, send):
    send(("one", "a"), ("one", "bad"), ("one", "c"))
    catalog = ScriptedCatalog(
        lambda event: RefusedError("no", "ValidationException") if "bad" in outputs(event) else None
    )

    report = drain(queue, catalog)

    assert counts(report) == {"received": 3, "posted": 2, "dead_lettered": 1}
    assert report.reasons == {"refused": 1}
    assert list(map(outputs, catalog.posted)) == [["a"], ["c"]]
    assert queue.dead_letter_queue().state().backlog == 1


def test_what_is_throttled_is_posted_again_as_the_same_event(queue, send):
    send(("one", "a"), ("one", "b"))
    answers, seen = [ThrottledError("slow", "ThrottlingException"), UnavailableError("down", "500"), None], []

    def answer(event):
        seen.append(outputs(event))
        return answers.pop(0)

    report = drain(queue, ScriptedCatalog(answer))

    assert counts(report) == {"received": 2, "posted": 1, "merged": 1}
    assert seen == [["a", "b"]] * 3
    assert (report.requests, report.retried, report.throttled) == (3, 2, 1)


def test_events_that_would_lose_something_together_are_posted_one_by_one(queue, send):
    send(*(("one", f"{letter}{'x' * 160_000}") for letter in "abc"))

    report = drain(queue, catalog := ScriptedCatalog())

    assert counts(report) == {"received": 3, "posted": 3}
    assert [len(event["outputs"]) for event in catalog.posted] == [1, 1, 1]


def test_all_of_a_run_go_back_when_time_is_up(queue, send):
    send(("one", "a"), ("one", "b"), ("one", "c"))
    catalog = ScriptedCatalog(lambda event: ThrottledError("slow", "ThrottlingException"))
    forwarder = Forwarder(queue, None, catalog, Settings(merge="always"))

    forwarder.drain(2)

    assert counts(forwarder.report()) == {"received": 3, "released": 3}
    assert queue.state().backlog == 3


def test_a_run_is_not_merged_over_what_another_run_has_said_meanwhile(queue, make_event):
    def said(run, second, schema):
        table = {"namespace": "s3://lake", "name": "orders", "facets": {"schema": schema} if schema else {}}
        event = make_event(f"job {run}", inputs=[table], outputs=[])
        event["run"] = {"runId": str(uuid.uuid5(uuid.NAMESPACE_URL, run))}
        event["eventTime"] = f"2026-01-01T00:00:{second:02}Z"
        return json.dumps(event)

    old, new = {"fields": [{"name": "a"}]}, {"fields": [{"name": "a"}, {"name": "b"}]}
    events = [said("one", 0, old), said("two", 5, new), said("one", 10, None), said("three", 1, None)]
    events.append(said("three", 9, None))
    for text in events:
        assert not list(queue.send([send_parameters(text, group="all" if queue.is_fifo else None)]))
    catalog = ScriptedCatalog()

    report = drain(queue, catalog)

    assert report.posted + report.merged == 5
    newest = {}
    for event in catalog.posted:
        for table in event["inputs"]:
            if "schema" in table["facets"]:
                newest[event["eventTime"]] = table["facets"]["schema"]
    assert newest[max(newest)] == new
    if not queue.is_fifo:
        assert counts(report) == {"received": 5, "posted": 4, "merged": 1}
