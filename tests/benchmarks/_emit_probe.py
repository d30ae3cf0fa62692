"""Emits one event: ``_emit_probe.py CONFIG`` in a fresh process, ``_emit_probe.py --forked RUNS CONFIG...`` in forks.

The forks are those of Airflow's listener: the parent has loaded Airflow's plugins, as every task's process has, which
bring the listener and ours; the child makes a client, emits and ends hard. Prints the seconds of each fork, a list for
each configuration, as JSON.
"""

from __future__ import annotations

import json
import os
import sys
import time


def emit(config: str) -> None:
    """Make a client and emit one event with it."""
    from openlineage.client import OpenLineageClient
    from openlineage.client.event_v2 import Dataset, Job, Run, RunEvent, RunState
    from openlineage.client.transport import get_default_factory

    event = RunEvent(
        eventType=RunState.COMPLETE,
        eventTime="2026-01-02T03:04:05Z",
        run=Run(runId="0191c0de-0000-7000-8000-000000000001"),
        job=Job(namespace="bench", name="emit"),
        producer="https://example.com",
        inputs=[Dataset("s3://lake", "raw/orders")],
        outputs=[Dataset("s3://lake", "clean/orders")],
    )
    OpenLineageClient(transport=get_default_factory().create(json.loads(config))).emit(event)


def forked(runs: int, configs: list[str]) -> list[list[float]]:
    """Time emissions in forks, interleaved."""
    from airflow.listeners.listener import get_listener_manager

    # Loads the plugins, as a task's process does to find its listeners.
    get_listener_manager()
    if not any("openlineage.plugins.listener" in name for name in sys.modules):
        raise RuntimeError("the plugins of Airflow did not bring the OpenLineage listener")
    times: list[list[float]] = [[] for _ in configs]
    for _ in range(runs):
        for number, config in enumerate(configs):
            started = time.perf_counter()
            child = os.fork()
            if not child:
                code = 1
                try:
                    emit(config)
                    code = 0
                finally:
                    os._exit(code)
            _, status = os.waitpid(child, 0)
            if status:
                raise RuntimeError(f"the emission with {config} failed")
            times[number].append(time.perf_counter() - started)
    return times


if __name__ == "__main__":
    if sys.argv[1] == "--forked":
        print(json.dumps(forked(int(sys.argv[2]), sys.argv[3:])))
    else:
        emit(sys.argv[1])
