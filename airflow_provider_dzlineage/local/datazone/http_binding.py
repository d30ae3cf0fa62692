"""HTTP requests to operations and back, by the service model of Amazon DataZone that ships in botocore."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import unquote

from botocore.model import OperationModel, StructureShape

from airflow_provider_dzlineage.local.datazone import shapes
from airflow_provider_dzlineage.local.datazone.faults import ApiError


@dataclass(frozen=True)
class ApiRequest:
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
class ApiResponse:
    """An HTTP response, apart from any server."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def parse_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object in the body of a request.

    :raises ApiError: ``ValidationException``, when it is none.
    """
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise ApiError("ValidationException", "the request's body is not JSON") from None
    if not isinstance(value, dict):
        raise ApiError("ValidationException", "the request's body is not a JSON object")
    return value


class OperationBinding:
    """One operation of the service on HTTP."""

    def __init__(self, model: OperationModel) -> None:
        self._model = model
        self.name = model.name
        # Every operation of the service has both.
        self._input = cast("StructureShape", model.input_shape)
        self._output = cast("StructureShape", model.output_shape)
        uri = model.http["requestUri"].split("?")[0]
        # Names hold slashes, percent-encoded: what a member matches ends at the next bare slash.
        self._path = re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(uri)))

    def parameters_of(self, request: ApiRequest) -> dict[str, str] | None:
        """Return the members in the path; None when it is a request for another operation."""
        match = self._path.fullmatch(request.path) if request.method == self._model.http["method"] else None
        return match and {name: unquote(value) for name, value in match.groupdict().items()}

    def read(self, request: ApiRequest) -> dict[str, Any]:
        """Return the parameters of a request, checked.

        :raises ApiError: ``ValidationException``, with every rule that is broken.
        """
        found = self._body(request)
        texts = {"uri": self.parameters_of(request) or {}, "querystring": request.query, "header": request.headers}
        for name, shape in self._input.members.items():
            location, key = shape.serialization.get("location", ""), shape.serialization.get("name", name)
            text = texts.get(location, {}).get(key.lower() if location == "header" else key)
            if text is not None:
                found[name] = shapes.read_text(text, shape)
        broken = list(shapes.problems(found, self._input))
        if broken:
            noun = "error" if len(broken) == 1 else "errors"
            raise ApiError("ValidationException", f"{len(broken)} validation {noun} detected: {'; '.join(broken)}")
        return found

    def _body(self, request: ApiRequest) -> dict[str, Any]:
        payload = self._input.serialization.get("payload")
        if payload:
            return {payload: request.body}
        members = shapes.read(parse_object(request.body or b"{}"), self._input)
        shapes_of = self._input.members
        return {name: value for name, value in members.items() if "location" not in shapes_of[name].serialization}

    def write(self, result: Mapping[str, Any]) -> ApiResponse:
        """Return the response that carries an operation's result."""
        payload = self._output.serialization.get("payload")
        headers, members = {"content-type": "application/json"}, {}
        for name, value in result.items():
            member = self._output.members.get(name)
            if value is None or member is None or name == payload:
                continue
            if member.serialization.get("location") == "header":
                headers[member.serialization["name"]] = shapes.write_header(value)
            else:
                members[name] = value
        body = result[payload] if payload else json.dumps(shapes.write(members, self._output)).encode()
        return ApiResponse(int(self._model.http.get("responseCode", 200)), headers, body)
