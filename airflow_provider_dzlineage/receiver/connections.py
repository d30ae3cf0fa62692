"""What uvicorn leaves open: how long and how big a request's head may be, and how many connections there may be."""

from __future__ import annotations

import asyncio
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from airflow_provider_dzlineage.receiver.options import ReceiverOptions

_MAX_HEAD_BYTES = 16 * 1024
# What frames the chunks of an honest body is much less than the body.
_FRAMING_FACTOR = 4


def patient_protocol(options: ReceiverOptions) -> type[HttpToolsProtocol]:
    """Make uvicorn's protocol class of one endpoint.

    It is built on llhttp, the strict parser of Node.js. h11, uvicorn's other one, takes a request a third of all its
    time.
    """

    class Protocol(_PatientProtocol):
        head_seconds = options.head_seconds
        max_connections = options.max_connections
        max_request_bytes = _FRAMING_FACTOR * options.max_body_bytes + _MAX_HEAD_BYTES
        # Those on which no request is under way; the first one has been so for longest.
        idle: dict[_PatientProtocol, None] = {}  # noqa: RUF012

    return Protocol


class _PatientProtocol(HttpToolsProtocol):
    head_seconds: float
    max_connections: int
    max_request_bytes: int
    idle: dict[_PatientProtocol, None]

    _head_timer: asyncio.TimerHandle | None = None
    _is_in_head = False
    _request_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Make room for one more, at the cost of the connection that has been idle for longest."""
        super().connection_made(transport)
        self.idle[self] = None
        self._start_timer()
        if len(self.connections) > self.max_connections:
            # The new one is idle as well, so there is always one.
            next(iter(self.idle))._drop()

    def data_received(self, data: bytes) -> None:
        """Let the clock run from the first byte of a head to its end, and bound what the parser has to remember."""
        was_in_head = self._is_in_head
        super().data_received(data)
        self._request_bytes += len(data)
        too_much = _MAX_HEAD_BYTES if was_in_head and self._is_in_head else self.max_request_bytes
        if self._request_bytes > too_much:
            self._drop()
        elif self._is_busy():
            self.idle.pop(self, None)
            self._stop_timer()
        elif not self.transport.is_closing():
            self._start_timer()

    def on_message_begin(self) -> None:
        """Begin to count anew."""
        super().on_message_begin()
        self._is_in_head = True
        self._request_bytes = 0

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep what is in a head. What follows a body has no meaning here, and would never end."""
        if self._is_in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Note the end of the head."""
        self._is_in_head = False
        super().on_headers_complete()

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

    def _unsupported_upgrade_warning(self) -> None:
        # Newer clients of Java offer to change to TLS with each request, and go on when nobody answers to that. The
        # parser would take nothing more on this connection; the request itself it has read to its end.
        self.parser = httptools.HttpRequestParser(self)

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
