"""The operator with a real hook against a real SQS."""

from __future__ import annotations

import json

import pytest

from airflow_provider_dzlineage.buffer.dead_letter_queue import DeadLetter, DeadLetterQueue
from airflow_provider_dzlineage.buffer.message import Message
from airflow_provider_dzlineage.buffer.queue import Queue
from airflow_provider_dzlineage.errors import ConfigurationError, QueueError

operators = pytest.importorskip("airflow_provider_dzlineage.transfers.dead_letters_to_sqs")


class TaskInstance:
    """What the operator asks of Airflow's."""

    def __init__(self):
        self.pushed = {}

    def xcom_push(self, key, value):
        self.pushed[key] = json.loads(json.dumps(value))


@pytest.fixture(autouse=True)
def _endpoint(ministack, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", ministack.endpoint_url)


@pytest.fixture
def buried(make_queue, make_event):
    """A buffer whose dead-letter queue holds an event for each of these reasons, each of a job with that name."""

    def buried(*reasons):
        queue = make_queue(dead_letters=True)
        letters = [
            DeadLetter(Message(f"id-{number}", "", json.dumps(make_event(reason)), None, None, 1, 1), reason)
            for number, reason in enumerate(reasons)
        ]
        assert DeadLetterQueue.of(queue.dead_letter_queue()).write(letters) == []
        return queue

    return buried


def redrive(instance=None, **arguments):
    operator = operators.RedriveDeadLettersOperator(task_id="redrive", **arguments)
    return operator.execute({"ti": instance or TaskInstance()})


def jobs_in(queue):
    messages = queue.receive(wait_seconds=0, visibility_seconds=60)
    return sorted(json.loads(message.event())["job"]["name"] for message in messages)


@pytest.mark.parametrize(
    ("arguments", "jobs"),
    [
        ({"reason": "refused"}, ["refused"]),
        ({"job": "tests.*", "newer_than": "9999w"}, ["processing_failed", "refused"]),
        ({"namespace": "tests", "limit": 1}, ["refused"]),
        ({"ids": ["id-1"]}, ["processing_failed"]),
        ({"everything": True}, ["not_an_event", "processing_failed", "refused"]),
        ({"older_than": "1h", "reason": "not*"}, ["not_an_event"]),
        ({"everything": True, "dry_run": True}, []),
    ],
    ids=str,
)
def test_what_the_arguments_mean_is_in_the_buffer(buried, arguments, jobs):
    queue = buried("refused", "processing_failed", "not_an_event")

    report = redrive(queue_url=queue.url, **arguments)

    assert jobs_in(queue) == jobs
    assert json.loads(json.dumps(report)) == report
    assert report["sent"] == len(jobs) or report["dry_run"]


def test_without_a_choice_nothing_is_sent(buried):
    queue = buried("refused")

    with pytest.raises(ConfigurationError, match="everything=True"):
        redrive(queue_url=queue.url, job="")

    assert jobs_in(queue) == []


def test_without_a_dead_letter_queue_the_setting_is_named(make_queue):
    with pytest.raises(ConfigurationError, match="'dead_letter_queue_url'"):
        redrive(queue_url=make_queue().url, everything=True)


def test_settings_come_from_the_section_of_airflow(buried, monkeypatch):
    queue = buried("refused")
    monkeypatch.setenv("AIRFLOW__DZLINEAGE__QUEUE_URL", queue.url)

    assert redrive(everything=True)["sent"] == 1


def test_a_failed_redrive_leaves_its_report(buried, make_queue, monkeypatch):
    queue, instance = buried("refused"), TaskInstance()
    dead_url = queue.dead_letter_queue().url

    with pytest.raises(QueueError, match="SendMessageBatch"):
        redrive(instance, queue_url=queue.url + "-gone", dead_letter_queue_url=dead_url, everything=True)

    assert instance.pushed["return_value"]["matched"] == 1
    assert instance.pushed["return_value"]["sent"] == 0


def test_a_kill_ends_the_redrive_in_order(buried, monkeypatch):
    queue = buried(*(["refused"] * 200))
    operator = operators.RedriveDeadLettersOperator(task_id="redrive", queue_url=queue.url, everything=True)
    send = Queue.send

    def send_and_kill(self, entries):
        operator.on_kill()
        return send(self, entries)

    monkeypatch.setattr(Queue, "send", send_and_kill)

    report = operator.execute({"ti": TaskInstance()})

    assert 0 < report["sent"] < 200
    assert queue.state().backlog == report["sent"]
    assert queue.dead_letter_queue().state().backlog == 200 - report["sent"]
