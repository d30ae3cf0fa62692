"""Requests to AWS that end by a deadline: with botocore's signer and HTTP, but without its clients.

Making a client reads the service models, which costs a short-lived process more than the sending.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSPreparedRequest, AWSRequest, AWSResponse
from botocore.exceptions import EndpointConnectionError
from botocore.httpsession import ProxyConfiguration, URLLib3Session

from airflow_provider_dzlineage.aws.deadline import Deadline, DeadlineExceededError

if TYPE_CHECKING:
    from airflow_provider_dzlineage.transports.sdk_session import SdkSession

NO_TIME_LEFT = "getting AWS credentials or an address took all the time that there was"
_CONNECT_SECONDS = 2.0
# Shorter than the forwarder's, which has more time than a task.
_BACKOFF_SECONDS = 0.2

T = TypeVar("T")


class AddressError(EndpointConnectionError):
    """The name of a host could not be resolved."""

    fmt = "cannot find the address of {host}: {error}"


def retry(deadline: Deadline, attempt: Callable[[], T], passing: type[Exception]) -> T:
    """Try until it works or the time is up.

    :param passing: what the attempt raises when the next one may succeed.
    :raises DeadlineExceededError: when there was no time for even one attempt.
    """
    return deadline.retry(
        attempt,
        is_retryable=lambda error: isinstance(error, passing),
        first_seconds=_BACKOFF_SECONDS,
        reserve_seconds=_BACKOFF_SECONDS,
    )


def post(
    session: SdkSession, service: str, path: str, body: bytes, headers: Mapping[str, str], deadline: Deadline
) -> AWSResponse:
    """Sign and send one POST, once.

    :param service: that the signature is for.
    :param path: below the endpoint.
    :raises BotoCoreError: when there are no credentials or there is no response.
    :raises DeadlineExceededError: when no time is left to send it.
    """
    url = f"{session.endpoint.rstrip('/')}{path}"
    request = AWSRequest(method="POST", url=url, data=body, headers=headers)
    SigV4Auth(session.frozen_credentials(), service, session.region).add_auth(request)
    return send(request.prepare(), verify=session.verify, proxies=session.proxies, deadline=deadline)


def send(
    request: AWSPreparedRequest, *, verify: bool | str, proxies: Mapping[str, str], deadline: Deadline
) -> AWSResponse:
    """Send a signed request, once.

    :param verify: whether, or with which bundle of certificates, TLS is verified.
    :param proxies: scheme to URL.
    :raises BotoCoreError: when there is no response.
    :raises DeadlineExceededError: when no time is left to send it.
    """
    addresses = _count_addresses(request.url, proxies)
    seconds = deadline.left()
    if not seconds:
        raise DeadlineExceededError(NO_TIME_LEFT)
    connect_seconds = min(_CONNECT_SECONDS, seconds / 2)
    # urllib3 waits so long for each address, and a VPC endpoint has one in each zone.
    http = URLLib3Session(
        verify=verify,  # type: ignore[arg-type]  # the stubs leave out a bundle's path
        proxies=proxies,
        timeout=(connect_seconds / addresses, seconds - connect_seconds),  # type: ignore[arg-type]  # and the pair
    )
    try:
        return http.send(request)
    finally:
        http.close()


def response_object(response: AWSResponse) -> dict[str, Any] | None:
    """Return the JSON object in a response; None where there is none."""
    try:
        content = json.loads(response.content)
    except ValueError:
        return None
    return content if isinstance(content, dict) else None


def _count_addresses(url: str, proxies: Mapping[str, str]) -> int:
    proxy = ProxyConfiguration(proxies).proxy_url_for(url)
    host = urlsplit(proxy or url).hostname
    try:
        return len(socket.getaddrinfo(host, None, type=socket.SOCK_STREAM))
    except OSError as error:
        raise AddressError(endpoint_url=url, host=host, error=error) from error
