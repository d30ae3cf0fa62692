"""Chaos: ``python tests/chaos [--events N] [--seed S] [--json FILE]``, or ``make chaos EVENTS=N``.

Real forwarders carry events from a real SQS into the DataZone emulator, while everything goes wrong that can: DataZone
throttles, fails, accepts and does not answer, fails to process; messages are poison; batches are carried out in part;
forwarders are killed; DataZone and SQS go away. Then an account is taken of every event. Exits with 1 when any is lost,
was accepted twice or is where it should not be, and when the graph is another than that of an undisturbed run.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import boto3
from account import Evidence, digest_of, out_of_order, take_account
from chaos_run import ChaosRun
from evidence import accepted_events, by_event, graph_differences, taken_out
from flaws import FLAWS
from link import Link
from plan import DATAZONE_AWAY, SQS_AWAY, make_plan
from processes import CREDENTIALS, DOMAIN, Forwarders, datazone, set_faults, stats_of
from reference import draw_undisturbed
from rich.console import Console
from traffic import Traffic
from verdict import Verdict

from airflow_provider_dzlineage.buffer.queue import Queue
from airflow_provider_dzlineage.local.ministack import Ministack

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "openlineage-compatibility.jsonl"
FAULTS = {"throttle": 0.05, "server_error": 0.02, "time_out": 0.01, "fail": 0.01}
PARTIAL_SHARE = 0.05


def main() -> int:
    """Run, and print what it has shown.

    :return: the exit code.
    """
    arguments = _arguments()
    console = Console(highlight=False)
    os.environ.update(CREDENTIALS)
    with tempfile.TemporaryDirectory() as folder:
        verdict = _run(arguments, Path(folder), console)
    verdict.show(console)
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(json.dumps(verdict.to_dict(), indent=2) + "\n", encoding="utf-8")
        console.print(f"wrote {arguments.json}")
    return 1 if verdict.wrong else 0


def _run(arguments: argparse.Namespace, folder: Path, console: Console) -> Verdict:
    state = folder / "datazone.sqlite"
    with (
        Ministack() as ministack,
        datazone(state) as datazone_url,
        Link(ministack.endpoint_url) as sqs_link,
        Link(datazone_url) as datazone_link,
    ):
        sqs = boto3.client("sqs", endpoint_url=ministack.endpoint_url)
        queue, dead_letters = _make_queues(sqs, fifo=arguments.fifo)
        traffic = Traffic(arguments.seed, _corpus(console), fifo=arguments.fifo)
        set_faults(datazone_url, **FAULTS, seed=arguments.seed)
        endpoints = {"AWS_ENDPOINT_URL_SQS": sqs_link.url, "AWS_ENDPOINT_URL_DATAZONE": datazone_link.url}
        options = ["--queue", queue.url, "--domain", DOMAIN, "--memory", str(folder / "memory.json")]
        options += ["--flaw", arguments.flaw] if arguments.flaw else []
        disturbed = ["--visibility", str(arguments.visibility), "--partial", str(PARTIAL_SHARE)]
        started = time.monotonic()
        with Forwarders(options, disturbed, endpoints, folder) as forwarders:
            messages, links = traffic.messages(arguments.events), {SQS_AWAY: sqs_link, DATAZONE_AWAY: datazone_link}
            plan = make_plan(random.Random(arguments.seed))
            run = ChaosRun(queue, messages, arguments.events, plan, forwarders, links, console.print)
            complaints = [] if run.run() else ["nothing moves any more"]
            seconds = time.monotonic() - started
            stats = stats_of(datazone_url)
            set_faults(datazone_url)
            complaints += forwarders.finish()
        console.print("taking account")
        evidence = _what_is_found(sqs, queue, dead_letters, state)
    draw_undisturbed(state, folder / "reference.sqlite")
    return Verdict(
        sent=len(run.fates),
        seconds=seconds,
        account=take_account(run.fates, evidence),
        graph=graph_differences(state, folder / "reference.sqlite"),
        groups_out_of_order=out_of_order(run.groups, evidence.accepted) if arguments.fifo else None,
        kills=forwarders.killed,
        failures=forwarders.failed,
        faults={
            "posts throttled": stats["throttled"],
            "posts answered with a server error": stats["server_errors"],
            "posts accepted without an answer": stats["timed_out"],
            "posts accepted again, under the same token": stats["accepted"] - sum(map(len, evidence.accepted.values())),
        },
        complaints=complaints,
    )


def _what_is_found(sqs: Any, queue: Queue, dead_letters: Queue, state: Path) -> Evidence:
    accepted = by_event((digest_of(body), status) for body, status in accepted_events(state))
    reasons = by_event((digest_of(body), reason) for body, reason in taken_out(sqs, dead_letters.url))
    return Evidence(accepted, reasons, {digest_of(body) for body, _ in taken_out(sqs, queue.url)})


def _make_queues(sqs: Any, *, fifo: bool) -> tuple[Queue, Queue]:
    suffix, attributes = (".fifo", {"FifoQueue": "true"}) if fifo else ("", {})
    dead_letters = sqs.create_queue(QueueName=f"dead{suffix}", Attributes=attributes)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead_letters, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = {"RedrivePolicy": json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": "1000"})}
    url = sqs.create_queue(QueueName=f"buffer{suffix}", Attributes=attributes | policy)["QueueUrl"]
    return Queue(sqs, url), Queue(sqs, dead_letters)


def _corpus(console: Console) -> Sequence[Mapping[str, Any]]:
    if not CORPUS.is_file():
        console.print(
            "without real events: the corpus of OpenLineage's compatibility tests is not beside this checkout"
        )
        return []
    return [json.loads(line)["event"] for line in CORPUS.read_text(encoding="utf-8").splitlines()]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python tests/chaos", description="Carry events while everything goes wrong.")
    parser.add_argument(
        "--events",
        type=int,
        default=3_000,
        metavar="N",
        help="messages to send (default 3000); among fewer than 1000, some faults may not happen, and it says so",
    )
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="of all that is random (default 1)")
    parser.add_argument("--fifo", action="store_true", help="use a FIFO queue, a message group for each run")
    parser.add_argument(
        "--visibility",
        type=int,
        default=20,
        metavar="SECONDS",
        help="how long the forwarder hides messages (default 20; the forwarder's own is 120, after every kill)",
    )
    parser.add_argument("--flaw", choices=FLAWS, help="break the forwarder on purpose, to see that this run tells")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what it has shown here too")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
