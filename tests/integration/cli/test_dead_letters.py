"""The commands against a real SQS and the DataZone emulator, as a shell runs them."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time

import pytest

from airflow_provider_dzlineage.buffer.codec import send_parameters
from airflow_provider_dzlineage.buffer.dead_letter_queue import DeadLetter, DeadLetterQueue, find_dead_letter_queue
from airflow_provider_dzlineage.buffer.message import Message
from airflow_provider_dzlineage.catalog.client import Catalog
from airflow_provider_dzlineage.catalog.reconciliation import Reconciliation
from airflow_provider_dzlineage.cli import main
from airflow_provider_dzlineage.settings.site import Settings
from tests.fixtures.waiting import eventually

PROGRAM = [sys.executable, "-m", "airflow_provider_dzlineage.cli", "dead-letters"]


@pytest.fixture(autouse=True)
def _settings(monkeypatch, ministack):
    monkeypatch.setenv("AWS_ENDPOINT_URL", ministack.endpoint_url)
    monkeypatch.setattr("airflow_provider_dzlineage.buffer.dead_letter_scan.POLL_SECONDS", 0)


@pytest.fixture
def buffer(make_queue, monkeypatch):
    """The buffer that the settings name; its redrive policy names its dead-letter queue."""
    queue = make_queue(dead_letters=True)
    monkeypatch.setenv("DZLINEAGE_QUEUE_URL", queue.url)
    return queue


@pytest.fixture
def dlq(buffer):
    return buffer.dead_letter_queue()


@pytest.fixture
def write_dead_letter(dlq, make_event):
    """Write an event as a dead letter, as the forwarder does, and return it."""
    count = iter(range(10_000))

    def write_dead_letter(job="load", reason="refused", *, text=None, age=7200, **changes):
        event = make_event(job)
        sent_at = int((time.time() - age) * 1000)
        message = Message(f"first-{next(count)}", "", text or json.dumps(event), None, None, sent_at, 3)
        code = "ValidationException" if reason == "refused" else ""
        dead_letter = DeadLetter(message, reason, "The reason in a sentence", code, **changes)
        assert DeadLetterQueue.of(dlq).write([dead_letter]) == []
        return event

    return write_dead_letter


@pytest.fixture
def dead_letters(capsys):
    """Run the command and return its exit code, its output and what it says beside."""

    def dead_letters(*arguments):
        code = main(["dead-letters", *arguments])
        output = capsys.readouterr()
        return code, output.out, output.err

    return dead_letters


def jobs_in_order(queue):
    messages = []
    while batch := queue.receive(wait_seconds=0, visibility_seconds=60):
        messages += batch
    return [json.loads(message.event())["job"]["name"] for message in messages]


def jobs_in(queue):
    return sorted(jobs_in_order(queue))


def test_list_is_a_line_a_dead_letter_and_a_count_by_reason(dead_letters, write_dead_letter):
    write_dead_letter("load")
    write_dead_letter("load-2", age=330)
    write_dead_letter(text="no JSON\t\x85", reason="not_json")

    code, output, _ = dead_letters("list")

    assert code == 0
    header, *rows = [line.split("\t") for line in output.split("\n\n")[0].splitlines()]
    assert header == ["ID", "AGE", "REASON", "ERROR CODE", "JOB", "DETAIL"]
    assert sorted(row[1:] for row in rows) == [
        ["2h", "not_json", "", "", "The reason in a sentence"],
        ["2h", "refused", "ValidationException", "tests.load", "The reason in a sentence"],
        ["6m", "refused", "ValidationException", "tests.load-2", "The reason in a sentence"],
    ]
    assert output.endswith("\ndead letters: 3\n  refused: 2\n  not_json: 1\n")


def test_list_as_json_is_a_line_a_dead_letter(dead_letters, write_dead_letter, dlq):
    write_dead_letter("load", request_id="request-1", event_id="event-1")

    _, output, _ = dead_letters("list", "--json")

    (line,) = map(json.loads, output.splitlines())
    (message,) = dlq.receive(wait_seconds=0, visibility_seconds=0)
    assert line["id"] == message.id
    assert (line["reason"], line["job"], line["message_id"]) == ("refused", "tests.load", "first-0")
    assert (line["request_id"], line["event_id"], line["receive_count"]) == ("request-1", "event-1", 3)
    assert line["sent_at"] < line["written_at"]
    assert "event" not in line


def test_filters_narrow_the_list(dead_letters, write_dead_letter):
    write_dead_letter("load", "refused")
    write_dead_letter("load", "processing_failed", age=0)
    write_dead_letter("report", "processing_failed")

    def listed(*filters):
        lines = dead_letters("list", "--json", *filters)[1].splitlines()
        return sorted((line["job"], line["reason"]) for line in map(json.loads, lines))

    assert listed("--reason", "proc*", "--older-than", "1h") == [("tests.report", "processing_failed")]
    assert listed("--newer-than", "1h") == [("tests.load", "processing_failed")]
    assert listed("--job", "*.load", "--error-code", "Val*") == [("tests.load", "refused")]
    assert listed("--namespace", "other") == []
    assert len(listed("--limit", "2")) == 2


def test_show_prints_what_is_known_and_the_event(dead_letters, write_dead_letter, dlq):
    event = write_dead_letter("load")
    write_dead_letter("other")

    code, output, _ = dead_letters("show", "first-0")

    known, text = output.split("\n{", 1)
    assert code == 0
    assert "reason: refused\n" in known
    assert "job: tests.load\n" in known
    assert json.loads("{" + text) == event


def test_show_unpacks_an_event(dead_letters, dlq, make_event):
    event = make_event(note="long " * 60_000)
    assert list(dlq.send([send_parameters(json.dumps(event))])) == []

    _, output, _ = dead_letters("show", "--reason", "redrive_policy", "--json")

    shown = json.loads(output)
    assert shown["event"] == event
    assert shown["content_encoding"] == "gzip+base64"


@pytest.mark.parametrize("text", ["no JSON \x85", "[" * 3000 + "]" * 3000, "[" * 100_000, '"\\ud800 \\u001b[31m"'])
def test_show_survives_any_body_and_obeys_none(dead_letters, write_dead_letter, text):
    write_dead_letter(text=text, reason="not_json")

    for flags in ([], ["--json"]):
        code, output, _ = dead_letters("show", "--all", *flags)

        assert code == 0
        output.encode("utf-8")
        assert not set(output) & {"\x1b", "\x85"}


def test_show_says_which_id_is_not_there(dead_letters, write_dead_letter):
    write_dead_letter()

    code, _, said = dead_letters("show", "first-0", "absent")

    assert code == 1
    assert "no dead letter absent" in said
    assert "first-0" not in said


@pytest.mark.parametrize("command", ["show", "redrive", "drop"])
def test_every_dead_letter_is_never_meant_by_saying_nothing(dead_letters, write_dead_letter, dlq, command):
    write_dead_letter()

    code, _, said = dead_letters(command)
    both = dead_letters(command, "--all", "--job", "*")

    assert (code, both[0]) == (2, 2)
    assert "--all" in said
    assert dlq.state().backlog == 1


def test_redrive_reports_what_became_of_each(dead_letters, write_dead_letter, buffer, dlq):
    write_dead_letter("good")
    write_dead_letter(text="no JSON", reason="not_json")
    write_dead_letter("other", "processing_failed", age=0)

    code, output, said = dead_letters("redrive", "--older-than", "1h")

    assert (code, output) == (0, "examined 3, matched 1: sent 1, not redrivable 1\n")
    assert "--reason asks for them" in said
    assert jobs_in(buffer) == ["good"]
    assert dlq.state().backlog == 2


def test_redrive_as_json_and_dry(dead_letters, write_dead_letter, buffer):
    write_dead_letter()

    code, output, _ = dead_letters("redrive", "--all", "--dry-run", "--json")

    report = json.loads(output)
    assert (code, report["matched"], report["sent"], report["dry_run"]) == (0, 1, 1, True)
    assert buffer.state().backlog == 0


def test_the_dead_letter_queue_alone_is_enough_to_look_and_to_drop(dead_letters, write_dead_letter, dlq, monkeypatch):
    write_dead_letter()
    monkeypatch.delenv("DZLINEAGE_QUEUE_URL")
    url = ["--dead-letter-queue-url", dlq.url]

    assert "dead letters: 1\n" in dead_letters("list", *url)[1]
    assert dead_letters("redrive", "--all", *url)[0] == 2
    assert dead_letters("drop", "--all", "--yes", *url)[1] == "examined 1, matched 1: dropped 1\n"


def test_without_any_dead_letter_queue_the_setting_is_named(dead_letters, make_queue):
    code, _, said = dead_letters("list", "--queue-url", make_queue().url)

    assert code == 2
    assert "dead_letter_queue_url" in said


def test_drop_without_a_terminal_asks_for_yes(dead_letters, write_dead_letter, dlq, monkeypatch):
    write_dead_letter()
    monkeypatch.setattr("sys.stdin", open(os.devnull))  # noqa: SIM115, PTH123

    code, _, said = dead_letters("drop", "--all")

    assert code == 2
    assert "--yes" in said
    assert dlq.state().backlog == 1


@pytest.mark.parametrize(("answer", "left"), [("y\n", 1), ("n\n", 2), ("\n", 2), ("\x04", 2)])
def test_drop_at_a_terminal_asks_first(write_dead_letter, dlq, answer, left):
    write_dead_letter("load")
    write_dead_letter("keep")
    ours, theirs = pty.openpty()

    os.write(ours, answer.encode())
    done = subprocess.run(
        [*PROGRAM, "drop", "--job", "*.load"], stdin=theirs, capture_output=True, text=True, timeout=30, check=True
    )

    assert "Delete 1 dead letters for good?" in done.stderr
    assert dlq.state().backlog == left


@pytest.mark.parametrize("width", [80, 200])
def test_a_terminal_gets_a_table_that_cuts_nothing_off(write_dead_letter, dlq, width):
    write_dead_letter("load[bold]", "processing_failed")
    (message,) = dlq.receive(wait_seconds=0, visibility_seconds=0)
    ours, theirs = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(width), "TERM": "xterm"}

    subprocess.run([*PROGRAM, "list"], stdout=theirs, env=environment, timeout=30, check=True)

    table = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", os.read(ours, 65536).decode())
    assert message.id in table
    assert "…" not in table
    assert (width == 80) != ("processing_failed  " in table and "tests.load[bold]" in table)
    assert max(map(len, table.splitlines())) <= width


def test_a_wrong_age_is_wrong_usage(dead_letters, buffer):
    code, _, said = dead_letters("list", "--older-than", "yesterday")

    assert code == 2
    assert "'2h'" in said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_redrive_ends_in_order_with_its_report(write_dead_letter, buffer, dlq, number):
    for job in range(300):
        write_dead_letter(f"job-{job}")
    process = subprocess.Popen([*PROGRAM, "redrive", "--all", "--json"], stdout=subprocess.PIPE, text=True)
    eventually(lambda: buffer.state().backlog, every=0.01)

    process.send_signal(number)

    output, _ = process.communicate(timeout=30)
    report = json.loads(output)
    assert process.returncode == 130
    assert 0 < report["sent"] < 300
    assert (buffer.state().backlog, dlq.state().backlog) == (report["sent"], 300 - report["sent"])
    assert sorted(jobs_in(buffer) + jobs_in(dlq)) == sorted(f"job-{job}" for job in range(300))


@pytest.mark.parametrize("fifo", [False, True])
def test_a_killed_redrive_loses_nothing(dead_letters, make_queue, make_event, monkeypatch, wait_until_visible, fifo):
    buffer = make_queue(fifo=fifo, dead_letters=True)
    dlq = buffer.dead_letter_queue()
    monkeypatch.setenv("DZLINEAGE_QUEUE_URL", buffer.url)
    jobs = [f"job-{number:03}" for number in range(300)]
    messages = [Message(job, "", json.dumps(make_event(job)), None, f"run-{job[:-1]}", 1, 1) for job in jobs]
    assert DeadLetterQueue.of(dlq).write([DeadLetter(message, "refused") for message in messages]) == []
    code = (
        "import sys\n"
        "from airflow_provider_dzlineage import cli\n"
        "from airflow_provider_dzlineage.buffer import dead_letter_scan\n"
        "dead_letter_scan.SCAN_VISIBILITY_SECONDS = -1\n"
        "sys.exit(cli.main(['dead-letters', 'redrive', '--all']))\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.DEVNULL)
    eventually(lambda: buffer.state().backlog, every=0.01)

    process.kill()
    process.wait()
    left = dlq.state().backlog
    wait_until_visible(dlq)
    code, _, _ = dead_letters("redrive", "--all")

    # all of them when it was killed before its first deletion
    assert left > 0
    assert (code, dlq.state().backlog) == (0, 0)
    arrived = jobs_in_order(buffer)
    assert sorted(set(arrived)) == jobs
    # what was sent twice was swallowed by the FIFO queue
    assert not fifo or arrived == jobs


def test_a_reader_that_goes_away_ends_a_listing_quietly(write_dead_letter, dlq):
    for job in range(30):
        write_dead_letter(f"job-{job}")
    process = subprocess.Popen(
        [*PROGRAM, "list", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1
    )
    process.stdout.close()

    assert process.wait(timeout=30) == 0
    assert process.stderr.read() == ""
    assert len(dlq.receive(wait_seconds=0, visibility_seconds=0)) == 10


def test_the_whole_loop_from_a_failed_event_to_the_graph(
    dead_letters, buffer, dlq, make_event, datazone_emulator, datazone_client, set_faults, monkeypatch, capsys
):
    monkeypatch.setenv("AWS_ENDPOINT_URL_DATAZONE", datazone_emulator.endpoint_url)
    monkeypatch.setenv("DZLINEAGE_DOMAIN_ID", "dzd_local")
    assert list(buffer.send([send_parameters(json.dumps(make_event()))])) == []
    set_faults(fail=1)
    assert main(["forward"]) == 0
    catalog = Catalog(datazone_client, "dzd_local")
    Reconciliation(catalog, find_dead_letter_queue(buffer, None), Settings()).run()
    set_faults()
    assert main(["graph", "tests.load"]) == 1
    capsys.readouterr()

    assert dead_letters("redrive", "--reason", "processing_failed")[1] == "examined 1, matched 1: sent 1\n"
    assert main(["forward"]) == 0

    capsys.readouterr()
    assert main(["graph", "tests.load"]) == 0
    assert "s3://lake/clean/orders" in capsys.readouterr().out
    assert (buffer.state().backlog, dlq.state().backlog) == (0, 0)


def test_what_is_refused_again_is_a_dead_letter_again(
    dead_letters, write_dead_letter, buffer, dlq, datazone_emulator, monkeypatch, capsys
):
    monkeypatch.setenv("AWS_ENDPOINT_URL_DATAZONE", datazone_emulator.endpoint_url)
    monkeypatch.setenv("DZLINEAGE_DOMAIN_ID", "dzd_local")
    write_dead_letter(text='{"not": "an event"}', reason="not_an_event")
    before = json.loads(dead_letters("list", "--json")[1])

    assert dead_letters("redrive", "--reason", "not_an_event")[0] == 0
    assert main(["forward"]) == 1

    capsys.readouterr()
    after = json.loads(dead_letters("list", "--json")[1])
    assert buffer.state().backlog == 0
    assert after["id"] != before["id"]
    assert (after["reason"], after["sent_at"]) == ("not_an_event", before["sent_at"])
