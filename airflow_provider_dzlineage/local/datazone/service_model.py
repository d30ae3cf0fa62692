"""HTTP requests to operations and back, by the service model of Amazon DataZone that ships in botocore."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Any, cast
from urllib.parse import unquote

import botocore.session
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape
from botocore.utils import parse_timestamp

from airflow_provider_dzlineage.local.datazone.errors import ApiError


@dataclass(frozen=True)
class Request:
    """An HTTP request, apart from any server.

    :param path: percent-encoded as it came.
    :param query: name to value.
    :param headers: lower-case name to value.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Response:
    """An HTTP response, apart from any server."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class ServiceInterface:
    """The operations that the emulator has.

    :param names: of the operations.
    """

    def __init__(self, *names: str) -> None:
        model = botocore.session.get_session().get_service_model("datazone")
        self._operations = [_Operation(model.operation_model(name)) for name in names]
        self._error_statuses: dict[str, int] = {
            shape.name: int(shape.metadata["error"]["httpStatusCode"]) for shape in model.error_shapes
        }

    def match(self, request: Request) -> _Operation | None:
        """Return the operation that a request is for."""
        return next((operation for operation in self._operations if operation.path_of(request)), None)

    def error_status(self, code: str) -> int:
        """Return the HTTP status of an error by its code."""
        return self._error_statuses.get(code, 400)


class _Operation:
    def __init__(self, model: OperationModel) -> None:
        self._model = model
        self.name = model.name
        # Every operation of the service has both.
        self._input = cast("StructureShape", model.input_shape)
        self._output = cast("StructureShape", model.output_shape)
        uri = model.http["requestUri"].split("?")[0]
        # Names hold slashes, percent-encoded: what a member matches ends at the next bare slash.
        self._path = re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(uri)))

    def path_of(self, request: Request) -> re.Match[str] | None:
        return self._path.fullmatch(request.path) if request.method == self._model.http["method"] else None

    def read(self, request: Request) -> dict[str, Any]:
        """Return the parameters of a request, checked.

        :raises ApiError: ``ValidationException``, with every rule that is broken.
        """
        path = self.path_of(request)
        found: dict[str, Any] = {}
        body = self._body(request)
        for name, shape in self._input.members.items():
            location, wire_name = shape.serialization.get("location"), shape.serialization.get("name", name)
            raw: Any = None
            if location == "uri" and path:
                raw = unquote(path[wire_name])
            elif location == "querystring":
                raw = request.query.get(wire_name)
            elif location == "header":
                raw = request.headers.get(wire_name.lower())
            elif name == self._input.serialization.get("payload"):
                raw = request.body
            else:
                raw = body.get(wire_name)
            if raw is not None:
                found[name] = _read(raw, shape, name)
        problems = _problems(found, self._input, "")
        if problems:
            raise ApiError("ValidationException", f"{len(problems)} validation errors detected: {'; '.join(problems)}")
        return found

    def _body(self, request: Request) -> Mapping[str, Any]:
        if "payload" in self._input.serialization or not request.body:
            return {}
        try:
            body = json.loads(request.body)
        except ValueError:
            raise ApiError("ValidationException", "the request's body is not JSON") from None
        if not isinstance(body, dict):
            raise ApiError("ValidationException", "the request's body is not a JSON object")
        return body

    def write(self, result: Mapping[str, Any]) -> Response:
        """Return the response that carries an operation's result."""
        shape = self._output
        headers, members = {}, {}
        payload = b""
        for name, value in result.items():
            if value is None or name not in shape.members:
                continue
            member = shape.members[name]
            if member.serialization.get("location") == "header":
                headers[member.serialization["name"]] = (
                    format_datetime(value) if isinstance(value, datetime) else str(value)
                )
            elif name == shape.serialization.get("payload"):
                payload = value
            else:
                members[member.serialization.get("name", name)] = _write(value, member)
        if "payload" not in shape.serialization:
            payload = json.dumps(members).encode()
        status = int(self._model.http.get("responseCode", 200))
        return Response(status, {"Content-Type": "application/json", **headers}, payload)


def _read(raw: Any, shape: Shape, name: str) -> Any:
    try:
        if shape.type_name == "timestamp":
            return parse_timestamp(raw)
        if shape.type_name in ("integer", "long") and isinstance(raw, str):
            return int(raw)
        if shape.type_name == "blob" and isinstance(raw, str):
            return base64.b64decode(raw)
    except ValueError:
        raise ApiError("ValidationException", f"{name} is not a {shape.type_name}") from None
    return raw


def _problems(value: Any, shape: Shape, path: str) -> list[str]:
    """List every rule of the model that a value breaks."""
    if isinstance(shape, StructureShape):
        if not isinstance(value, dict):
            return [f"{path} must be a structure"]
        missing = [f"{path}{name} is required" for name in shape.required_members if name not in value]
        known = [(name, member) for name, member in shape.members.items() if name in value]
        return missing + [
            problem for name, member in known for problem in _problems(value[name], member, f"{path}{name}")
        ]
    if isinstance(shape, ListShape):
        return [problem for item in value for problem in _problems(item, shape.member, f"{path}[]")]
    if isinstance(shape, MapShape):
        return [problem for item in value.values() for problem in _problems(item, shape.value, f"{path}{{}}")]
    rules = shape.metadata
    if shape.type_name == "string" and not isinstance(value, str):
        return [f"{path} must be a string"]
    size = value if shape.type_name in ("integer", "long") else len(value) if isinstance(value, str | bytes) else None
    problems = []
    if size is not None and size < rules.get("min", size):
        problems.append(f"{path} must be at least {rules['min']}")
    if size is not None and size > rules.get("max", size):
        problems.append(f"{path} must be at most {rules['max']}")
    if "pattern" in rules and isinstance(value, str) and not re.fullmatch(rules["pattern"], value):
        problems.append(f"{path} must match {rules['pattern']}")
    if rules.get("enum") and value not in rules["enum"]:
        problems.append(f"{path} must be one of {', '.join(rules['enum'])}")
    return problems


def _write(value: Any, shape: Shape) -> Any:
    if isinstance(shape, StructureShape):
        return {
            shape.members[name].serialization.get("name", name): _write(item, shape.members[name])
            for name, item in value.items()
            if item is not None and name in shape.members
        }
    if isinstance(shape, ListShape):
        return [_write(item, shape.member) for item in value]
    if isinstance(value, datetime):
        return value.timestamp()
    return value
