"""End the processes of one Airflow, the ones that left their parent included."""

from __future__ import annotations

import os
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

import psutil

_STOP_SECONDS = 10


def end_processes_of(home: Path, sessions: Collection[int] = ()) -> None:
    """End the processes of one Airflow, first politely.

    A process is one of them when its ``AIRFLOW_HOME`` is this one, or when it is in one of the sessions: some
    components change their title, which overwrites what the system tells of their environment. Of a run that was
    killed the sessions are unknown, so there a process without an environment that works in the home is one as well.

    :param home: absolute path of a home that is private to one :class:`Airflow`.
    :param sessions: ids of sessions that only its processes are in.
    """
    for end in (psutil.Process.terminate, psutil.Process.kill):
        processes = [process for process in psutil.process_iter() if _belongs(process, str(home), sessions)]
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                end(process)
        psutil.wait_procs(processes, timeout=_STOP_SECONDS)


def _belongs(process: psutil.Process, home: str, sessions: Collection[int]) -> bool:
    try:
        if process.pid == os.getpid() or process.status() == psutil.STATUS_ZOMBIE:
            return False
        environment = process.environ()
        has_lost_it = not environment and process.cwd() == home
        return os.getsid(process.pid) in sessions or environment.get("AIRFLOW_HOME") == home or has_lost_it
    except (psutil.Error, OSError):
        return False
