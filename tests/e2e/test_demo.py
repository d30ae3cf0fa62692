"""The demo as a program: it ends in order, however it is interrupted, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from airflow_provider_dzlineage.errors import DzLineageError
from tests.fixtures.waiting import eventually
from tools.airflow.runner import Airflow

pytestmark = pytest.mark.timeout(300)

ROOT = Path(__file__).parents[2]


def demo_command(home):
    return [sys.executable, "-m", "tools.demo", "--home", str(home)]


def notice_signals():
    """Undo what nohup does, and a shell to what it starts in the background: such a demo would rightly live on."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


@contextmanager
def demo(home):
    """A demo that runs, and its output as lines."""
    process = subprocess.Popen(
        demo_command(home),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
        preexec_fn=notice_signals,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            process.communicate(timeout=60)


def read_until(process, words):
    for line in process.stdout:
        if words in line:
            return
    raise AssertionError(f"the demo ended before it said {words!r}")


def processes_in(home):
    """What works in a folder or below it, or has its ``AIRFLOW_HOME`` there."""
    found = []
    for process in psutil.process_iter():
        try:
            if Path(process.cwd()).is_relative_to(home) or str(home) in str(process.environ().get("AIRFLOW_HOME")):
                found.append(process)
        except psutil.Error:
            continue
    return found


@pytest.mark.parametrize(
    ("moment", "signals"),
    [
        pytest.param("starting the embedded AWS", [signal.SIGTERM], id="terminated at the start"),
        pytest.param("creating the database", [signal.SIGHUP], id="hung up before Airflow runs"),
        pytest.param("the pipeline runs", [signal.SIGINT, signal.SIGINT], id="ctrl-c twice in the middle"),
    ],
)
def test_an_interrupt_stops_everything(tmp_path, moment, signals):
    with demo(tmp_path) as process:
        read_until(process, moment)
        children = psutil.Process(process.pid).children(recursive=True)

        for number in signals:
            process.send_signal(number)

        output, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "everything is stopped" in output
    assert not [child for child in children if child.is_running()]
    assert not processes_in(tmp_path)


def test_a_second_demo_in_the_same_folder_is_refused(tmp_path):
    with demo(tmp_path) as process:
        read_until(process, "starting the embedded AWS")

        second = subprocess.run(demo_command(tmp_path), cwd=ROOT, capture_output=True, text=True, timeout=60)

    assert second.returncode == 1
    assert "another demo runs in" in second.stdout


def test_what_a_killed_run_left_behind_is_ended_by_the_next_one_which_names_a_component_that_dies(tmp_path):
    home = tmp_path / "home"
    with Airflow(Path(sys.prefix), home, [], {}):
        left_behind = processes_in(home)
        assert left_behind

        with Airflow(Path(sys.prefix), home, [], {}) as airflow:
            assert not [process for process in left_behind if process.is_running()]

            for process in processes_in(home):
                if "dag-processor" in process.cmdline():
                    process.kill()
            with pytest.raises(DzLineageError, match=r"the dag-processor of Airflow ended.*dag-processor\.log"):
                eventually(airflow.check)

        assert not processes_in(home)
