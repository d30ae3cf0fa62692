"""Start and stop the emulator inside a Python process."""

from __future__ import annotations

import errno
import re
import socket
import threading
import time
from pathlib import Path

import uvicorn

from airflow_provider_dzlineage.errors import DzLineageError
from airflow_provider_dzlineage.local.datazone.asgi import EmulatorApp
from airflow_provider_dzlineage.local.datazone.faults import Faults
from airflow_provider_dzlineage.local.datazone.operations import Operations
from airflow_provider_dzlineage.local.datazone.store import Store

_HOST = "127.0.0.1"
_START_SECONDS = 30
# Source: the DomainId shape of the service model.
_DOMAIN_ID = re.compile(r"dzd[-_][a-zA-Z0-9_-]{1,36}")


class DataZoneEmulator:
    """The lineage API of Amazon DataZone on loopback, in a thread of its own; a context manager that stops it.

    :param port: TCP port, 0 for a free one.
    :param state: SQLite file that keeps everything over a restart; None keeps it in memory.
    :param domain_id: id of a domain that is there from the start.
    :param region: Region of that domain.
    :param faults: how it misbehaves.
    :raises DzLineageError: when the id is no domain's; on entering, when the port or the file cannot be used.
    """

    def __init__(
        self,
        port: int = 0,
        *,
        state: Path | None = None,
        domain_id: str = "dzd_local",
        region: str = "us-east-1",
        faults: Faults | None = None,
    ) -> None:
        if not _DOMAIN_ID.fullmatch(domain_id):
            raise DzLineageError(f"{domain_id!r} is no domain id: write one like dzd_local")
        self.port = port
        self.domain_id = domain_id
        self._state = state
        self._region = region
        self._faults = faults or Faults()

    @property
    def endpoint_url(self) -> str:
        """Where AWS clients send their requests."""
        return f"http://{_HOST}:{self.port}"

    def __enter__(self) -> DataZoneEmulator:
        self._store = Store(self._state)
        try:
            listener = socket.create_server((_HOST, self.port))
        except (OSError, OverflowError) as error:
            self._store.close()
            in_use = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
            fix = "is in use: stop what listens there or choose another port"
            raise DzLineageError(f"port {self.port} {fix if in_use else f'cannot be used: {error}'}") from None
        self.port = listener.getsockname()[1]
        operations = Operations(self._store, time.time)
        operations.add_domain(self.domain_id, "local", self._region)
        config = uvicorn.Config(
            EmulatorApp(operations, self._faults),
            log_level="error",
            access_log=False,
            lifespan="off",
            # AWS clients keep connections for long; a closing one in their pool would look like a fault.
            timeout_keep_alive=75,
            timeout_graceful_shutdown=2,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listener]}, daemon=True)
        self._thread.start()
        give_up = time.monotonic() + _START_SECONDS
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > give_up:
                raise DzLineageError("the DataZone emulator did not start")
            time.sleep(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._store.close()
