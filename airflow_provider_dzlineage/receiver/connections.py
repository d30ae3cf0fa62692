"""What uvicorn leaves open: how long a request's head may take, and how many connections there may be."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from airflow_provider_dzlineage.receiver.options import ReceiverOptions


def patient_protocol(options: ReceiverOptions) -> type[H11Protocol]:
    """Make uvicorn's protocol class of one endpoint.

    It is built on h11, which refuses more malformed requests than httptools does and bounds the size of a head.
    """

    class Protocol(_PatientProtocol):
        head_seconds = options.head_seconds
        max_connections = options.max_connections
        # Those on which no request is under way; the first one has been so for longest.
        idle: dict[_PatientProtocol, None] = {}  # noqa: RUF012

    return Protocol


class _PatientProtocol(H11Protocol):
    head_seconds: float
    max_connections: int
    idle: dict[_PatientProtocol, None]

    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Make room for one more, at the cost of the connection that has been idle for longest."""
        super().connection_made(transport)
        self.idle[self] = None
        self._start_timer()
        if len(self.connections) > self.max_connections:
            # The new one is idle as well, so there is always one.
            next(iter(self.idle))._drop()

    def data_received(self, data: bytes) -> None:
        """Let the clock run from the first byte of a head to its end."""
        super().data_received(data)
        if self._is_busy():
            self.idle.pop(self, None)
            self._stop_timer()
        elif not self.transport.is_closing():
            self._start_timer()

    def on_response_complete(self) -> None:
        """Be idle again, unless the next request has come already."""
        super().on_response_complete()
        if not self.transport.is_closing() and not self._is_busy():
            self.idle[self] = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self.idle.pop(self, None)
        self._stop_timer()
        super().connection_lost(exc)

    def _is_busy(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _start_timer(self) -> None:
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(self.head_seconds, self._drop)

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _drop(self, *_: Any) -> None:
        self.idle.pop(self, None)
        self.transport.abort()
