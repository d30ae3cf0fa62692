"""Requests to AWS that end in time: with the SDK's signer and HTTP, but without its clients.

Making a client reads the service models, which costs a short-lived process more than the sending.
"""

from __future__ import annotations

import random
import socket
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSPreparedRequest, AWSRequest, AWSResponse
from botocore.credentials import ReadOnlyCredentials
from botocore.exceptions import BotoCoreError, EndpointConnectionError
from botocore.httpsession import ProxyConfiguration, URLLib3Session

if TYPE_CHECKING:
    from airflow_provider_dzlineage.transports.sdk_session import SdkSession

_CONNECT_SECONDS = 2.0
# Shorter than the forwarder's, whose patience is longer than a task's.
_BACKOFF_SECONDS = 0.2

T = TypeVar("T")


class NoTimeLeftError(BotoCoreError):
    """There was no time left to send a request."""

    fmt = "getting AWS credentials or an address took all the time that there was"


class AddressError(EndpointConnectionError):
    """The name of a host could not be resolved."""

    fmt = "cannot find the address of {host}: {error}"


def again_in_time(attempt: Callable[[], T], passing: type[Exception], give_up: float) -> T:
    """Try until it works or the time is up, with full jitter between.

    :param passing: what it raises when it may work in a moment; the last one is raised when the time is up.
    :param give_up: when to have ended, on the clock of ``time.monotonic``, seconds.
    :raises NoTimeLeftError: when there was no time for even one attempt.
    """
    backoff = _BACKOFF_SECONDS
    failure: Exception | None = None
    while True:
        pause = random.uniform(0, backoff)  # noqa: S311
        try:
            return attempt()
        except NoTimeLeftError:
            # What went wrong before says more.
            if failure is None:
                raise
            raise failure from None
        except passing as error:
            failure = error
            if time.monotonic() + pause >= give_up - _BACKOFF_SECONDS:
                raise
        time.sleep(pause)
        backoff *= 2


def post(
    sdk: SdkSession,
    service: str,
    path: str,
    body: bytes,
    headers: Mapping[str, str],
    credentials: ReadOnlyCredentials,
    *,
    give_up: float,
) -> AWSResponse:
    """Sign and send one POST, once.

    :param service: that the signature is for.
    :param path: below the endpoint.
    :param give_up: when to have ended, on the clock of ``time.monotonic``, seconds.
    :raises BotoCoreError: when there is no answer.
    """
    url = f"{sdk.endpoint.rstrip('/')}{path}"
    request = AWSRequest(method="POST", url=url, data=body, headers=headers)
    SigV4Auth(credentials, service, sdk.region).add_auth(request)
    return send(request.prepare(), verify=sdk.verify, proxies=sdk.proxies, give_up=give_up)


def send(request: AWSPreparedRequest, *, verify: bool | str, proxies: dict[str, str], give_up: float) -> AWSResponse:
    """Send a signed request, once.

    :param give_up: when to have ended, on the clock of ``time.monotonic``, seconds.
    :raises BotoCoreError: when there is no answer.
    """
    addresses = _count_addresses(request.url, proxies)
    seconds = give_up - time.monotonic()
    if seconds <= 0:
        raise NoTimeLeftError
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


def _count_addresses(url: str, proxies: dict[str, str]) -> int:
    proxy = ProxyConfiguration(proxies).proxy_url_for(url)
    host = urlsplit(proxy or url).hostname
    try:
        return len(socket.getaddrinfo(host, None, type=socket.SOCK_STREAM))
    except OSError as error:
        raise AddressError(endpoint_url=url, host=host, error=error) from error
