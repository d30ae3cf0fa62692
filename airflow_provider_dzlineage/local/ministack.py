"""ministack as a server process: a local SQS, S3 and most of AWS except DataZone."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
from contextlib import closing, nullcontext, suppress
from pathlib import Path

from airflow_provider_dzlineage.aws.deadline import Deadline, in_background
from airflow_provider_dzlineage.errors import DzLineageError

HOST = "127.0.0.1"
_START_SECONDS = 60
_STOP_SECONDS = 10


class Ministack:
    """A ministack server process; a context manager that stops it.

    :param port: TCP port on loopback, 0 for a free one.
    :param state: folder that keeps queues and messages over a restart; None keeps them in memory. A queue is found
        again on the same port only, since its URL names the port.
    :param log: file for the server's output; None discards it.
    :raises DzLineageError: on entering, when the server is not installed, the port is taken, or it does not start.
    """

    def __init__(self, port: int = 0, *, state: Path | None = None, log: Path | None = None) -> None:
        self.port = port or free_port()
        self._state = state
        self._log = log

    @property
    def endpoint_url(self) -> str:
        """The endpoint URL of AWS clients."""
        return f"http://{HOST}:{self.port}"

    def __enter__(self) -> Ministack:
        with socket.socket() as probe:
            if probe.connect_ex((HOST, self.port)) == 0:
                fix = "stop what listens there, or choose another port"
                raise DzLineageError(f"port {self.port} is in use", fix=fix)
        # In a thread, which no signal interrupts: once the process is started, it is known and will be stopped.
        starting = in_background(self._start)
        try:
            self._wait_until_healthy(starting.result())
        except BaseException:
            _stop(starting.result())
            raise
        self._process = starting.result()
        return self

    def __exit__(self, *_: object) -> None:
        _stop(self._process)

    def is_running(self) -> bool:
        """Return whether the server process runs."""
        return self._process.poll() is None

    def _start(self) -> subprocess.Popen[bytes]:
        environment = {
            "GATEWAY_PORT": str(self.port),
            "BIND_HOST": HOST,
            "LOG_LEVEL": "WARNING",
            # These listen on every interface, and are not needed here.
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
        }
        if self._state:
            environment |= {"PERSIST_STATE": "1", "STATE_DIR": str(self._state)}
        with self._log.open("ab") if self._log else nullcontext(subprocess.DEVNULL) as output:
            return subprocess.Popen(
                [sys.executable, "-m", "ministack"],
                env=os.environ | environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # In a session of its own, so that Ctrl-C does not reach it before our own requests have ended.
                start_new_session=True,
            )

    def _wait_until_healthy(self, process: subprocess.Popen[bytes]) -> None:
        deadline = Deadline(_START_SECONDS)
        while not self._is_healthy():
            if process.poll() is not None:
                raise DzLineageError(
                    f"ministack ended with code {process.returncode}",
                    fix="install the extra: pip install 'airflow-provider-dzlineage[local]'",
                )
            if deadline.passed():
                raise DzLineageError(f"ministack did not answer within {_START_SECONDS} seconds")
            deadline.pause(0.1)

    def _is_healthy(self) -> bool:
        with closing(http.client.HTTPConnection(HOST, self.port, timeout=1)) as connection, suppress(OSError):
            connection.request("GET", "/_ministack/health")
            return connection.getresponse().status == 200
        return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        # It writes its state first, when it has a folder for it.
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port() -> int:
    """Return a TCP port of loopback that nothing listens on at the moment."""
    with socket.create_server((HOST, 0)) as probe:
        return int(probe.getsockname()[1])
