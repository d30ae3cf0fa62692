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
_FRAMING = (b"content-length", b"transfer-encoding")


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
    _is_reading_on = False
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
        self._unset_keepalive_if_required()
        try:
            self._feed(data)
        except httptools.HttpParserError:
            self.send_400_response("Invalid HTTP request received.")
            return
        self._request_bytes += len(data)
        too_much = _MAX_HEAD_BYTES if was_in_head and self._is_in_head else self.max_request_bytes
        if self._request_bytes > too_much:
            self._drop()
        elif self._is_busy():
            self.idle.pop(self, None)
            self._stop_timer()
        elif not self.transport.is_closing():
            self._start_timer()

    def _feed(self, data: bytes) -> None:
        while data:
            data = self._feed_up_to_an_offer(data)

    def _feed_up_to_an_offer(self, data: bytes) -> bytes:
        """Return what is left of the data behind a head that offers to change the protocol."""
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as offer:
            self._pass_over_offer()
            return data[offer.args[0] :]
        return b""

    def _pass_over_offer(self) -> None:
        """Read on after a head that offers to change the protocol, as newer clients of Java do with each request.

        The parser takes what follows for the other protocol. Another one, which has seen no offer, reads the body.
        """
        lengths = [b"%b: %b\r\n" % header for header in self.headers if header[0] in _FRAMING]
        self.cycle.more_body = True
        self.cycle.message_event.clear()
        self.parser = httptools.HttpRequestParser(self)
        self._is_reading_on = True
        self.parser.feed_data(b"POST / HTTP/1.1\r\n%b\r\n" % b"".join(lengths))
        self._is_reading_on = False

    def on_url(self, url: bytes) -> None:
        """Keep the address."""
        if not self._is_reading_on:
            super().on_url(url)

    def on_message_begin(self) -> None:
        """Begin to count anew."""
        if self._is_reading_on:
            return
        super().on_message_begin()
        self._is_in_head = True
        self._request_bytes = 0

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep what is in a head. What follows a body has no meaning here, and would never end."""
        if self._is_in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Note the end of the head."""
        if self._is_reading_on:
            return
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
