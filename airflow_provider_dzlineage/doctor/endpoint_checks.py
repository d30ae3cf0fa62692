"""Whether the HTTP endpoint answers and asks for a key. Sends nothing that could be stored."""

from __future__ import annotations

import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPException
from urllib.parse import SplitResult, urlsplit

from airflow_provider_dzlineage.doctor.finding import Finding, failed, passed, warned

_SECONDS = 5
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_TLS = "endpoint's TLS"


def check_endpoint(url: str) -> Iterator[Finding]:
    """Look at an endpoint.

    :param url: of the host, with or without the path of events.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        yield failed("endpoint", "its URL cannot be read", "write it as https://lineage.example.com")
        return
    if parts.scheme not in ("https", "http") or not parts.netloc:
        yield failed("endpoint", "its URL does not begin with https://", "write it as https://lineage.example.com")
        return
    path = parts.path.rstrip("/")
    path = path if path.endswith("/lineage") else f"{path}/api/v1/lineage"
    # A user's name and password are no part of where it listens.
    base = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    try:
        found: int | Exception = _status(f"{base}{path}", json.dumps({}).encode())
    except (OSError, HTTPException, ValueError) as error:
        found = error
    reason = found.reason if isinstance(found, urllib.error.URLError) else found
    yield _about_tls(parts, reason)
    if isinstance(reason, ssl.SSLError):
        return
    if isinstance(found, int):
        yield _about_answer(found, path)
    else:
        kind = type(reason if isinstance(reason, Exception) else found).__name__
        yield failed("endpoint", f"no answer: {kind}", "check host and port, and that dzlineage serve runs")


def _about_tls(parts: SplitResult, reason: object) -> Finding:
    if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
        return failed(_TLS, "it speaks plain HTTP", "put a load balancer or API Gateway with TLS in front of it")
    if isinstance(reason, ssl.SSLCertVerificationError):
        return failed(
            _TLS,
            f"its certificate is not valid here: {reason.verify_message}",
            "give it a certificate that names its host, of a public authority; or set SSL_CERT_FILE to your own",
        )
    if isinstance(reason, ssl.SSLError):
        return failed(
            _TLS,
            f"no TLS on this port: {reason.reason or type(reason).__name__}",
            "check the port, and its TLS versions",
        )
    return passed(_TLS, parts.scheme)


def _about_answer(status: int, path: str) -> Finding:
    if status == 401:
        return passed("endpoint's authentication", "it asks for a key")
    if status == 403:
        return warned(
            "endpoint's authentication",
            "it answers 403: an authorizer in front of it, such as IAM, refuses who is not signed in",
            "nothing, if that is meant; or see the log of the API Gateway or firewall in front of it",
        )
    if status == 400:
        return failed("endpoint's authentication", "everybody may write", "give it API keys, and leave --no-auth out")
    if status == 503:
        return warned("endpoint", f"it answers {status}", "see its log, or the API Gateway in front of it")
    return failed("endpoint", f"it answers {status} at {path}", "check the path; the usual one is /api/v1/lineage")


def _status(url: str, body: bytes) -> int:
    # An empty object is no event: whoever lets it in refuses it.
    request = urllib.request.Request(url, body, {"content-type": "application/json"}, method="POST")  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
