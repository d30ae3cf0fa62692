"""Run checks side by side, each for a limited time, and whatever they raise."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from queue import Empty, Queue

from airflow_provider_dzlineage.doctor.finding import Check, Finding, failed, failure_of
from airflow_provider_dzlineage.errors import DzLineageError

CHECK_SECONDS = 20.0


def examine(checks: Mapping[str, Check], seconds: float = CHECK_SECONDS) -> Iterator[Finding]:
    """Yield what the checks find, in their order.

    :param checks: by name.
    :param seconds: that each may take; what has not ended then is given up.
    """
    running = {name: _start(name, check) for name, check in checks.items()}
    for name, results in running.items():
        yield from _found(name, results, seconds)


def _found(name: str, results: Queue[list[Finding]], seconds: float) -> list[Finding]:
    try:
        return results.get(timeout=seconds)
    except Empty:
        detail = f"no answer within {seconds:.0f} seconds"
        return [failed(name, detail, "check the network between here and it")]


def _start(name: str, check: Check) -> Queue[list[Finding]]:
    results: Queue[list[Finding]] = Queue()
    # A daemon, since nothing can end what hangs in a resolver.
    threading.Thread(target=lambda: results.put(_run(name, check)), name=name, daemon=True).start()
    return results


def _run(name: str, check: Check) -> list[Finding]:
    found: list[Finding] = []
    try:
        found.extend(check())
    except DzLineageError as error:
        found.append(failure_of(name, error))
    except Exception as error:
        # Without its text, which nobody has looked through for secrets.
        found.append(failed(name, f"unexpected {type(error).__name__}", "report it as a bug of this package"))
    return found
