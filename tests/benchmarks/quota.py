"""How much of the account's quota a drain uses, alone and beside another sender. Takes two minutes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from _servers import DOMAIN, client_of, datazone, filled_queue

from airflow_provider_dzlineage.catalog.client import CLIENT_CONFIG, Catalog
from airflow_provider_dzlineage.forwarding.forwarder import Forwarder
from airflow_provider_dzlineage.forwarding.report import Report
from airflow_provider_dzlineage.settings.site import Settings

SECONDS = 60
QUOTA = 20
OTHER_SENDER = Path(__file__).with_name("_other_sender.py")
OTHER_RATE = 5


def run(runs: int) -> list[dict[str, Any]]:
    """Drain a backlog that is bigger than the quota.

    :param runs: does not count here.
    :return: a row for the share of the quota that is used, and one for what went wrong meanwhile, for each case.
    """
    with datazone(rate=QUOTA, latency_seconds=0.05) as url:
        alone, receives = _drain(url)
    rows = [
        _share("quota, alone, used", alone.posted, QUOTA * SECONDS, 0.98),
        _none("quota, alone, throttled posts", alone.throttled),
    ]
    with datazone(rate=QUOTA, latency_seconds=0.05) as url:
        command = [sys.executable, str(OTHER_SENDER), url, str(OTHER_RATE), str(SECONDS)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
            beside, receives = _drain(url)
            taken = int(other.communicate()[0])
    return [
        *rows,
        _share(f"quota, beside {OTHER_RATE}/s, used of what is left", beside.posted, QUOTA * SECONDS - taken, 0.90),
        {
            **_none(f"quota, beside {OTHER_RATE}/s, messages received more than twice or dead", receives),
            "against": f"{beside.throttled} throttles",
        },
    ]


def _drain(url: str) -> tuple[Report, int]:
    """Return the report, and how many of the messages that are left have been received more than once."""
    with filled_queue(QUOTA * SECONDS * 2) as queue:
        catalog = Catalog(client_of(url, CLIENT_CONFIG), DOMAIN)
        forwarder = Forwarder(queue, None, catalog, Settings())
        forwarder.drain(SECONDS)
        report = forwarder.report()
        left = 0
        burned = report.dead_lettered
        while batch := queue.receive(wait_seconds=0, visibility_seconds=600):
            left += len(batch)
            burned += sum(message.receive_count > 2 for message in batch)
        assert left == QUOTA * SECONDS * 2 - report.posted, "a message is lost"
        return report, burned


def _share(name: str, part: int, whole: int, goal: float) -> dict[str, Any]:
    share = part / whole
    return {
        "name": name,
        "value": part / SECONDS,
        "unit": "posts/s",
        "against": f"{whole / SECONDS:.2f} posts/s",
        "ratio": share,
        "goal": f"≥ {goal}x",
        "met": share >= goal,
    }


def _none(name: str, number: int) -> dict[str, Any]:
    return {
        "name": name,
        "value": float(number),
        "unit": "",
        "against": "",
        "ratio": None,
        "goal": "0",
        "met": number == 0,
    }
