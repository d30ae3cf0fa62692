"""Whether the HTTP endpoint answers and asks for a key. Sends nothing that could be stored."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from urllib.parse import urlsplit

from airflow_provider_dzlineage.doctor.finding import Finding, failed, passed, warned

_SECONDS = 5
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def check_endpoint(url: str) -> Iterator[Finding]:
    """Look at an endpoint.

    :param url: of the host, with or without the path of events.
    """
    parts = urlsplit(url)
    path = parts.path.rstrip("/")
    path = path if path.endswith("/lineage") else f"{path}/api/v1/lineage"
    base = f"{parts.scheme}://{parts.netloc}"
    if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
        yield failed(
            "endpoint's TLS", "it speaks plain HTTP", "put a load balancer or API Gateway with TLS in front of it"
        )
    else:
        yield passed("endpoint's TLS", parts.scheme)
    try:
        status = _status(f"{base}{path}", json.dumps({}).encode())
    except OSError as error:
        yield failed(
            "endpoint", f"no answer: {type(error).__name__}", "check host and port, and that dzlineage serve runs"
        )
        return
    if status == 401:
        yield passed("endpoint's authentication", "it asks for a key")
    elif status == 400:
        yield failed("endpoint's authentication", "everybody may write", "give it API keys, and leave --no-auth out")
    elif status in (403, 503):
        yield warned("endpoint", f"it answers {status}", "see its log, or the API Gateway in front of it")
    else:
        yield failed("endpoint", f"it answers {status} at {path}", "check the path; the usual one is /api/v1/lineage")


def _status(url: str, body: bytes) -> int:
    # An empty object is no event: whoever lets it in refuses it.
    request = urllib.request.Request(url, body, {"content-type": "application/json"}, method="POST")  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
