"""Redrive and drop over a real SQS."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import replace

import pytest

from airflow_provider_dzlineage.buffer.codec import MAX_MESSAGE_BYTES, entry_bytes, fifo_parameters, send_parameters
from airflow_provider_dzlineage.buffer.dead_letter_filter import DlqFilter
from airflow_provider_dzlineage.buffer.dead_letter_queue import DeadLetter, DeadLetterQueue
from airflow_provider_dzlineage.buffer.message import Message
from airflow_provider_dzlineage.buffer.queue import Queue, RefusedEntry
from airflow_provider_dzlineage.buffer.redrive import DlqReport, Drop, Redrive
from airflow_provider_dzlineage.errors import ConfigurationError, QueueError

EVERYTHING = DlqFilter()


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    monkeypatch.setattr("airflow_provider_dzlineage.buffer.dead_letter_scan.POLL_SECONDS", 0)


@pytest.fixture(params=["standard", "fifo"])
def queues(request, make_queue):
    """A buffer and its dead-letter queue."""
    buffer = make_queue(fifo=request.param == "fifo", dead_letters=True)
    return buffer, DeadLetterQueue.of(buffer.dead_letter_queue())


@pytest.fixture
def write_dead_letters(make_event):
    """Write events as dead letters, as the forwarder does; without any, some new ones."""

    def write_dead_letters(queue, *texts, count=0, reason="refused", group=None, event_id=""):
        texts = texts or [json.dumps(make_event(f"job-{number}")) for number in range(count)]
        messages = [
            Message(f"first-{number}-{time.time_ns()}", "", text, None, group or f"run-{number}", 1_767_323_045_678, 3)
            for number, text in enumerate(texts)
        ]
        dead_letters = [
            DeadLetter(message, reason, "no good", "ValidationException", event_id=event_id) for message in messages
        ]
        assert DeadLetterQueue.of(queue).write(dead_letters) == []
        return list(texts)

    return write_dead_letters


class LaterDeadLetterQueue(DeadLetterQueue):
    """A dead-letter queue that is received from a minute later than it is written to."""

    def receive_dead_letters(self, **parameters):
        received = super().receive_dead_letters(**parameters)
        return [replace(dead_letter, received_at=dead_letter.received_at + 60_000) for dead_letter in received]


def receive_all(queue):
    received = []
    while batch := queue.receive(wait_seconds=0, visibility_seconds=60):
        received += batch
        queue.delete(batch)
    return received


def texts_of(messages):
    return sorted(message.text for message in messages)


def run(redrive):
    redrive.run()
    return redrive.report()


def test_a_redriven_dead_letter_is_the_event_as_it_was_first_sent(queues, write_dead_letters):
    buffer, dlq = queues
    (text,) = write_dead_letters(dlq, '{"job": "ñ"}', event_id="event-7")

    assert run(Redrive(dlq, EVERYTHING, buffer)) == DlqReport(examined=1, matched=1, sent=1)

    (message,) = receive_all(buffer)
    assert (message.text, message.encoding) == (text, None)
    assert message.sent_at == 1_767_323_045_678
    assert message.retry_of == "event-7"
    assert message.group == ("run-0" if buffer.is_fifo else None)
    assert dlq.state().backlog == 0


def test_a_packed_event_travels_as_it_is(queues, make_event):
    buffer, dlq = queues
    event = make_event(note="long " * 60_000)
    entry = send_parameters(json.dumps(event), group="run-1" if buffer.is_fifo else None)
    assert list(dlq.send([entry])) == []

    run(Redrive(dlq, EVERYTHING, buffer))

    (message,) = receive_all(buffer)
    assert message.text == entry["MessageBody"]
    assert json.loads(message.event()) == event


def test_the_largest_message_that_sqs_takes_is_sent_again(make_queue, monkeypatch):
    buffer, dlq = make_queue(), DeadLetterQueue.of(make_queue())
    text = "x" * MAX_MESSAGE_BYTES
    assert list(dlq.send([{"MessageBody": text}, {"MessageBody": "small"}])) == []

    # the local SQS is not as strict as SQS
    sizes, send = [], Queue.send
    monkeypatch.setattr(
        Queue, "send", lambda queue, entries: sizes.extend(map(entry_bytes, entries)) or send(queue, entries)
    )

    assert run(Redrive(dlq, EVERYTHING, buffer)).sent == 2

    assert max(sizes) == MAX_MESSAGE_BYTES
    assert texts_of(receive_all(buffer)) == ["small", text]


def test_hundreds_of_dead_letters_are_all_sent_once(queues, write_dead_letters):
    buffer, dlq = queues
    texts = write_dead_letters(dlq, count=520)

    report = run(Redrive(dlq, EVERYTHING, buffer))

    assert report == DlqReport(examined=520, matched=520, sent=520)
    assert texts_of(receive_all(buffer)) == sorted(texts)
    assert dlq.state().backlog == 0


def test_only_what_is_meant_is_sent_and_the_rest_is_there_at_once(queues, write_dead_letters):
    buffer, dlq = queues
    refused, failed = write_dead_letters(dlq, count=15), write_dead_letters(dlq, count=15, reason="processing_failed")

    report = run(Redrive(dlq, DlqFilter(reason="processing_*"), buffer))

    assert report.sent == report.matched
    if not buffer.is_fifo:
        assert report == DlqReport(examined=30, matched=15, sent=15)
        assert texts_of(receive_all(buffer)) == sorted(failed)
        assert texts_of(receive_all(dlq)) == sorted(refused)


def test_what_sqs_moved_itself_is_sent_with_the_group_of_its_run(make_queue, make_event):
    # given a standard dead-letter queue, where nothing says the group
    buffer, dlq = make_queue(fifo=True), DeadLetterQueue.of(make_queue())
    event = make_event()
    assert list(dlq.send([send_parameters(json.dumps(event)), send_parameters("no JSON")])) == []

    report = run(Redrive(dlq, DlqFilter(reason="redrive_policy"), buffer))

    assert report.sent == 2
    groups = {message.text: message.group for message in receive_all(buffer)}
    assert groups[json.dumps(event)] == event["run"]["runId"]
    assert groups["no JSON"]


def test_the_same_event_is_sent_once_and_its_other_dead_letters_are_deleted(make_queue, write_dead_letters):
    # given dead letters that are clearly older than the redrive, for only such ones count as duplicates
    buffer, dlq = make_queue(), LaterDeadLetterQueue.of(make_queue())
    write_dead_letters(dlq, '{"a": 1}', *['{"b": 2}'] * 24)

    report = run(Redrive(dlq, EVERYTHING, buffer))

    assert report == DlqReport(examined=25, matched=25, sent=2, duplicates=23)
    assert texts_of(receive_all(buffer)) == ['{"a": 1}', '{"b": 2}']
    assert dlq.state().backlog == 0


def test_retries_of_two_failed_posts_are_two_requests(queues, write_dead_letters):
    buffer, dlq = queues
    write_dead_letters(dlq, '{"a": 1}', event_id="event-1")
    write_dead_letters(dlq, '{"a": 1}', event_id="event-2", group="run-other")

    assert run(Redrive(dlq, EVERYTHING, buffer)).sent == 2

    assert {message.retry_of for message in receive_all(buffer)} == {"event-1", "event-2"}


def test_a_dead_letter_that_comes_back_while_the_redrive_runs_is_kept(queues, write_dead_letters):
    """The forwarder may refuse again what the redrive has just sent: that dead letter is then the event's only copy."""
    buffer, dlq = queues
    (text,) = write_dead_letters(dlq, '{"a": 1}')
    redrive = Redrive(dlq, EVERYTHING, buffer)
    comebacks = iter([text])

    def forward(report, total):
        if message := next(comebacks, None):
            assert len(receive_all(buffer)) == 1
            write_dead_letters(dlq, message)

    redrive.run(forward)

    assert redrive.report() == DlqReport(examined=2, matched=2, sent=1, failed_again=1)
    assert redrive.report().needs_a_look
    assert texts_of(receive_all(dlq)) == [text]


