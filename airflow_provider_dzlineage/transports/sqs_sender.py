"""A sender of SQS messages for a process that lives for one of them.

Source of the request and its response: SendMessage in the Amazon SQS API Reference, in the AWS JSON protocol.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from airflow_provider_dzlineage.aws.arns import queue_endpoint, queue_region
from airflow_provider_dzlineage.aws.deadline import Deadline, DeadlineExceededError
from airflow_provider_dzlineage.buffer.errors import queue_error, queue_errors
from airflow_provider_dzlineage.errors import QueueError, QueueUnavailableError
from airflow_provider_dzlineage.transports.sdk_session import SdkSession, sdk_session
from airflow_provider_dzlineage.transports.signed_http import NO_TIME_LEFT, post, response_object, retry

if TYPE_CHECKING:
    from airflow_provider_dzlineage.transports.base import AwsConfig

_OPERATION = "SendMessage"
_HEADERS = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": f"AmazonSQS.{_OPERATION}"}


class SqsSender:
    """Sends messages to one queue.

    :param queue_url: URL of the queue.
    :param config: how AWS is reached.
    :raises ConfigurationError: when there are no credentials or no Region.
    """

    def __init__(self, queue_url: str, config: AwsConfig) -> None:
        self._queue_url = queue_url
        self._session = queue_session(queue_url, config)

    def send(self, entry: Mapping[str, Any], deadline: Deadline) -> None:
        """Send one message, again after a passing failure while there is time.

        :param entry: parameters of SendMessage but the queue's URL.
        :raises QueueError: when it was not sent, with what to fix where that is known.
        """
        body = json.dumps({"QueueUrl": self._queue_url, **entry}).encode("utf-8")
        try:
            confirmation = retry(deadline, lambda: self._attempt(body, deadline), QueueUnavailableError)
        except DeadlineExceededError as error:
            raise QueueError(f"{_OPERATION} on {self._queue_url}: {NO_TIME_LEFT}") from error
        digest = hashlib.md5(entry["MessageBody"].encode("utf-8"), usedforsecurity=False).hexdigest()
        if not confirmation.get("MessageId") or confirmation.get("MD5OfMessageBody") != digest:
            raise QueueError(f"{_OPERATION} on {self._queue_url}: the answer does not confirm the message")

    def _attempt(self, body: bytes, deadline: Deadline) -> Mapping[str, Any]:
        with queue_errors(_OPERATION, self._queue_url):
            response = post(self._session, "sqs", "/", body, _HEADERS, deadline)
        content = response_object(response) or {}
        if response.status_code == 200:
            return content
        # Source: "Query compatible" in the AWS JSON protocol: the older spelling of a code is in a header.
        spelled = str(content.get("__type") or response.headers.get("x-amzn-query-error", ""))
        code = spelled.rpartition("#")[2].partition(";")[0] or f"HTTP {response.status_code}"
        message = str(content.get("message", ""))
        raise queue_error(_OPERATION, self._queue_url, code, message, response.status_code)


def queue_session(queue_url: str, config: AwsConfig) -> SdkSession:
    """Apply the SDK's rules for a queue, with the transport's own options first.

    :param queue_url: URL of the queue; names the Region and the endpoint where nothing else does.
    :param config: how AWS is reached.
    :raises ConfigurationError: when there are no credentials or no Region, or the profile does not exist.
    """
    region = config.region_name or queue_region(queue_url)
    return sdk_session("sqs", config, region=region, default_endpoint=lambda *_: queue_endpoint(queue_url))
