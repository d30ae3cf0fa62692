"""A forwarder in a process of its own, with what goes wrong in it: drains and reconciles until it is told to stop.

Where SQS and DataZone are, and the credentials, come from the environment.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import sys
import threading
from pathlib import Path

import boto3
from flaws import FLAWS
from mischief import PartialBatches, die

from airflow_provider_dzlineage.aws.clients import complete_lineage_operations
from airflow_provider_dzlineage.buffer import in_flight
from airflow_provider_dzlineage.buffer.dead_letter_queue import DeadLetterQueue, find_dead_letter_queue
from airflow_provider_dzlineage.buffer.queue import QUEUE_CLIENT_CONFIG, Queue
from airflow_provider_dzlineage.catalog.client import CLIENT_CONFIG, Catalog
from airflow_provider_dzlineage.catalog.reconciliation import Reconciliation
from airflow_provider_dzlineage.errors import DzLineageError
from airflow_provider_dzlineage.forwarding.forwarder import Forwarder
from airflow_provider_dzlineage.settings.site import Settings, load_settings

_DRAIN_SECONDS = 15.0


def main() -> int:
    """Forward, and print each report as a line of JSON.

    :return: the exit code: 0, or 1 when SQS or DataZone did not answer.
    """
    arguments = _arguments()
    in_flight.VISIBILITY_SECONDS = arguments.visibility
    session = boto3.Session()
    complete_lineage_operations(session)
    sqs, datazone = session.client("sqs", config=QUEUE_CLIENT_CONFIG), session.client("datazone", config=CLIENT_CONFIG)
    if arguments.die:
        operation, moment, number = arguments.die
        client = next(client for client in (sqs, datazone) if operation in client.meta.service_model.operation_names)
        die(client, operation, moment, int(number))
    if arguments.partial:
        PartialBatches(arguments.partial, random.Random(arguments.seed)).disturb(sqs)
    if arguments.flaw:
        FLAWS[arguments.flaw]()
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    queue, catalog = Queue(sqs, arguments.queue), Catalog(datazone, arguments.domain)
    # Each event is told by the body under which it was posted: none may be merged.
    settings = load_settings({"rate": arguments.rate, "merge": "never"})
    try:
        dead_letters = find_dead_letter_queue(queue, None)
        while True:
            _drain(Forwarder(queue, dead_letters, catalog, settings, stop=stop))
            if arguments.memory and not stop.is_set():
                _reconcile(catalog, dead_letters, settings, arguments.memory, stop)
            if stop.is_set() or not arguments.follow:
                return 0
    except DzLineageError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        return 1


def _drain(forwarder: Forwarder) -> None:
    try:
        forwarder.drain(_DRAIN_SECONDS)
    finally:
        print(json.dumps(forwarder.report().to_dict()), flush=True)


def _reconcile(
    catalog: Catalog, dead_letters: DeadLetterQueue | None, settings: Settings, memory: Path, stop: threading.Event
) -> None:
    state = json.loads(memory.read_text()) if memory.exists() else None
    reconciliation = Reconciliation(catalog, dead_letters, settings, state=state, stop=stop)
    try:
        reconciliation.run()
    finally:
        # What a process that is killed had not remembered is found again.
        new = memory.with_suffix(".new")
        new.write_text(json.dumps(reconciliation.state))
        new.replace(memory)
    print(json.dumps(reconciliation.report.to_dict()), flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--queue", required=True, metavar="URL")
    parser.add_argument("--domain", required=True, metavar="ID")
    parser.add_argument("--rate", default="unlimited")
    parser.add_argument("--visibility", type=int, default=in_flight.VISIBILITY_SECONDS, metavar="SECONDS")
    parser.add_argument("--follow", action="store_true", help="go on until SIGTERM")
    parser.add_argument("--memory", type=Path, metavar="FILE", help="reconcile, and remember here what it has seen")
    parser.add_argument("--die", nargs=3, metavar=("OPERATION", "MOMENT", "NUMBER"))
    parser.add_argument("--partial", type=float, default=0.0, metavar="SHARE", help="of a batch's entries that fail")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--flaw", choices=FLAWS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
