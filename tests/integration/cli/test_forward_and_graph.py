"""The commands against a real SQS and the DataZone emulator, as a shell runs them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

from airflow_provider_dzlineage.cli import main
from tests.fixtures.waiting import eventually

DOMAIN = "dzd_local"


@pytest.fixture(autouse=True)
def _settings(monkeypatch, ministack, datazone_emulator):
    monkeypatch.setenv("AWS_ENDPOINT_URL", ministack.endpoint_url)
    monkeypatch.setenv("AWS_ENDPOINT_URL_DATAZONE", datazone_emulator.endpoint_url)
    monkeypatch.setenv("DZLINEAGE_DOMAIN_ID", DOMAIN)
    monkeypatch.setenv("DZLINEAGE_RATE", "unlimited")


@pytest.fixture
def filled(make_queue, monkeypatch, tmp_path):
    """A queue with these events in it, which the settings name."""

    def fill(*events, **attributes):
        queue = make_queue(**attributes)
        monkeypatch.setenv("DZLINEAGE_QUEUE_URL", queue.url)
        path = tmp_path / "events.jsonl"
        path.write_text("\n".join(map(json.dumps, events)))
        assert main(["send", str(path)]) == 0
        return queue

    return fill


def test_the_corpus_goes_through(filled, corpus, capsys, datazone_client):
    filled(*corpus)
    capsys.readouterr()

    assert main(["forward", "--once", "--json", "--skip-empty", "false"]) == 0

    report = json.loads(capsys.readouterr().out)
    assert report["received"] == report["posted"] == len(corpus)
    pages = datazone_client.get_paginator("list_lineage_events").paginate(domainIdentifier=DOMAIN)
    assert sum(len(page["items"]) for page in pages) == len(set(map(json.dumps, corpus)))


def test_of_the_corpus_a_third_is_posted_when_runs_are_merged(filled, corpus, capsys):
    filled(*corpus)
    capsys.readouterr()

    assert main(["forward", "--once", "--json", "--merge", "always", "--rate", "20"]) == 0

    report = json.loads(capsys.readouterr().out)
    assert report["received"] == len(corpus) == report["posted"] + report["merged"] + report["skipped"]
    assert report["posted"] <= 0.35 * len(corpus)
    assert report["reasons"] == {"draws_nothing": 30}


def test_what_needs_a_look_is_exit_code_1_with_the_reason(filled, make_event, capsys):
    filled({"not": "an event"}, make_event(), dead_letters=True)

    assert main(["forward"]) == 1

    assert "not_an_event: 1" in capsys.readouterr().out


def test_a_missing_domain_is_wrong_configuration(filled, make_event, monkeypatch, capsys):
    filled(make_event())
    monkeypatch.delenv("DZLINEAGE_DOMAIN_ID")

    assert main(["forward"]) == 2

    assert "[dzlineage] domain_id =" in capsys.readouterr().err


def test_an_unknown_domain_says_what_to_check_and_still_reports(filled, make_event, monkeypatch, capsys):
    queue = filled(make_event())
    monkeypatch.setenv("DZLINEAGE_DOMAIN_ID", "dzd_absent")
    capsys.readouterr()

    assert main(["forward", "--json"]) == 1

    output = capsys.readouterr()
    assert json.loads(output.out)["reasons"] == {"ResourceNotFoundException": 1}
    assert "check the setting 'domain_id'" in output.err
    assert queue.state().backlog == 1


@pytest.mark.parametrize("mode", ["--once", "--follow"])
def test_ctrl_c_ends_in_order_with_the_report(filled, make_event, mode):
    queue = filled(*(make_event(f"job-{number}") for number in range(40)))
    command = [sys.executable, "-m", "airflow_provider_dzlineage.cli", "forward", mode, "--json", "--rate", "5"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ.copy()
    )
    eventually(lambda: queue.state().backlog < 40)

    process.send_signal(signal.SIGINT)

    output, _ = process.communicate(timeout=30)
    report = json.loads(output)
    assert process.returncode == 130
    assert report["posted"] >= 1
    assert report["released"] == report["received"] - report["posted"]
    assert report["backlog"] == 40 - report["posted"]
    assert len(queue.receive(wait_seconds=0, visibility_seconds=1)) == 10


def test_a_killed_drain_loses_nothing_and_posts_nothing_twice(filled, make_event, datazone_client, wait_until_visible):
    queue = filled(*(make_event(f"job-{number}") for number in range(30)))
    code = (
        "import sys\n"
        "from airflow_provider_dzlineage import cli\n"
        "from airflow_provider_dzlineage.buffer import in_flight\n"
        "in_flight.VISIBILITY_SECONDS = 4\n"
        "sys.exit(cli.main(['forward', '--rate', '10']))\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    eventually(lambda: datazone_client.list_lineage_events(domainIdentifier=DOMAIN)["items"])

    process.kill()
    process.wait()
    left = queue.state().backlog
    wait_until_visible(queue)
    assert main(["forward"]) == 0

    assert left > 0
    pages = datazone_client.get_paginator("list_lineage_events").paginate(domainIdentifier=DOMAIN)
    runs = [item["eventSummary"]["openLineageRunEventSummary"] for page in pages for item in page["items"]]
    assert sorted(run["job"]["name"] for run in runs) == sorted(f"job-{number}" for number in range(30))


def test_the_graph_is_a_tree_and_json(filled, make_event, capsys):
    filled(make_event(), make_event("report", inputs=[{"namespace": "s3://lake", "name": "clean/orders"}], outputs=[]))
    main(["forward"])
    capsys.readouterr()

    assert main(["graph", "s3://lake/clean/orders"]) == 0
    tree = capsys.readouterr().out
    assert main(["graph", "s3://lake/clean/orders", "--json", "--depth", "1"]) == 0
    graph = json.loads(capsys.readouterr().out)

    assert tree.splitlines()[0] == "s3://lake/clean/orders dataset"
    assert "made from" in tree
    assert "s3://lake/raw/orders dataset" in tree
    assert "tests.report job" in tree
    names = {node["id"]: node["sourceIdentifier"] for node in graph["nodes"]}
    edges = {(names[edge["source"]], names[edge["target"]]) for edge in graph["edges"]}
    assert edges == {("tests.load", "s3://lake/clean/orders"), ("s3://lake/clean/orders", "tests.report")}


def test_a_node_that_is_not_there_is_said_so(capsys):
    assert main(["graph", "absent"]) == 1

    output = capsys.readouterr().err
    assert "There is no such lineage node" in output
    assert "dzlineage preview" in output
