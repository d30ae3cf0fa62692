"""Whether the HTTP endpoint answers and asks for a key. Sends nothing that could be stored."""

from __future__ import annotations

import ssl
import urllib.error
from collections.abc import Iterator
from http.client import HTTPException
from urllib.parse import SplitResult

from airflow_provider_dzlineage.doctor.endpoint_answer import Answer, answer_of, verdict_on
from airflow_provider_dzlineage.doctor.finding import Finding, failed, passed
from airflow_provider_dzlineage.transport_config.destinations import events_path, split_url

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_TLS = "endpoint's TLS"


def check_endpoint(url: str) -> Iterator[Finding]:
    """Look at an endpoint.

    :param url: of the host, with or without the path of events.
    """
    parts = split_url(url)
    if parts is None:
        yield failed("endpoint", "its URL cannot be read", "write it as https://lineage.example.com")
        return
    if parts.scheme not in ("https", "http") or not parts.netloc:
        yield failed("endpoint", "its URL does not begin with https://", "write it as https://lineage.example.com")
        return
    path = events_path(parts.path)
    # A user's name and password are no part of where it listens.
    base = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    try:
        found: Answer | Exception = answer_of(f"{base}{path}")
    except (OSError, HTTPException, ValueError) as error:
        found = error
    reason = found.reason if isinstance(found, urllib.error.URLError) else found
    yield _about_tls(parts, reason)
    if isinstance(reason, ssl.SSLError):
        return
    if isinstance(found, Answer):
        yield verdict_on(found, path)
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
