"""The processes of a run: the DataZone emulator, and one forwarder after the other."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

DOMAIN = "dzd_chaos"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "chaos", "AWS_SECRET_ACCESS_KEY": "chaos", "AWS_DEFAULT_REGION": "us-east-1"}
_PROGRAM = Path(__file__).with_name("forwarding_process.py")
_EMULATOR = "airflow_provider_dzlineage.local.datazone"
_STOP_SECONDS = 60
# Reading what DataZone failed to process takes the longest: 20 a second.
_FINISH_SECONDS = 600


@contextmanager
def datazone(state: Path) -> Iterator[str]:
    """Run the DataZone emulator without a quota; yield its URL.

    :param state: its file.
    """
    command = [sys.executable, "-m", _EMULATOR, "--port", "0", "--domain-id", DOMAIN, "--state", str(state)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen([*command, "--rate", "inf"], **pipes, text=True) as process:
        try:
            assert process.stdout
            found = re.search(r"http://[\d.:]+", process.stdout.readline())
            assert found, "the DataZone emulator did not start"
            yield found[0]
        finally:
            process.terminate()


def set_faults(url: str, **faults: float) -> None:
    """Let the emulator misbehave from now on; what is not named is off."""
    request = urllib.request.Request(
        f"{url}/_emulator/faults", json.dumps({"rate": "inf", **faults}).encode(), method="PUT"
    )
    urllib.request.urlopen(request).close()


def stats_of(url: str) -> dict[str, int]:
    """Return what the emulator has counted."""
    with urllib.request.urlopen(f"{url}/_emulator/stats") as response:
        return json.load(response)


class Forwarders:
    """One forwarder at a time, in a process of its own; a context manager that leaves none behind.

    :param options: of the program.
    :param disturbed: further ones, for those that are disturbed.
    :param environment: where SQS and DataZone are.
    :param folder: for what they print.
    """

    def __init__(self, options: list[str], disturbed: list[str], environment: Mapping[str, str], folder: Path) -> None:
        self._options = options
        self._disturbed = disturbed
        self._environment = os.environ | environment
        self._log = folder / "forwarders.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.started = 0
        self.killed = 0
        self.failed = 0

    def __enter__(self) -> Forwarders:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def keep_one_running(self) -> bool:
        """Start one if there is none; say whether it was started."""
        if self._process and (code := self._process.poll()) is not None:
            self.failed += code != 0
            self._process = None
        if self._process:
            return False
        self.started += 1
        # Each meets accidents of its own.
        self._process = self._start("--follow", *self._disturbed, "--seed", str(self.started))
        return True

    def kill(self) -> bool:
        """Kill the one that runs; return False when it had ended before."""
        assert self._process
        self._process.kill()
        if self._process.wait() != -signal.SIGKILL:
            return False
        self._process = None
        self.killed += 1
        return True

    def finish(self) -> list[str]:
        """Stop the one that runs, and let an undisturbed one do what is left; say what is wrong."""
        if self._process:
            self._process.terminate()
            self._process.wait(_STOP_SECONDS)
        self._process = self._start()
        if self._process.wait(_FINISH_SECONDS) == 0:
            return []
        return ["the last forwarder failed", *self._log.read_text().splitlines()[-20:]]

    def _start(self, *options: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, str(_PROGRAM), *self._options, *options]
        with self._log.open("ab") as log:
            return subprocess.Popen(command, env=self._environment, stdout=log, stderr=log)
