"""The endpoint as an ASGI application, for uvicorn and any other server."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from starlette.requests import ClientDisconnect, Request
from starlette.routing import Router
from starlette.types import Receive, Scope, Send

from airflow_provider_dzlineage.receiver.body import told_size, too_big
from airflow_provider_dzlineage.receiver.collector import Batcher
from airflow_provider_dzlineage.receiver.core import Receiver
from airflow_provider_dzlineage.receiver.exchange import Answer, Head, refusal, try_later
from airflow_provider_dzlineage.receiver.opening import BodyParser
from airflow_provider_dzlineage.receiver.options import ANSWER_SECONDS
from airflow_provider_dzlineage.receiver.refreshing import Refreshing
from airflow_provider_dzlineage.receiver.sending import MAX_SENDERS, Sender

log = logging.getLogger(__name__)

_REFRESH_SECONDS = 1.0
# After an answer that came before the body did: a client that is still sending would not see the answer otherwise.
_LINGER_SECONDS = 2.0
_CLOSE = ("connection", "close")


class ReceiverApp:
    """ASGI 3 application; its lifespan has to run.

    :param receiver: decides.
    :param sender: sends.
    """

    def __init__(self, receiver: Receiver, sender: Sender) -> None:
        self._receiver = receiver
        self._sender = sender
        self._options = receiver.options
        # For the lifespan only, and to refuse web sockets.
        self._router = Router(lifespan=self._lifespan)
        self._requests = 0
        self._held_bytes = 0
        self._is_stopping = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or the lifespan."""
        await (self._serve if scope["type"] == "http" else self._router)(scope, receive, send)

    def stop(self) -> None:
        """Take no further requests; those that are under way are answered."""
        self._is_stopping = True

    @asynccontextmanager
    async def _lifespan(self, _: object) -> AsyncIterator[None]:
        # One call at a time keeps the order that a FIFO queue is there for.
        self._collector = Batcher(self._sender.send, 1 if self._sender.is_fifo else MAX_SENDERS)
        self._opener = BodyParser(self._receiver)
        refreshing = asyncio.create_task(self._refresh())
        try:
            yield
        finally:
            self.stop()
            refreshing.cancel()
            self._opener.close()
            self._collector.close()

    async def _refresh(self) -> None:
        refreshing = Refreshing(self._receiver.authentication)
        while True:
            await asyncio.sleep(_REFRESH_SECONDS)
            await asyncio.to_thread(refreshing.wait)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        head = _head_of(scope)
        request = _Request(scope, receive)
        self._requests += 1
        try:
            answer = await self._answer(head, request)
        except ClientDisconnect:
            return
        except Exception as error:
            # Without the error's text, which may repeat something of the event.
            log.error("A request failed: %s", type(error).__name__)
            answer = try_later("failed", "the endpoint has a bug; its log says more")
        finally:
            self._requests -= 1
            self._held_bytes -= request.held_bytes
        await self._send(answer, request, send)

    async def _answer(self, head: Head, request: _Request) -> Answer:
        admission = self._receiver.admit(head)
        if self._is_stopping:
            return try_later("stopping", "the endpoint is shutting down")
        if isinstance(admission, Answer):
            return admission
        if self._requests > self._options.max_requests:
            return try_later("overloaded", "too many requests at the same time")
        try:
            body = await asyncio.wait_for(self._read(request), self._options.body_seconds)
        except asyncio.TimeoutError:
            return refusal(408, "slow_body", "the body did not arrive in time")
        if isinstance(body, Answer):
            return body
        give_up = asyncio.get_running_loop().time() + ANSWER_SECONDS
        size = told_size(body, head)
        if self._unfolds_to_too_much(request, size):
            return try_later("overloaded", "too many bytes at the same time")
        parcel = await self._opener.open(admission, body, size, give_up)
        if isinstance(parcel, Answer):
            return parcel
        return self._receiver.answer(parcel, await self._collector.submit(parcel.messages, give_up))

    async def _read(self, request: _Request) -> bytes | Answer:
        chunks = []
        async for chunk in request.stream():
            chunks.append(chunk)
            request.held_bytes += len(chunk)
            self._held_bytes += len(chunk)
            if request.held_bytes > self._options.max_body_bytes:
                return too_big(self._options.max_body_bytes, "as it is sent")
            if self._held_bytes > self._options.max_held_bytes:
                return try_later("overloaded", "too many bytes at the same time")
        return b"".join(chunks)

    def _unfolds_to_too_much(self, request: _Request, size: int) -> bool:
        """Count what a body becomes, and tell whether all of them are too much; one alone is not."""
        more = min(size, self._options.max_decoded_bytes) - request.held_bytes
        if more > 0:
            request.held_bytes += more
            self._held_bytes += more
        return self._held_bytes > max(self._options.max_held_bytes, request.held_bytes)

    async def _send(self, answer: Answer, request: _Request, send: Send) -> None:
        is_early = not request.is_read
        headers = (*answer.all_headers(), _CLOSE) if is_early or self._is_stopping else answer.all_headers()
        pairs = [(name.encode("ascii"), value.encode("ascii")) for name, value in headers]
        await send({"type": "http.response.start", "status": answer.status, "headers": pairs})
        if is_early and "expect" not in request.headers:
            await send({"type": "http.response.body", "body": answer.body, "more_body": True})
            await self._linger(request)
            await send({"type": "http.response.body", "body": b""})
        else:
            await send({"type": "http.response.body", "body": answer.body})

    async def _linger(self, request: _Request) -> None:
        """Throw away what the client is still sending, as far as that is little."""

        async def discard() -> None:
            left = self._options.max_body_bytes
            async for chunk in request.stream():
                left -= len(chunk)
                if left < 0:
                    return

        with suppress(asyncio.TimeoutError, ClientDisconnect):
            await asyncio.wait_for(discard(), _LINGER_SECONDS)


class _Request(Request):
    """A request that knows how much of it has been read."""

    held_bytes = 0
    is_read = False

    async def stream(self) -> AsyncIterator[bytes]:  # type: ignore[override]
        """Yield the rest of the body as it arrives."""
        while not self.is_read:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            self.is_read = not message.get("more_body", False)
            yield message.get("body", b"")


def _head_of(scope: Scope) -> Head:
    return Head(
        method=scope["method"],
        path=(scope.get("raw_path") or scope["path"].encode("utf-8")).decode("latin-1"),
        headers=tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"]),
    )