@pytest.mark.parametrize("reason", ["not_json", "undecodable", "not_an_event", "too_large"])
def test_what_cannot_pass_unchanged_stays_unless_it_is_asked_for(queues, write_dead_letters, reason):
    buffer, dlq = queues
    write_dead_letters(dlq, '{"a": 1}', reason=reason)

    assert run(Redrive(dlq, DlqFilter(newer_than=1e12), buffer, limit=1)) == DlqReport(examined=1, not_redrivable=1)
    assert dlq.state().backlog == 1
    assert run(Redrive(dlq, DlqFilter(reason=reason), buffer)).sent == 1
    assert len(receive_all(buffer)) == 1


def test_a_dry_run_counts_and_changes_nothing(queues, write_dead_letters):
    buffer, dlq = queues
    write_dead_letters(dlq, count=12)

    assert run(Redrive(dlq, EVERYTHING, buffer, dry_run=True)) == DlqReport(
        examined=12, matched=12, sent=12, dry_run=True
    )
    assert run(Drop(dlq, EVERYTHING, dry_run=True)).dropped == 12
    assert (buffer.state().backlog, dlq.state().backlog) == (0, 12)


def test_a_limit_is_the_number_of_dead_letters_that_are_sent(queues, write_dead_letters):
    buffer, dlq = queues
    write_dead_letters(dlq, count=30)

    assert run(Redrive(dlq, EVERYTHING, buffer, limit=13)).sent == 13

    assert (buffer.state().backlog, dlq.state().backlog) == (13, 17)


