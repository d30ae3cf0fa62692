"""The same endpoint behind each of its adapters, for tests to talk to."""

from __future__ import annotations

import base64
import http.client
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, Protocol
from urllib.parse import urlsplit

from airflow_provider_dzlineage.receiver.aws_lambda import make_handler

_STOP_SECONDS = 20


class Answer(NamedTuple):
    """What a client sees.

    :param headers: names in lower case.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes


class Endpoint(Protocol):
    """Takes requests."""

    def ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """Send one request and return its answer."""


class Served:
    """``dzlineage serve`` in a process of its own; a context manager.

    :param variables: environment variables, among them how to reach SQS.
    """

    def __init__(self, variables: Mapping[str, str], *arguments: str) -> None:
        self._variables = {"PATH": os.environ["PATH"], **variables}
        self._arguments = arguments
        self.url = ""

    def __enter__(self) -> Served:
        program = Path(sys.prefix) / "bin" / "dzlineage"
        self.process = subprocess.Popen(
            [str(program), "serve", "--port", "0", *self._arguments],
            env=self._variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        self.url = self.process.stdout.readline().partition(" ")[0]
        assert self.url.startswith("http"), self.process.communicate(timeout=_STOP_SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> str:
        """End it in order and return what it has logged."""
        self.process.terminate()
        return self.process.communicate(timeout=_STOP_SECONDS)[1]

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        parts = urlsplit(self.url)
        return str(parts.hostname), int(parts.port or 0)

    def ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """Send one request."""
        connection = http.client.HTTPConnection(*self.address, timeout=15)
        try:
            connection.request(method, path, body=body or None, headers=dict(headers))
            response = connection.getresponse()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()


class Lambda:
    """The handler of AWS Lambda, called as an API Gateway or a function URL calls it.

    :param form: ``2.0``, ``1.0``, or ``url`` for a function's own URL.
    """

    def __init__(self, variables: Mapping[str, str], form: str) -> None:
        self._handler = make_handler(variables)
        self._form = form

    def ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """Invoke the function."""
        answer = self._handler(self._event(method, path, headers, body), None)
        content = answer["body"].encode()
        if answer["isBase64Encoded"]:
            content = base64.b64decode(content)
        return Answer(answer["statusCode"], {k.lower(): v for k, v in answer["headers"].items()}, content)

    def _event(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> dict[str, object]:
        # Bodies that are no text, as zipped ones, come in base64; so may any other.
        carried = {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
        if self._form == "1.0":
            several = {name.title(): [value] for name, value in headers.items()}
            return {"version": "1.0", "httpMethod": method, "path": path, "multiValueHeaders": several, **carried}
        stage = "$default" if self._form == "url" else "prod"
        return {
            "version": "2.0",
            "rawPath": path if self._form == "url" else f"/prod{path}",
            "headers": dict(headers),
            "requestContext": {"stage": stage, "http": {"method": method, "path": path}},
            **carried,
        }
