"""The endpoint as an AWS Lambda function behind an API Gateway or a function URL. Knows no web framework."""

from __future__ import annotations

import base64
import binascii
import logging
import os
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from airflow_provider_dzlineage.aws.deadline import Clock
from airflow_provider_dzlineage.receiver.authentication import AuthenticationRefresher, authentication_of
from airflow_provider_dzlineage.receiver.endpoint import Endpoint
from airflow_provider_dzlineage.receiver.http_messages import HttpAnswer, RequestHead, refusal, retry_later
from airflow_provider_dzlineage.receiver.options import receiver_options
from airflow_provider_dzlineage.receiver.sending import Sender, open_queue
from airflow_provider_dzlineage.settings.site import load_settings

log = logging.getLogger(__name__)

_MAX_NAME_LENGTH = 100

Handler: TypeAlias = "Callable[[Mapping[str, Any], object], dict[str, Any]]"


def make_handler(environment: Mapping[str, str] = os.environ) -> Handler:
    """Return the function that Lambda calls, from settings and options in the environment.

    :raises ConfigurationError: when they are missing or wrong.
    """
    settings = load_settings(environment=environment)
    options = receiver_options({}, environment)
    authentication = authentication_of(options, settings)
    sender = Sender(open_queue(settings))
    return LambdaReceiver(Endpoint(options, authentication, is_fifo=sender.is_fifo), sender)


class LambdaReceiver:
    """The handler of one function; called for each request.

    :param endpoint: decides.
    :param sender: sends.
    """

    def __init__(self, endpoint: Endpoint, sender: Sender, clock: Clock | None = None) -> None:
        self._endpoint = endpoint
        self._sender = sender
        self._clock = clock or Clock()
        self._refresher = AuthenticationRefresher(endpoint.authentication, self._clock)

    def __call__(self, event: Mapping[str, Any], context: object = None) -> dict[str, Any]:
        """Answer one request.

        :param event: of an HTTP API (payload 2.0 or 1.0), a REST API (1.0) or a function URL (2.0).
        :return: the response in the form that all of them take.
        """
        try:
            answer = self._answer(event)
        except Exception as error:
            # Without the error's text, which may repeat something of the event.
            log.error("A request failed: %s", type(error).__name__)
            answer = retry_later("failed", "the endpoint has a bug; its log says more")
        return {
            "statusCode": answer.status,
            "headers": dict(answer.all_headers()),
            "body": answer.body.decode("ascii"),
            "isBase64Encoded": False,
        }

    def _answer(self, event: Mapping[str, Any]) -> HttpAnswer:
        started = self._clock.now()
        head = _request_head(event, self._endpoint)
        if isinstance(head, HttpAnswer):
            return head
        self._refresher.refresh_if_due()
        admission = self._endpoint.admit(head)
        if isinstance(admission, HttpAnswer):
            return admission
        body = _body(event)
        batch = body if isinstance(body, HttpAnswer) else self._endpoint.read(admission, body)
        if isinstance(batch, HttpAnswer):
            return batch
        return self._endpoint.answer(batch, self._sender.send_in_time(batch.messages, self._clock.now() - started))


def _request_head(event: Mapping[str, Any], endpoint: Endpoint) -> RequestHead | HttpAnswer:
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
    if not (isinstance(method, str) and isinstance(path, str) and isinstance(event.get("body") or "", str)):
        return refusal(400, "not_http", "this function answers an API Gateway or its own URL")
    # The gateway has read the body in its own way; what it says of framing is no longer true of what we get.
    headers = tuple(
        (name.lower(), str(value))
        for name, value in pairs
        if name.lower() not in ("content-length", "transfer-encoding")
    )
    path = _without_stage(path, str(context.get("stage") or ""), endpoint)
    return RequestHead(method.upper(), path, headers, _authorizer_principal(context, endpoint.options.auth))


def _body(event: Mapping[str, Any]) -> bytes | HttpAnswer:
    text = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        # What is not Unicode becomes bytes that are not UTF-8, and is refused as such.
        return str(text).encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return refusal(400, "not_base64", "the gateway marked the body as base64, and it is not")


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _array(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _without_stage(path: str, stage: str, endpoint: Endpoint) -> str:
    """Return a path without the stage, which is part of the gateway's address and not of ours.

    An HTTP API with named stages puts it in front of the path, a REST API does not; and a stage may be named as our
    paths begin.
    """
    inner = path.removeprefix(f"/{stage}")
    return inner if endpoint.has_path(inner) and not endpoint.has_path(path) else path


def _authorizer_principal(context: Mapping[str, Any], auth: str) -> str:
    """Return whom the gateway's authorizer of this kind has admitted; empty for none."""
    authorizer = _object(context.get("authorizer"))
    found = None
    if auth == "iam":
        # Payload 2.0 and function URLs; payload 1.0.
        found = _object(authorizer.get("iam")).get("userArn") or _object(context.get("identity")).get("userArn")
    elif auth == "jwt":
        claims = _object(_object(authorizer.get("jwt")).get("claims")) or _object(authorizer.get("claims"))
        found = claims.get("sub") or claims.get("client_id")
    return _escape_for_log(str(found or ""))


def _escape_for_log(name: str) -> str:
    # Whoever issues the tokens may let their holders choose a name, with line breaks in it.
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
        for character in name[:_MAX_NAME_LENGTH]
    )
