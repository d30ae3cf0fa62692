"""The endpoint as an ASGI application, for uvicorn and any other server."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeAlias

from airflow_provider_dzlineage.receiver.authentication import AuthenticationRefresher
from airflow_provider_dzlineage.receiver.batcher import Batcher
from airflow_provider_dzlineage.receiver.endpoint import Admission, Endpoint, EventBatch
from airflow_provider_dzlineage.receiver.http_messages import (
    HttpAnswer,
    RequestHead,
    declared_size,
    refusal,
    retry_later,
    too_large,
)
from airflow_provider_dzlineage.receiver.options import ANSWER_SECONDS
from airflow_provider_dzlineage.receiver.sending import MAX_SENDERS, Sender

log = logging.getLogger(__name__)

# Source: the ASGI specification 3.0.
AsgiMessage: TypeAlias = "MutableMapping[str, Any]"
AsgiReceive: TypeAlias = "Callable[[], Awaitable[AsgiMessage]]"
AsgiSend: TypeAlias = "Callable[[AsgiMessage], Awaitable[None]]"

_REFRESH_SECONDS = 1.0
# A client that is still sending its body sees an early answer only when somebody reads on: so long, with pauses of so
# long, and so many bytes. What is longer is cut off, and may see a connection reset instead.
_LINGER_SECONDS = 10.0
_LINGER_PAUSE_SECONDS = 2.0
_LINGER_BYTES = 128 * 1024 * 1024
_CLOSE = ("connection", "close")
# A server takes "http://host/path" as well as "/path" (RFC 9112, 3.2.2); h11 hands the target on as it was sent.
_SCHEME_AND_HOST = re.compile(r"\Ahttps?://[^/]*", re.IGNORECASE)
# Reading fewer bytes takes less than passing them to a thread and back.
_SMALL_BYTES = 32 * 1024
# A few hundredths of a second; a batch as big as it may be takes many tenths.
_MEDIUM_BYTES = 512 * 1024


class ClientDisconnectedError(Exception):
    """The client has gone before its request was complete."""


class ReceiverApp:
    """ASGI 3 application; its lifespan has to run.

    :param endpoint: decides.
    :param sender: sends.
    """

    def __init__(self, endpoint: Endpoint, sender: Sender) -> None:
        self._endpoint = endpoint
        self._sender = sender
        self._options = endpoint.options
        self._requests = 0
        self._held_bytes = 0

    async def __call__(self, scope: AsgiMessage, receive: AsgiReceive, send: AsgiSend) -> None:
        """Serve one request, or the lifespan."""
        if scope["type"] == "http":
            await self._serve(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await send({"type": "websocket.close"})

    async def _live(self, receive: AsgiReceive, send: AsgiSend) -> None:
        await receive()
        # One call at a time keeps the order that a FIFO queue is there for.
        self._batcher = Batcher(self._sender.send, 1 if self._sender.is_fifo else MAX_SENDERS)
        self._parser = BodyParser(self._endpoint.read)
        refreshing = asyncio.create_task(self._refresh())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        refreshing.cancel()
        self._parser.close()
        self._batcher.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _refresh(self) -> None:
        refresher = AuthenticationRefresher(self._endpoint.authentication)
        while True:
            await asyncio.sleep(_REFRESH_SECONDS)
            await asyncio.to_thread(refresher.refresh_if_due)

    async def _serve(self, scope: AsgiMessage, receive: AsgiReceive, send: AsgiSend) -> None:
        head = _request_head(scope)
        body = _RequestBody(head, receive)
        self._requests += 1
        try:
            answer = await self._answer(head, body)
        except ClientDisconnectedError:
            return
        except Exception as error:
            # Without the error's text, which may repeat something of the event.
            log.error("A request failed: %s", type(error).__name__)
            answer = retry_later("failed", "the endpoint has a bug; its log says more")
        finally:
            self._requests -= 1
            self._held_bytes -= body.held_bytes
        await self._send(answer, head, body, send)

    async def _answer(self, head: RequestHead, body: _RequestBody) -> HttpAnswer:
        admission = self._endpoint.admit(head)
        if isinstance(admission, HttpAnswer):
            return admission
        if self._requests > self._options.max_requests:
            return retry_later("overloaded", "too many requests at the same time")
        try:
            content = await asyncio.wait_for(self._read(body), self._options.body_seconds)
        except asyncio.TimeoutError:
            return refusal(408, "slow_body", "the body did not arrive in time")
        if isinstance(content, HttpAnswer):
            return content
        deadline = asyncio.get_running_loop().time() + ANSWER_SECONDS
        size = declared_size(content, head)
        if not self._has_room_for(body, size):
            return retry_later("overloaded", "too many bytes at the same time")
        batch = await self._parser.parse(admission, content, size, deadline)
        if isinstance(batch, HttpAnswer):
            return batch
        return self._endpoint.answer(batch, await self._batcher.submit(batch.messages, deadline))

    async def _read(self, body: _RequestBody) -> bytes | HttpAnswer:
        chunks = []
        async for chunk in body:
            chunks.append(chunk)
            body.held_bytes += len(chunk)
            self._held_bytes += len(chunk)
            if body.held_bytes > self._options.max_body_bytes:
                return too_large(self._options.max_body_bytes, "as it is sent")
            if self._held_bytes > self._options.max_held_bytes:
                return retry_later("overloaded", "too many bytes at the same time")
        return b"".join(chunks)

    def _has_room_for(self, body: _RequestBody, size: int) -> bool:
        """Count a body as what it becomes when decompressed; return whether there is room. For one alone there is."""
        more = min(size, self._options.max_decoded_bytes) - body.held_bytes
        if more > 0:
            body.held_bytes += more
            self._held_bytes += more
        return self._held_bytes <= max(self._options.max_held_bytes, body.held_bytes)

    async def _send(self, answer: HttpAnswer, head: RequestHead, body: _RequestBody, send: AsgiSend) -> None:
        is_early = not body.is_read
        headers = (*answer.all_headers(), _CLOSE) if is_early else answer.all_headers()
        pairs = [(name.encode("ascii"), value.encode("ascii")) for name, value in headers]
        await send({"type": "http.response.start", "status": answer.status, "headers": pairs})
        # A client that expects a 100 first sends no body after this answer.
        lingers = is_early and not head.values("expect")
        await send({"type": "http.response.body", "body": answer.body, "more_body": lingers})
        if lingers:
            with suppress(asyncio.TimeoutError, ClientDisconnectedError):
                await asyncio.wait_for(body.discard(), _LINGER_SECONDS)
            await send({"type": "http.response.body", "body": b""})


class _RequestBody:
    """The body of a request as it arrives; an asynchronous iterator of its chunks.

    :param receive: returns the next event of the request.
    """

    def __init__(self, head: RequestHead, receive: AsgiReceive) -> None:
        self._receive = receive
        self.held_bytes = 0
        self.is_read = not (head.values("transfer-encoding") or head.value("content-length") not in ("", "0"))

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while not self.is_read:
            yield await self._next()

    async def discard(self) -> None:
        """Read on and keep nothing, as far as that is bounded."""
        left = _LINGER_BYTES
        while left > 0 and not self.is_read:
            left -= len(await asyncio.wait_for(self._next(), _LINGER_PAUSE_SECONDS))

    async def _next(self) -> bytes:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnectedError
        self.is_read = not message.get("more_body", False)
        return bytes(message.get("body", b""))


class BodyParser:
    """Parses bodies in threads of its own, so that no request waits long for the bodies of others.

    :param parse: returns the events in a body, or the answer to it.
    """

    def __init__(self, parse: Callable[[Admission, bytes], EventBatch | HttpAnswer]) -> None:
        self._parse = parse
        # One thread each: Python reads no two bodies at the same time, and big ones must not be in everybody's way.
        self._medium = ThreadPoolExecutor(1, thread_name_prefix="parse")
        self._big = ThreadPoolExecutor(1, thread_name_prefix="parse-big")

    async def parse(self, admission: Admission, body: bytes, size: int, deadline: float) -> EventBatch | HttpAnswer:
        """Parse the body of a request.

        :param size: of the body when decompressed, bytes.
        :param deadline: when to answer that there is too much to do, on the loop's clock.
        """
        if size <= _SMALL_BYTES:
            return self._parse(admission, body)
        loop = asyncio.get_running_loop()
        threads = self._medium if size <= _MEDIUM_BYTES else self._big
        parsing = loop.run_in_executor(threads, self._parse, admission, body)
        try:
            return await asyncio.wait_for(parsing, deadline - loop.time())
        except asyncio.TimeoutError:
            return retry_later("overloaded", "too many big bodies at the same time")

    def close(self) -> None:
        """End the threads; all requests have to be over."""
        self._medium.shutdown(wait=False)
        self._big.shutdown(wait=False)


def _request_head(scope: AsgiMessage) -> RequestHead:
    target = (scope.get("raw_path") or scope["path"].encode("utf-8")).decode("latin-1")
    return RequestHead(
        method=scope["method"],
        path=_SCHEME_AND_HOST.sub("", target),
        headers=tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"]),
    )
