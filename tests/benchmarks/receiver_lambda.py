"""The endpoint on AWS Lambda: import and a warm call, beside a handler that does no more than to call SendMessage."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from receiver import server, variables_of

FOLDER = Path(__file__).parent
_CALLS = 200


def run(runs: int) -> list[dict[str, Any]]:
    """Measure both handlers in processes of their own, in turns.

    :param runs: processes of each, at most five.
    :return: a row for the import and one for a call.
    """
    found: dict[str, list[dict[str, float]]] = {"ours": [], "bare": []}
    with server((str(FOLDER / "_sqs_stub.py"),), {}) as sqs:
        for _ in range(min(runs, 5)):
            for name, measured in found.items():
                measured.append(_probe(name, sqs))
    return [
        _row("import", "cold", found, "s", 1.0, most=2.5),
        _row("warm call, SQS takes 5 ms", "warm", found, "ms", 1000.0),
    ]


def _probe(name: str, sqs: str) -> dict[str, float]:
    command = [sys.executable, str(FOLDER / "_lambda_probe.py"), name, str(_CALLS)]
    done = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True, env={**os.environ, **variables_of(sqs)}
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _row(
    what: str, key: str, found: dict[str, list[dict[str, float]]], unit: str, factor: float, most: float = 0
) -> dict[str, Any]:
    ours, bare = (statistics.median(each[key] for each in found[name]) for name in ("ours", "bare"))
    return {
        "name": f"receiver on Lambda, {what}",
        "value": ours * factor,
        "unit": unit,
        "against": f"a bare handler {bare * factor:.2f} {unit}",
        "ratio": ours / bare,
        "goal": f"≤ {most}x" if most else "",
        "met": ours / bare <= most if most else None,
    }
