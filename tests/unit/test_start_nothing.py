"""The rule of this folder is kept by tests/unit/conftest.py, which fails what breaks it."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from airflow_provider_dzlineage.local.datazone import DataZoneEmulator
from tests.unit.conftest import GUARD


async def serve() -> None:
    await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)


@pytest.mark.parametrize(
    "start",
    [
        pytest.param(lambda: subprocess.run([sys.executable, "-c", ""], check=True), id="process"),
        pytest.param(lambda: os.posix_spawn(sys.executable, [sys.executable], {}), id="posix_spawn"),
        pytest.param(lambda: os.fork() or os._exit(0), id="fork"),
        pytest.param(lambda: os.system("true"), id="shell"),
        pytest.param(lambda: socket.create_server(("127.0.0.1", 0)), id="socket"),
        pytest.param(lambda: HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler), id="HTTP server"),
        pytest.param(lambda: asyncio.run(serve()), id="asyncio server"),
        pytest.param(lambda: DataZoneEmulator().__enter__(), id="DataZone emulator"),
    ],
)
def test_what_starts_something_is_refused(start: Callable[[], object]) -> None:
    with pytest.raises(AssertionError, match="a unit test starts nothing"):
        start()

    assert GUARD.refused
    GUARD.refused.clear()


def test_a_refusal_is_remembered_that_what_is_tested_has_not_let_through() -> None:
    with ThreadPoolExecutor() as threads, suppress(AssertionError):
        threads.submit(os.system, "true").result()

    assert GUARD.refused == ["os.system(b'true',)"]
    GUARD.refused.clear()
