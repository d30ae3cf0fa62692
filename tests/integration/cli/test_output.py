"""Wherever the output of a process goes, no command ends in a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

FULL = Path("/dev/full")


@pytest.fixture
def events(tmp_path, make_event):
    path = tmp_path / "events.jsonl"
    path.write_text(json.dumps(make_event("load", outputs=[{"namespace": "s3a://b", "name": "ü"}])), encoding="utf-8")
    return str(path)


def run(*arguments, **options):
    command = [sys.executable, "-m", "airflow_provider_dzlineage.cli", *arguments]
    return subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False, **options)


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_what_the_encoding_has_no_character_for_is_escaped(events, encoding):
    environment = os.environ | {"PYTHONIOENCODING": encoding}

    done = run("preview", events, stdout=subprocess.PIPE, env=environment, encoding=encoding)

    assert (done.returncode, done.stderr.strip()) == (0, "")
    assert "\\u2192 s3://b" in done.stdout


@pytest.mark.skipif(not FULL.exists(), reason="only Linux has a device that is always full")
@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_full_disk_is_reported(events, options):
    with FULL.open("w") as full:
        done = run("preview", *options, events, stdout=full)

    assert (done.returncode, done.stderr.strip()) == (1, "error: cannot write: No space left on device")


def test_a_reader_who_goes_is_no_error(events):
    reading, writing = os.pipe()
    os.close(reading)
    done = run("preview", "--json", events, stdout=writing)
    os.close(writing)

    assert (done.returncode, done.stderr.strip()) == (0, "")


def test_a_closed_output_is_no_error(events):
    done = run("preview", events, preexec_fn=lambda: os.close(1))

    assert (done.returncode, done.stderr.strip()) == (0, "")
