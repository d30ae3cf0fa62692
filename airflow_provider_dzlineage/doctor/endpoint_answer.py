"""What an endpoint answers to an event that is none, without a key, and what that tells."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage
from typing import IO
from urllib.parse import urlsplit

from airflow_provider_dzlineage.doctor.finding import Finding, failed, passed, warned

_CHECK = "endpoint"
_KEY_CHECK = "endpoint's authentication"
_SECONDS = 5
# Our own refusals have fewer.
_BYTES = 10_000


@dataclass(frozen=True)
class Answer:
    """An answer.

    :param status: of HTTP.
    :param is_ours: whether its body says what is wrong as ``dzlineage serve`` does.
    :param location: where it sends on to; empty when it does not.
    """

    status: int
    is_ours: bool = False
    location: str = ""


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follow nowhere: after a redirect the request would be another, without its body."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        return None


def answer_of(url: str) -> Answer:
    """Send an empty object, which is no event: whoever lets it in refuses it.

    :raises OSError: when nothing answers; also what else ``urllib`` raises.
    """
    request = urllib.request.Request(url, b"{}", {"content-type": "application/json"}, method="POST")  # noqa: S310
    try:
        with urllib.request.build_opener(_Stay).open(request, timeout=_SECONDS) as answer:
            return Answer(int(answer.status))
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, _is_ours(error), _without_query(error.headers.get("location") or ""))


def verdict_on(answer: Answer, path: str) -> Finding:
    """Say what an answer tells.

    :param path: to which the event was posted.
    """
    status = answer.status
    if status == 401:
        return passed(_KEY_CHECK, "it asks for a key")
    if status == 403:
        return warned(
            _KEY_CHECK,
            "it answers 403: an authorizer in front of it, such as IAM, refuses who is not signed in",
            "nothing, if that is meant; or see the log of the API Gateway or firewall in front of it",
        )
    if status == 400 and answer.is_ours:
        return failed(_KEY_CHECK, "everybody may write", "give it API keys, and leave --no-auth out")
    if 200 <= status < 300:
        return failed(
            _KEY_CHECK,
            f"it answers {status} to what is no event, without a key: everybody may write, and nothing is checked",
            "check that dzlineage serve or its Lambda function answers at this URL, and that it has API keys",
        )
    if 300 <= status < 400:
        return failed(
            _CHECK,
            f"it answers {status} and sends on to {answer.location or 'nowhere'}, where clients lose the event",
            "give producers the URL that answers itself, with https://",
        )
    return _about_trouble(status, path)


def _about_trouble(status: int, path: str) -> Finding:
    if status == 400:
        return failed(
            _CHECK,
            f"another server answers {status} at {path}",
            "check host, port and scheme: a TLS port answers so to http://, and a load balancer to a host it has not",
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


def _is_ours(error: urllib.error.HTTPError) -> bool:
    try:
        problem = json.loads(error.read(_BYTES))
    except (OSError, HTTPException, ValueError):
        return False
    return (
        isinstance(problem, dict) and isinstance(problem.get("error"), str) and isinstance(problem.get("detail"), str)
    )


def _without_query(location: str) -> str:
    # What follows a ? may be a secret.
    try:
        return urlsplit(location)._replace(query="", fragment="").geturl()
    except ValueError:
        return "an address that cannot be read"
