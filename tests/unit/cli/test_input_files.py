"""What is given as a file may be a pipe or a device too."""

import io
import os
import subprocess
import sys
import threading

import pytest
from rich.console import Console

from airflow_provider_dzlineage.cli.input_files import check_files, read_with, reading_bar
from airflow_provider_dzlineage.errors import ConfigurationError

EVENT = '{"a": 1}\n'


def read(path):
    with reading_bar() as bar:
        lines = list(read_with(bar, str(path)))
        (task,) = bar.tasks
    return [line.event for line in lines], task


def test_a_file_has_a_size(tmp_path):
    path = tmp_path / "events"
    path.write_text(EVENT)

    events, task = read(path)

    assert events == [{"a": 1}]
    assert task.completed == task.total == len(EVENT)


def test_a_pipe_has_none(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_text, args=(EVENT,))
    writer.start()

    check_files([str(path)])
    events, task = read(path)

    writer.join()
    assert events == [{"a": 1}]
    assert task.total is None


def test_the_standard_input_by_its_path():
    code = (
        "from airflow_provider_dzlineage.cli.input_files import *\n"
        "check_files(['/dev/stdin', '-'])\n"
        "with reading_bar() as bar: print([line.place for line in read_with(bar, '/dev/stdin')])"
    )

    done = subprocess.run([sys.executable, "-c", code], input=EVENT, capture_output=True, text=True, check=True)

    assert done.stdout == "['/dev/stdin:1']\n"


def test_what_is_no_file_is_told(tmp_path):
    absent, closed = tmp_path / "absent", tmp_path / "file" / "below"
    (tmp_path / "file").touch()

    for path, problem in [
        (absent, f"no such file: {absent}"),
        (tmp_path, f"a directory, not a file: {tmp_path}"),
        (closed, f"cannot read {closed}: Not a directory"),
    ]:
        with pytest.raises(ConfigurationError) as raised:
            check_files(["-", str(path)])
        assert str(raised.value) == problem


def test_a_name_is_no_markup_and_steers_no_terminal(tmp_path):
    folder = tmp_path / "ev["
    folder.mkdir()
    path = folder / "x]\x1b[31m.jsonl"
    path.touch()
    drawn = io.StringIO()
    bar = reading_bar()
    bar.live.console = Console(file=drawn, force_terminal=True, width=1_000, color_system=None)

    with bar:
        assert list(read_with(bar, str(path))) == []
        bar.refresh()

    assert f"{folder}/x]\\u001b[31m.jsonl holds no event" in drawn.getvalue()
    assert "\x1b[31m" not in drawn.getvalue()
