"""The endpoint as an AWS Lambda function behind an API Gateway or a function URL. Knows no web framework."""

from __future__ import annotations

import base64
import binascii
import logging
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from airflow_provider_dzlineage.receiver.authentication import authentication_of
from airflow_provider_dzlineage.receiver.core import Receiver
from airflow_provider_dzlineage.receiver.exchange import Answer, Head, refusal, try_later
from airflow_provider_dzlineage.receiver.options import receiver_options
from airflow_provider_dzlineage.receiver.refreshing import Refreshing
from airflow_provider_dzlineage.receiver.sending import Sender, queue_for_answers
from airflow_provider_dzlineage.settings import load_settings

log = logging.getLogger(__name__)

_MAX_NAME_LENGTH = 100

Handler: TypeAlias = "Callable[[Mapping[str, Any], object], dict[str, Any]]"


def make_handler(environment: Mapping[str, str] = os.environ) -> Handler:
    """Make the function that Lambda calls, from settings and options in the environment.

    :raises ConfigurationError: when they are missing or wrong.
    """
    settings = load_settings(environment=environment)
    options = receiver_options({}, environment)
    authentication = authentication_of(options, settings)
    sender = Sender(queue_for_answers(settings))
    return LambdaReceiver(Receiver(options, authentication, is_fifo=sender.is_fifo), sender)


class LambdaReceiver:
    """Answers one invocation.

    :param receiver: decides.
    :param sender: sends.
    """

    def __init__(self, receiver: Receiver, sender: Sender) -> None:
        self._receiver = receiver
        self._sender = sender
        self._refreshing = Refreshing(receiver.authentication)

    def __call__(self, event: Mapping[str, Any], context: object = None) -> dict[str, Any]:
        """Answer.

        :param event: of an HTTP API (payload 2.0 or 1.0), a REST API (1.0) or a function URL (2.0).
        :return: the response in the form that all of them take.
        """
        try:
            answer = self._answer(event)
        except Exception as error:
            # Without the error's text, which may repeat something of the event.
            log.error("A request failed: %s", type(error).__name__)
            answer = try_later("failed", "the endpoint has a bug; its log says more")
        return {
            "statusCode": answer.status,
            "headers": dict(answer.all_headers()),
            "body": answer.body.decode("ascii"),
            "isBase64Encoded": False,
        }

    def _answer(self, event: Mapping[str, Any]) -> Answer:
        begun = time.monotonic()
        request = _read(event, self._receiver)
        if isinstance(request, Answer):
            return request
        self._refreshing.wait()
        admission = self._receiver.admit(request.head)
        if isinstance(admission, Answer):
            return admission
        body = request.body()
        parcel = body if isinstance(body, Answer) else self._receiver.open(admission, body)
        if isinstance(parcel, Answer):
            return parcel
        return self._receiver.answer(parcel, self._sender.send_in_time(parcel.messages, time.monotonic() - begun))


@dataclass(frozen=True)
class _Request:
    head: Head
    text: str
    is_base64: bool

    def body(self) -> bytes | Answer:
        if not self.is_base64:
            # What is no Unicode becomes bytes that are no UTF-8, and is refused as such.
            return self.text.encode("utf-8", "surrogatepass")
        try:
            return base64.b64decode(self.text, validate=True)
        except (binascii.Error, ValueError):
            return refusal(400, "not_base64", "the gateway marked the body as base64, and it is not")


def _read(event: Mapping[str, Any], receiver: Receiver) -> _Request | Answer:
    # Source: "Working with AWS Lambda proxy integrations for HTTP APIs" in the API Gateway developer guide, and
    # "Request and response payloads" of function URLs in the Lambda developer guide.
    event = _object(event)
    context = _object(event.get("requestContext"))
    if "http" in context:
        method, path = _object(context["http"]).get("method"), event.get("rawPath", "")
        pairs = list(_object(event.get("headers")).items())
    else:
        method, path = event.get("httpMethod"), event.get("path", "")
        several = _object(event.get("multiValueHeaders"))
        pairs = [(name, value) for name, values in several.items() for value in _array(values)]
        pairs = pairs or list(_object(event.get("headers")).items())
    body = event.get("body") or ""
    if not (isinstance(method, str) and isinstance(path, str) and isinstance(body, str)):
        return refusal(400, "not_http", "this function answers an API Gateway or its own URL")
    # The gateway has read the body in its own way; what it says of framing is no longer true of what we get.
    kept = (
        (name.lower(), str(value))
        for name, value in pairs
        if name.lower() not in ("content-length", "transfer-encoding")
    )
    path = _without_stage(path, str(context.get("stage") or ""), receiver)
    head = Head(method.upper(), path, tuple(kept), _principal(context, receiver.options.auth))
    return _Request(head, body, bool(event.get("isBase64Encoded")))


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _array(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _without_stage(path: str, stage: str, receiver: Receiver) -> str:
    """Take the stage away, which is part of the gateway's address and not of ours.

    An HTTP API with named stages puts it in front of the path, a REST API does not; and a stage may be named as our
    paths begin.
    """
    inner = path.removeprefix(f"/{stage}")
    return inner if receiver.knows(inner) and not receiver.knows(path) else path


def _principal(context: Mapping[str, Any], auth: str) -> str:
    """Return whom the gateway's authorizer of the wanted kind has let in; empty for nobody."""
    authorizer = _object(context.get("authorizer"))
    found = None
    if auth == "iam":
        # Payload 2.0 and function URLs; payload 1.0.
        found = _object(authorizer.get("iam")).get("userArn") or _object(context.get("identity")).get("userArn")
    elif auth == "jwt":
        claims = _object(_object(authorizer.get("jwt")).get("claims")) or _object(authorizer.get("claims"))
        found = claims.get("sub") or claims.get("client_id")
    return _fit_for_log(str(found or ""))


def _fit_for_log(name: str) -> str:
    # Whoever issues the tokens may let their holders choose a name, with line breaks in it.
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii")
        for letter in name[:_MAX_NAME_LENGTH]
    )
