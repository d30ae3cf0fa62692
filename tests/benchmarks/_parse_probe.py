"""Run by the interpreter of an Airflow: times the import of DAG files as its DAG processor does it.

A DAG processor imports Airflow once and forks a child for each file. This does the same: the parent imports what the
processor imports, and each child of its own fork reads one file into a `DagBag` and reports the seconds.

Usage: ``_parse_probe.py RUNS FILE...``; prints one JSON object: file to list of seconds.
"""

from __future__ import annotations

import json
import os
import sys
import time

import airflow.dag_processing.manager  # noqa: F401  # the parent of every parsing process has it in memory

try:
    from airflow.dag_processing.dagbag import DagBag
except ImportError:  # Airflow 2
    from airflow.models.dagbag import DagBag


def seconds_in_a_fork(file: str) -> float:
    """Return the seconds that a forked child needs to read a DAG file.

    :raises RuntimeError: when the file did not give exactly one DAG.
    """
    read_end, write_end = os.pipe()
    started = time.perf_counter()
    if os.fork() == 0:
        bag = DagBag(file)
        answer = {"seconds": time.perf_counter() - started, "dags": len(bag.dags), "errors": bag.import_errors}
        os.write(write_end, json.dumps(answer).encode())
        os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end) as pipe:
        answer = json.load(pipe)
    os.wait()
    if answer["dags"] != 1:
        raise RuntimeError(f"{file}: {answer['dags']} DAGs, {answer['errors']}")
    return float(answer["seconds"])


runs, *files = sys.argv[1:]
times: dict[str, list[float]] = {file: [] for file in files}
for _ in range(int(runs)):
    for file in files:
        times[file].append(seconds_in_a_fork(file))
print(json.dumps(times))
