"""Whether a drain of a big backlog needs more memory than one of a small one. One measurement, whatever ``--runs``."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from _servers import datazone, event, filled_queue

from airflow_provider_dzlineage.buffer.codec import send_parameters
from airflow_provider_dzlineage.buffer.queue import Queue

MESSAGES = 50_000
MESSAGE_BYTES = 20_000
# The emulator of SQS looks through its whole queue for each receive: fed as it is drained, it stays quick.
BACKLOG = 2_000
PROBE = Path(__file__).with_name("_memory_probe.py")
GOAL = 1.1


def run(runs: int) -> list[dict[str, Any]]:
    """Drain 50,000 messages of 20 kB in a process of its own.

    :param runs: does not count here.
    :return: one row: the most memory in the last part of the drain beside that in its first fifth.
    """
    with tempfile.TemporaryDirectory() as folder:
        state = str(Path(folder) / "datazone.sqlite")
        with datazone(rate=float("inf"), state=state) as url, filled_queue(BACKLOG, MESSAGE_BYTES) as queue:
            feeder = threading.Thread(target=_feed, args=(queue,))
            feeder.start()
            command = [sys.executable, str(PROBE), url, queue._client.meta.endpoint_url, queue.url, str(MESSAGES)]
            samples = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            feeder.join()
    first = max(size for posted, size in samples if posted <= MESSAGES / 5)
    last = max(size for posted, size in samples if posted > MESSAGES / 5)
    return [
        {
            "name": f"memory, {MESSAGES:,} messages of {MESSAGE_BYTES // 1000} kB",
            "value": last / 2**20,
            "unit": "MiB",
            "against": f"{first / 2**20:.0f} MiB in the first fifth",
            "ratio": last / first,
            "goal": f"≤ {GOAL}x",
            "met": last / first <= GOAL,
        }
    ]


def _feed(queue: Queue) -> None:
    """Keep the backlog full until all messages have been sent."""
    sent = BACKLOG
    while sent < MESSAGES:
        if queue.state().backlog > BACKLOG - 500:
            time.sleep(0.2)
            continue
        assert not list(queue.send(send_parameters(event(MESSAGE_BYTES)) for _ in range(500)))
        sent += 500
