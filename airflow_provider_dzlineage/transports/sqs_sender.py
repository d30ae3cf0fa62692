"""Send SQS messages from a process that lives for one of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from botocore.awsrequest import AWSResponse
from botocore.credentials import ReadOnlyCredentials
from botocore.exceptions import BotoCoreError

from airflow_provider_dzlineage.aws.arns import region_of
from airflow_provider_dzlineage.buffer.errors import queue_error
from airflow_provider_dzlineage.errors import QueueError, QueueUnavailableError
from airflow_provider_dzlineage.transports.sdk_session import SdkSession, sdk_session
from airflow_provider_dzlineage.transports.timed_http import NoTimeLeftError, again_in_time, post

if TYPE_CHECKING:
    from airflow_provider_dzlineage.transports.base import AwsConfig

_HEADERS = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "AmazonSQS.SendMessage"}


def queue_session(queue_url: str, config: AwsConfig) -> SdkSession:
    """Apply the SDK's rules for a queue, with the transport's own options first.

    :param queue_url: URL of the queue; names the Region and the endpoint where nothing else does.
    :param config: how AWS is reached.
    :raises ConfigurationError: when there are no credentials or no Region, or the profile does not exist.
    """
    region = config.region_name or region_of(queue_url)
    return sdk_session("sqs", config, region=region, default_endpoint=lambda *_: _endpoint_of(queue_url))


def _endpoint_of(queue_url: str) -> str:
    parts = urlsplit(queue_url)
    # Hosts of old queue URLs, such as eu-west-1.queue.amazonaws.com, do not speak today's protocol.
    prefix, legacy, suffix = parts.netloc.partition("queue.amazonaws.com")
    if legacy:
        region = prefix.rstrip(".") or "us-east-1"
        return f"https://sqs.{region}.amazonaws.com{suffix}"
    return f"{parts.scheme}://{parts.netloc}"


class SqsSender:
    """Sends messages to one queue.

    :param queue_url: URL of the queue.
    :param config: how AWS is reached.
    :raises ConfigurationError: when there are no credentials or no Region.
    """

    def __init__(self, queue_url: str, config: AwsConfig) -> None:
        self._queue_url = queue_url
        self._sdk = queue_session(queue_url, config)

    def send(self, entry: Mapping[str, Any], *, give_up: float) -> None:
        """Send one message, again after a passing failure while there is time.

        :param entry: parameters of SendMessage but the queue's URL.
        :param give_up: when to have ended, on the clock of ``time.monotonic``, seconds.
        :raises QueueError: when it was not sent, with what to fix where that is known.
        """
        body = json.dumps({"QueueUrl": self._queue_url, **entry}).encode("utf-8")
        credentials = self._credentials()
        try:
            confirmed = again_in_time(
                lambda: self._attempt(body, credentials, give_up), passing=QueueUnavailableError, give_up=give_up
            )
        except NoTimeLeftError as error:
            raise QueueError(self._failure(str(error))) from error
        digest = hashlib.md5(entry["MessageBody"].encode("utf-8"), usedforsecurity=False).hexdigest()
        if not confirmed.get("MessageId") or confirmed.get("MD5OfMessageBody") != digest:
            raise QueueError(self._failure("the answer does not confirm the message"))

    def _credentials(self) -> ReadOnlyCredentials:
        try:
            return self._sdk.credentials.get_frozen_credentials()
        # Each source of credentials fails in words of its own: BotoCoreError, ClientError, RuntimeError, ...
        except Exception as error:
            raise QueueError(self._failure(f"cannot get AWS credentials: {error}")) from error

    def _failure(self, why: str) -> str:
        return f"SendMessage on {self._queue_url}: {why}"

    def _attempt(self, body: bytes, credentials: ReadOnlyCredentials, give_up: float) -> dict[str, Any]:
        try:
            return self._read(post(self._sdk, "sqs", "/", body, _HEADERS, credentials, give_up=give_up))
        except NoTimeLeftError:
            raise
        except BotoCoreError as error:
            raise QueueUnavailableError(self._failure(f"{type(error).__name__}: {error}")) from error

    def _read(self, response: AWSResponse) -> dict[str, Any]:
        try:
            answer = json.loads(response.content or b"{}")
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            answer = {}
        if response.status_code == 200:
            return answer
        # Source: "Query compatible" in the AWS JSON protocol: the older spelling of a code is in a header.
        found = str(answer.get("__type") or response.headers.get("x-amzn-query-error", ""))
        code = found.rpartition("#")[2].partition(";")[0] or f"HTTP {response.status_code}"
        message = str(answer.get("message", ""))
        raise queue_error("SendMessage", self._queue_url, code, message, response.status_code)
