"""``python -m airflow_provider_dzlineage.local.datazone``: the emulator alone."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

from airflow_provider_dzlineage.errors import DzLineageError
from airflow_provider_dzlineage.local.datazone.emulator import DataZoneEmulator
from airflow_provider_dzlineage.local.datazone.faults import ApiError, Faults


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until Ctrl-C or SIGTERM.

    :param argv: the arguments; the process's own by default.
    :return: the exit code: 0, 1 when it does not start, 2 for wrong usage.
    """
    parser = argparse.ArgumentParser(prog="python -m airflow_provider_dzlineage.local.datazone", description=__doc__)
    parser.add_argument("--port", type=int, default=4567, help="default 4567; 0: a free one")
    parser.add_argument("--state", type=Path, metavar="FILE", help="SQLite file; default: in memory")
    parser.add_argument("--domain-id", default="dzd_local", help="a domain that is there from the start")
    parser.add_argument("--region", default="us-east-1", help="of that domain")
    group = parser.add_argument_group("faults", "shares are between 0 and 1; see docs/emulator.md")
    for fault in fields(Faults):
        group.add_argument(f"--{fault.name.replace('_', '-')}", default=fault.default, metavar="NUMBER")
    arguments = parser.parse_args(argv)
    try:
        faults = Faults.from_json({fault.name: getattr(arguments, fault.name) for fault in fields(Faults)})
    except ApiError as error:
        parser.error(error.message)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    options = {"state": arguments.state, "domain_id": arguments.domain_id, "region": arguments.region}
    try:
        with DataZoneEmulator(arguments.port, faults=faults, **options) as emulator:
            print(f"DataZone lineage emulator: {emulator.endpoint_url}, domain {emulator.domain_id}", flush=True)
            stop.wait()
    except DzLineageError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
