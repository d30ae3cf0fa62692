import json

import pytest

from airflow_provider_dzlineage.cli import main


@pytest.fixture
def send(make_queue, ministack, tmp_path, monkeypatch):
    """Run the command on a file with this text."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", ministack.endpoint_url)

    def send(queue, text):
        path = tmp_path / "events.jsonl"
        path.write_text(text, encoding="utf-8")
        return main(["send", str(path), "--queue-url", queue.url])

    return send


def test_every_event_of_a_file_is_in_the_queue(send, make_queue, make_event, capsys):
    queue = make_queue()
    events = [make_event(f"job-{number}") for number in range(12)]

    code = send(queue, "\n".join(map(json.dumps, events)))

    assert code == 0
    assert capsys.readouterr().out == "12 events sent, 0 not sent\n"
    assert queue.state().backlog == 12


def test_a_bad_line_is_named_and_the_others_are_sent(send, make_queue, make_event, capsys):
    queue = make_queue()

    code = send(queue, f"{json.dumps(make_event())}\nno event\n{json.dumps(make_event())}")

    output = capsys.readouterr()
    assert code == 1
    assert output.out == "2 events sent, 1 not sent\n"
    assert "events.jsonl:2: not JSON" in output.err
    assert queue.state().backlog == 2


def test_on_a_fifo_queue_the_events_of_a_run_keep_their_order(send, make_queue, make_event):
    queue = make_queue(fifo=True)
    run = {"runId": "0191c0de-0000-7000-8000-000000000001"}

    send(queue, "\n".join(json.dumps(make_event(f"job-{number}", run=run)) for number in range(5)))

    received = queue.receive(wait_seconds=0, visibility_seconds=60)
    assert [json.loads(message.event())["job"]["name"] for message in received] == [
        f"job-{number}" for number in range(5)
    ]


def test_events_are_sent_as_they_are_written(send, make_queue):
    queue = make_queue()
    text = '{\n  "size": 1e999,\n  "name": "\u00fc"\n}'

    assert send(queue, text + "\n") == 0

    (message,) = queue.receive(wait_seconds=0, visibility_seconds=60)
    assert message.event().decode() == text


def test_a_missing_file_is_wrong_usage(make_queue, capsys):
    assert main(["send", "absent.jsonl", "--queue-url", make_queue().url]) == 2
    assert "no such file: absent.jsonl" in capsys.readouterr().err


def test_a_missing_queue_url_names_the_places_to_set_it(capsys):
    assert main(["send", "-"]) == 2
    assert "DZLINEAGE_QUEUE_URL=" in capsys.readouterr().err


def test_a_wrong_queue_url_says_what_to_check(send, ministack, make_queue, make_event, capsys):
    queue = make_queue()
    queue.url += "-wrong"

    assert send(queue, json.dumps(make_event())) == 1
    assert "check the queue's URL" in capsys.readouterr().err
