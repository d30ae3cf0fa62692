"""Checks of the HTTP endpoint: it answers, with TLS, and asks for a key. They send nothing that could be stored."""

from __future__ import annotations

import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPException
from typing import Any
from urllib.parse import SplitResult, urlsplit

from airflow_provider_dzlineage.doctor.finding import Finding, failed, passed, warned
from airflow_provider_dzlineage.transport_config.destinations import events_path, split_url

_CHECK = "endpoint"
_KEY_CHECK = "endpoint's authentication"
_TLS_CHECK = "endpoint's TLS"
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_TIMEOUT_SECONDS = 5
# The receiver's own error bodies are shorter.
_MAX_BODY_BYTES = 10_000


def check_endpoint(url: str) -> Iterator[Finding]:
    """Check an endpoint.

    :param url: of the host, with or without the path of events.
    """
    parts = split_url(url)
    if parts is None or parts.scheme not in ("https", "http") or not parts.netloc:
        problem = "cannot be read" if parts is None else "does not begin with https://"
        yield failed(_CHECK, f"its URL {problem}", "write it as https://lineage.example.com")
        return
    path = events_path(parts.path)
    # Without a user name and password, which a URL may have.
    base = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    try:
        status, is_receiver, location = _post_no_event(f"{base}{path}")
    except (OSError, HTTPException, ValueError) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        yield _check_tls(parts, reason)
        if not isinstance(reason, ssl.SSLError):
            kind = type(reason if isinstance(reason, Exception) else error).__name__
            yield failed(_CHECK, f"no answer: {kind}", "check host and port, and that dzlineage serve runs")
        return
    yield _check_tls(parts)
    yield _check_answer(path, status, is_receiver=is_receiver, location=location)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows no redirect, since the request would go on without its body."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def _post_no_event(url: str) -> tuple[int, bool, str]:
    """Post an empty JSON object, which is not an event: without authentication it is refused as invalid.

    :return: the status; whether the body is an error of ``dzlineage serve``; where a redirect goes, without its query.
    :raises OSError: when nothing answers; other exceptions of ``urllib`` and ``http.client`` too.
    """
    request = urllib.request.Request(url, b"{}", {"content-type": "application/json"}, method="POST")  # noqa: S310
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=_TIMEOUT_SECONDS) as response:
            return int(response.status), False, ""
    except urllib.error.HTTPError as error:
        with error:
            try:
                # A query may hold a secret.
                location = urlsplit(error.headers.get("location") or "")._replace(query="", fragment="").geturl()
            except ValueError:
                location = "an address that cannot be read"
            return error.code, _is_receiver_error(error), location


def _is_receiver_error(error: urllib.error.HTTPError) -> bool:
    try:
        body = json.loads(error.read(_MAX_BODY_BYTES))
    except (OSError, HTTPException, ValueError):
        return False
    return isinstance(body, dict) and isinstance(body.get("error"), str) and isinstance(body.get("detail"), str)


def _check_tls(parts: SplitResult, error: object = None) -> Finding:
    if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
        return failed(_TLS_CHECK, "it speaks plain HTTP", "put a load balancer or API Gateway with TLS in front of it")
    if isinstance(error, ssl.SSLCertVerificationError):
        return failed(
            _TLS_CHECK,
            f"its certificate is not valid here: {error.verify_message}",
            "give it a certificate that names its host, of a public authority; or set SSL_CERT_FILE to your own",
        )
    if isinstance(error, ssl.SSLError):
        return failed(
            _TLS_CHECK,
            f"no TLS on this port: {error.reason or type(error).__name__}",
            "check the port, and its TLS versions",
        )
    return passed(_TLS_CHECK, parts.scheme)


def _check_answer(path: str, status: int, *, is_receiver: bool, location: str) -> Finding:
    if status == 401:
        return passed(_KEY_CHECK, "it asks for a key")
    if status == 403:
        return warned(
            _KEY_CHECK,
            "it answers 403: an authorizer in front of it, such as IAM, refuses unsigned requests",
            "nothing, if that is meant; or see the log of the API Gateway or firewall in front of it",
        )
    if status == 400 and is_receiver:
        return failed(_KEY_CHECK, "everybody may write", "give it API keys, and leave --no-auth out")
    if 200 <= status < 300:
        return failed(
            _KEY_CHECK,
            f"it answers {status} to an invalid event without a key: everybody may write, and nothing is checked",
            "check that dzlineage serve or its Lambda function answers at this URL, and that it has API keys",
        )
    if 300 <= status < 400:
        return failed(
            _CHECK,
            f"it answers {status} and sends on to {location or 'nowhere'}, where clients lose the event",
            "give producers the URL that answers itself, with https://",
        )
    if status == 400:
        return failed(
            _CHECK,
            f"another server answers {status} at {path}",
            "check host, port and scheme: a TLS port answers so to http://, and a load balancer to an unknown host",
        )
    if status in (502, 504):
        return failed(
            _CHECK,
            f"it answers {status}: the gateway reaches nothing behind it",
            "see whether dzlineage serve or its Lambda function runs there, on the port and within the time that the "
            "load balancer or API Gateway expects",
        )
    if status == 503:
        return warned(_CHECK, f"it answers {status}", "see its log, or the API Gateway in front of it")
    return failed(_CHECK, f"it answers {status} at {path}", "check the path; the usual one is /api/v1/lineage")