def test_what_the_buffer_refuses_stays(queues, write_dead_letters, monkeypatch):
    buffer, dlq = queues
    write_dead_letters(dlq, count=10)
    send = Queue.send

    def refuse_the_third(queue, entries):
        entries = list(entries)
        yield from send(queue, entries[:2] + entries[3:])
        yield RefusedEntry(2, "InternalError")

    monkeypatch.setattr(Queue, "send", refuse_the_third)

    report = run(Redrive(dlq, EVERYTHING, buffer))

    assert report == DlqReport(examined=10, matched=10, sent=9, refused=1)
    assert (buffer.state().backlog, dlq.state().backlog) == (9, 1)


def test_an_interruption_between_send_and_delete_loses_nothing(queues, write_dead_letters, monkeypatch):
    buffer, dlq = queues
    texts = write_dead_letters(dlq, count=30)
    redrive = Redrive(dlq, EVERYTHING, buffer)

    def interrupt(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(DeadLetterQueue, "delete", interrupt)
        with pytest.raises(KeyboardInterrupt):
            redrive.run()
    assert dlq.state().backlog == 30
    assert run(Redrive(dlq, EVERYTHING, buffer)).sent == 30

    arrived = texts_of(receive_all(buffer))
    assert sorted(set(arrived)) == sorted(texts)
    # within five minutes a FIFO queue swallows what is sent again
    assert len(arrived) == (30 if buffer.is_fifo else 40)


def test_a_buffer_that_does_not_answer_ends_the_redrive_and_everything_is_back(queues, write_dead_letters):
    buffer, dlq = queues
    write_dead_letters(dlq, count=12)
    gone = buffer.sibling(buffer.url.replace(".fifo", "") + "-gone" + (".fifo" if buffer.is_fifo else ""))

    with pytest.raises(QueueError, match="SendMessageBatch"):
        Redrive(dlq, EVERYTHING, gone).run()

    assert len(receive_all(dlq)) == 12


def test_a_stop_ends_in_order_with_a_true_report(queues, write_dead_letters):
    buffer, dlq = queues
    write_dead_letters(dlq, count=40)
    stop = threading.Event()
    redrive = Redrive(dlq, EVERYTHING, buffer, stop=stop)

    redrive.run(lambda report, total: stop.set() if report.sent >= 20 else None)

    assert redrive.report().sent == 20
    assert (buffer.state().backlog, dlq.state().backlog) == (20, 20)
    assert len(receive_all(dlq)) == 20


def test_a_drop_deletes_what_is_meant_and_nothing_else(queues, write_dead_letters):
    _, dlq = queues
    write_dead_letters(dlq, count=20)
    write_dead_letters(dlq, "no JSON", reason="not_json", group="another")

    assert run(Drop(dlq, DlqFilter(reason="not_json"))) == DlqReport(examined=21, matched=1, dropped=1)

    assert dlq.state().backlog == 20


def test_one_queue_for_both_is_wrong_configuration(make_queue):
    queue = make_queue()

    with pytest.raises(ConfigurationError, match="the same queue"):
        Redrive(DeadLetterQueue.of(queue), EVERYTHING, queue)


def test_a_group_that_sqs_would_not_take_is_hashed_as_the_transport_does(make_queue, make_event):
    buffer, dlq = make_queue(fifo=True), DeadLetterQueue.of(make_queue())
    event = make_event(run={}, job={"namespace": "with space", "name": "ñ"})
    assert list(dlq.send([send_parameters(json.dumps(event))])) == []

    run(Redrive(dlq, EVERYTHING, buffer))

    (message,) = receive_all(buffer)
    assert message.group == fifo_parameters("with space.ñ", deduplicate_by="")["MessageGroupId"]
