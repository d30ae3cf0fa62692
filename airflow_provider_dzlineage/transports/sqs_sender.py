"""Send one SQS message with the SDK's credentials, configuration, signer and HTTP, but without its client.

Making a client reads the service models, which costs a short-lived process more than the sending.
"""

from __future__ import annotations

import hashlib
import json
import random
import socket
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.credentials import ReadOnlyCredentials
from botocore.exceptions import BotoCoreError
from botocore.httpsession import ProxyConfiguration, URLLib3Session

from airflow_provider_dzlineage.buffer.answers import fix_of
from airflow_provider_dzlineage.errors import QueueError
from airflow_provider_dzlineage.transports.sdk_session import sdk_session

if TYPE_CHECKING:
    from airflow_provider_dzlineage.transports.sqs import SqsConfig

_CONNECT_SECONDS = 2.0
_BACKOFF_SECONDS = 0.2
_THROTTLED = ("Throttling", "ThrottlingException", "RequestThrottled", "TooManyRequestsException")


class _PassingError(Exception):
    """It may work in a moment."""


class SqsSender:
    """Sends messages to one queue.

    :param config: of the transport.
    :raises ConfigurationError: when there are no credentials or no Region.
    """

    def __init__(self, config: SqsConfig) -> None:
        self._queue_url = config.queue_url
        self._sdk = sdk_session(config)

    def send(self, entry: Mapping[str, Any], *, give_up: float) -> None:
        """Send one message, again after a passing failure while there is time.

        :param entry: parameters of SendMessage but the queue's URL.
        :param give_up: when to have ended, on the clock of ``time.monotonic``, seconds.
        :raises QueueError: when it was not sent, with what to fix where that is known.
        """
        body = json.dumps({"QueueUrl": self._queue_url, **entry}).encode("utf-8")
        credentials = self._credentials()
        backoff = _BACKOFF_SECONDS
        while True:
            try:
                confirmed = self._attempt(body, credentials, give_up)
                break
            except _PassingError as error:
                pause = random.uniform(0, backoff)  # noqa: S311
                if time.monotonic() + pause >= give_up - _BACKOFF_SECONDS:
                    raise self._failure(str(error)) from error
                time.sleep(pause)
                backoff *= 2
        digest = hashlib.md5(entry["MessageBody"].encode("utf-8"), usedforsecurity=False).hexdigest()
        if not confirmed.get("MessageId") or confirmed.get("MD5OfMessageBody") != digest:
            raise self._failure("the answer does not confirm the message")

    def _credentials(self) -> ReadOnlyCredentials:
        try:
            return self._sdk.credentials.get_frozen_credentials()
        # Each source of credentials fails in words of its own: BotoCoreError, ClientError, RuntimeError, ...
        except Exception as error:
            raise self._failure(f"cannot get AWS credentials: {error}") from error

    def _failure(self, why: str) -> QueueError:
        return QueueError(f"SendMessage on {self._queue_url}: {why}")

    def _attempt(self, body: bytes, credentials: ReadOnlyCredentials, give_up: float) -> dict[str, Any]:
        addresses = self._count_addresses()
        seconds = give_up - time.monotonic()
        if seconds <= 0:
            raise self._failure("getting AWS credentials or an address took all the time that there was")
        headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "AmazonSQS.SendMessage"}
        request = AWSRequest(method="POST", url=f"{self._sdk.endpoint}/", data=body, headers=headers)
        connect_seconds = min(_CONNECT_SECONDS, seconds / 2)
        # urllib3 waits so long for each address, and a VPC endpoint has one in each zone.
        http = URLLib3Session(
            verify=self._sdk.verify,  # type: ignore[arg-type]  # the stubs leave out a bundle's path
            proxies=self._sdk.proxies,
            timeout=(connect_seconds / addresses, seconds - connect_seconds),  # type: ignore[arg-type]  # and the pair
        )
        try:
            SigV4Auth(credentials, "sqs", self._sdk.region).add_auth(request)
            response = http.send(request.prepare())
            return self._read(response)
        except BotoCoreError as error:
            raise _PassingError(f"{type(error).__name__}: {error}") from error
        finally:
            http.close()

    def _count_addresses(self) -> int:
        proxy = ProxyConfiguration(self._sdk.proxies).proxy_url_for(self._sdk.endpoint)
        host = urlsplit(proxy or self._sdk.endpoint).hostname
        try:
            return len(socket.getaddrinfo(host, None, type=socket.SOCK_STREAM))
        except OSError as error:
            raise _PassingError(f"cannot find the address of {host}: {error}") from error

    def _read(self, response: AWSResponse) -> dict[str, Any]:
        try:
            answer = json.loads(response.content or b"{}")
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            answer = {}
        if response.status_code == 200:
            return answer
        code = str(answer.get("__type", "")).rpartition("#")[2] or f"HTTP {response.status_code}"
        if response.status_code >= 500 or code in _THROTTLED:
            raise _PassingError(code)
        raise self._failure(f"{code}: {answer.get('message', '')}{fix_of(code, 'SendMessage')}")
