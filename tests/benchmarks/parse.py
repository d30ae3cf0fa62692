"""What the forwarding DAG's file costs a DAG processor, over the file of an empty DAG.

``forked`` is what a DAG processor pays on every pass: it has Airflow in memory and forks a child for each file.
``fresh`` is a new interpreter for each file, as ``python dags/dzlineage_forward.py`` on a developer's machine.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
FORWARDING_DAG = ROOT / "dags" / "dzlineage_forward.py"
GOAL_SECONDS = 0.3

EMPTY_DAG = """from datetime import datetime

from airflow import DAG

dag = DAG("empty", schedule=None, start_date=datetime(2024, 1, 1))
"""


def run(runs: int) -> list[dict[str, Any]]:
    """Measure each installed Airflow.

    :param runs: how often each file is read; the figures are medians of interleaved runs.
    :return: a row for each Airflow and way.
    """
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder) / "empty.py"
        empty.write_text(EMPTY_DAG, encoding="utf-8")
        files = [str(FORWARDING_DAG), str(empty)]
        rows = [
            _row(f"parse, forked, {name}", _forked(python, runs, files, folder)) for name, python in _airflows().items()
        ]
        return [*rows, _row("parse, fresh, airflow-3.3.2", _fresh(runs, files, folder))]


def _airflows() -> dict[str, str]:
    beside = sorted((ROOT / "build").glob("airflow-*/bin/python"), reverse=True)
    return {"airflow-3.3.2": sys.executable} | {path.parents[1].name: str(path) for path in beside}


def _forked(python: str, runs: int, files: list[str], home: str) -> list[float]:
    probe = Path(__file__).with_name("_parse_probe.py")
    command = [python, str(probe), str(runs), *files]
    with tempfile.TemporaryFile(mode="w+") as log:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=log, text=True, check=False, env=_variables(home))
        if done.returncode != 0:
            log.seek(0)
            raise RuntimeError(f"{python} could not read the DAG files:\n{log.read()}")
    times = json.loads(done.stdout.splitlines()[-1])
    return [statistics.median(times[file]) for file in files]


def _fresh(runs: int, files: list[str], home: str) -> list[float]:
    times: dict[str, list[float]] = {file: [] for file in files}
    for _ in range(runs):
        for file in files:
            started = time.perf_counter()
            subprocess.run([sys.executable, file], check=True, capture_output=True, env=_variables(home))
            times[file].append(time.perf_counter() - started)
    return [statistics.median(times[file]) for file in files]


def _variables(home: str) -> dict[str, str]:
    own = {"AIRFLOW_HOME": home, "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
    return {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW_")} | own


def _row(name: str, medians: list[float]) -> dict[str, Any]:
    forwarding, empty = medians
    return {
        "name": name,
        "value": forwarding,
        "unit": "s",
        "against": f"empty DAG {empty:.3f} s",
        "ratio": forwarding / empty,
        "goal": f"≤ {GOAL_SECONDS} s more",
        "met": forwarding - empty <= GOAL_SECONDS,
    }
