"""Run checks side by side, each for a limited time, and whatever they raise."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from queue import Empty, Queue

from airflow_provider_dzlineage.doctor.finding import Check, Finding, failed, failure_of
from airflow_provider_dzlineage.doctor.fixes import fix_of
from airflow_provider_dzlineage.errors import DzLineageError

CHECK_SECONDS = 20.0


def examine(checks: Mapping[str, Check], seconds: float = CHECK_SECONDS) -> Iterator[Finding]:
    """Yield what the checks find, in their order.

    :param checks: by name.
    :param seconds: that all of them may take together, since they run side by side; what has not ended then is given
        up.
    """
    deadline = time.monotonic() + seconds
    running = {name: _start(name, check) for name, check in checks.items()}
    for name, results in running.items():
        found = _until(deadline, results)
        if found is None:
            fix = "check the network between here and it: proxy, security groups, VPC endpoints"
            found = [failed(name, f"no answer within {seconds:.0f} seconds", fix)]
        yield from found


def _until(deadline: float, results: Queue[list[Finding]]) -> list[Finding] | None:
    try:
        return results.get(timeout=max(0.0, deadline - time.monotonic()))
    except Empty:
        return None


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
        kind, fix = type(error).__name__, fix_of(error)
        found.append(
            failed(name, kind, fix) if fix else failed(name, f"unexpected {kind}", "report it as a bug of this package")
        )
    return found
