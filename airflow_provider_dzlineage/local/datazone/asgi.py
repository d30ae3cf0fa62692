"""The emulator as an ASGI application: quota, faults, latency, and the admin routes."""

from __future__ import annotations

import asyncio
import json
import logging
import math
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import asdict
from typing import Any
from urllib.parse import parse_qsl

import botocore.session
from botocore import xform_name

from airflow_provider_dzlineage.local.datazone.faults import ApiError, Dice, Faults, Quota
from airflow_provider_dzlineage.local.datazone.http_binding import (
    ApiRequest,
    ApiResponse,
    OperationBinding,
    parse_object,
)
from airflow_provider_dzlineage.local.datazone.operations import Operations, RequestCaller

log = logging.getLogger(__name__)

_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]

_POST = "PostLineageEvent"
_OPERATIONS = (
    *(_POST, "GetLineageEvent", "ListLineageEvents", "GetLineageNode", "ListLineageNodeHistory"),
    *("CreateDomain", "GetDomain", "ListDomains"),
)
_MAX_BODY_BYTES = 10 * 1024 * 1024
_SCOPE = re.compile(r"Credential=(?P<key>[^/,\s]+)/\d{8}/(?P<region>[^/]+)/datazone/aws4_request")
_ADMIN = "/_emulator/"


class ConnectionBroken(Exception):  # noqa: N818
    """The answer is withheld and the connection broken."""


class EmulatorApp:
    """ASGI 3 application.

    :param operations: what it serves.
    :param faults: how it misbehaves at first.
    """

    def __init__(self, operations: Operations, faults: Faults) -> None:
        self._operations = operations
        model = botocore.session.get_session().get_service_model("datazone")
        self._bindings = [OperationBinding(model.operation_model(name)) for name in _OPERATIONS]
        self._statuses = {shape.name: int(shape.metadata["error"]["httpStatusCode"]) for shape in model.error_shapes}
        self._statuses["UnknownOperationException"] = 404
        self._requests: Counter[str] = Counter()
        self._set_faults(faults)

    def _set_faults(self, faults: Faults) -> None:
        self._dice = Dice(faults)
        self._quota = Quota(faults.rate, time.monotonic)

    async def __call__(self, scope: _Message, receive: _Receive, send: _Send) -> None:
        """Serve one connection's event."""
        if scope["type"] != "http":
            return
        request = await _read(scope, receive)
        try:
            response = self._admin(request) if request.path.startswith(_ADMIN) else await self._serve(request)
        except ApiError as error:
            response = self._error(error)
        except ConnectionBroken:
            # Fewer bytes than were promised: the server closes the connection, the client sees it break.
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1")]})
            return
        except Exception:
            log.exception("%s %s", request.method, request.path)
            response = self._error(ApiError("InternalServerException", "The emulator has a bug; its log says more."))
        headers = {**response.headers, "content-length": str(len(response.body))}
        pairs = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": response.status, "headers": pairs})
        await send({"type": "http.response.body", "body": response.body})

    async def _serve(self, request: ApiRequest) -> ApiResponse:
        operation = next((each for each in self._bindings if each.parameters_of(request) is not None), None)
        if operation is None:
            raise ApiError("UnknownOperationException", "The emulator does not have this operation.")
        self._requests[operation.name] += 1
        scope = _SCOPE.search(request.headers.get("authorization", ""))
        if scope is None:
            raise ApiError("AccessDeniedException", "The request has no AWS signature for the service datazone.")
        caller = RequestCaller(scope["key"], scope["region"])
        faults = self._dice.faults
        if faults.latency_seconds:
            await asyncio.sleep(faults.latency_seconds)
        handler = getattr(self._operations, xform_name(operation.name))
        if operation.name != _POST:
            while self._operations.process_due():
                await asyncio.sleep(0)
            return operation.write(handler(operation.read(request), caller))
        if not self._quota.take(f"{caller.access_key}/{caller.region}") or self._dice.hits("throttle"):
            self._requests["throttled"] += 1
            raise ApiError("ThrottlingException", "Rate exceeded")
        if self._dice.hits("server_error"):
            self._requests["server_errors"] += 1
            raise ApiError("InternalServerException", "The request has failed because of an internal error.")
        breaks = self._dice.hits("time_out")
        response = operation.write(handler(operation.read(request), caller, self._dice))
        self._requests["accepted"] += 1
        if breaks:
            self._requests["timed_out"] += 1
            await asyncio.sleep(faults.time_out_seconds)
            raise ConnectionBroken
        return response

    def _admin(self, request: ApiRequest) -> ApiResponse:
        name = request.path.removeprefix(_ADMIN)
        if name == "stats" and request.method == "GET":
            return _json(dict(self._requests))
        if name == "faults" and request.method in ("GET", "PUT"):
            if request.method == "PUT":
                self._set_faults(Faults.from_json(parse_object(request.body)))
            faults = asdict(self._dice.faults)
            return _json({name: value if math.isfinite(value) else str(value) for name, value in faults.items()})
        raise ApiError("UnknownOperationException", "There are GET /_emulator/stats and GET and PUT /_emulator/faults.")

    def _error(self, error: ApiError) -> ApiResponse:
        status = self._statuses.get(error.code, 400)
        return _json({"message": error.message}, status, {"x-amzn-errortype": error.code})


async def _read(scope: _Message, receive: _Receive) -> ApiRequest:
    message: _Message = {"more_body": True}
    body = bytearray()
    while message.get("more_body") and len(body) <= _MAX_BODY_BYTES:
        message = await receive()
        body += message.get("body", b"")
    return ApiRequest(
        method=scope["method"],
        path=(scope.get("raw_path") or scope["path"].encode()).decode("latin-1"),
        query=dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)),
        headers={name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]},
        body=bytes(body),
    )


def _json(value: object, status: int = 200, headers: dict[str, str] | None = None) -> ApiResponse:
    return ApiResponse(status, {"content-type": "application/json", **(headers or {})}, json.dumps(value).encode())
