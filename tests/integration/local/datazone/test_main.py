"""The emulator as a process of its own."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from contextlib import contextmanager

import boto3
import pytest
from botocore.config import Config

from airflow_provider_dzlineage.local.datazone import DataZoneEmulator

COMMAND = [sys.executable, "-m", "airflow_provider_dzlineage.local.datazone"]


@contextmanager
def running(*arguments):
    """The process and its URL."""
    process = subprocess.Popen([*COMMAND, "--port", "0", *arguments], stdout=subprocess.PIPE, text=True)
    try:
        yield process, re.search(r"http://[\d.:]+", process.stdout.readline())[0]
    finally:
        process.kill()
        process.wait()


def refused(*arguments):
    """(exit code, message) of a start that fails."""
    done = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_cleanly_on_a_signal(number):
    with running() as (process, _):
        process.send_signal(number)

        assert process.wait(timeout=20) == 0


def test_flags_are_faults(make_event):
    with running("--throttle", "1", "--domain-id", "dzd-mine") as (_, url):
        client = boto3.client("datazone", endpoint_url=url, config=Config(retries={"total_max_attempts": 1}))

        with pytest.raises(client.exceptions.ThrottlingException):
            client.post_lineage_event(domainIdentifier="dzd-mine", event=json.dumps(make_event()).encode())


def test_what_it_has_accepted_survives_its_sudden_death(tmp_path, make_event):
    state = ("--state", str(tmp_path / "state.sqlite"), "--rate", "inf", "--processing-seconds", "0")
    with running(*state) as (_, url):
        client = boto3.client("datazone", endpoint_url=url)
        event = json.dumps(make_event()).encode()
        event_id = client.post_lineage_event(domainIdentifier="dzd_local", event=event, clientToken="t")["id"]
    with running(*state) as (_, url):
        client = boto3.client("datazone", endpoint_url=url)

        found = client.get_lineage_event(domainIdentifier="dzd_local", identifier=event_id)
        again = client.post_lineage_event(domainIdentifier="dzd_local", event=event, clientToken="t")

        assert (found["event"].read(), found["processingStatus"]) == (event, "SUCCESS")
        assert again["id"] == event_id


def test_what_keeps_it_from_starting_is_said_in_a_line(tmp_path):
    other = tmp_path / "notes.txt"
    other.write_text("not a database, and long enough to be taken for one" * 20)
    with DataZoneEmulator() as emulator:
        taken = refused("--port", str(emulator.port))

    messages = {
        "is in use": taken,
        "port 99999 cannot be used": refused("--port", "99999"),
        str(other): refused("--port", "0", "--state", str(other)),
        "unable to open": refused("--port", "0", "--state", str(tmp_path / "absent" / "x.sqlite")),
        "'nonsense' is no domain id": refused("--port", "0", "--domain-id", "nonsense"),
    }

    for words, (code, message) in messages.items():
        assert (code, len(message.splitlines())) == (1, 1), message
        assert words in message
    assert refused("--throttle", "2")[0] == 2
