"""A model of Amazon SQS in memory: what its developer guide promises of queues, and no more than that."""

from __future__ import annotations

import itertools
import random
import threading
from dataclasses import dataclass, field
from typing import Any

from airflow_provider_dzlineage.aws.deadline import Clock
from tests.conformance.models.service import ModelService, client_error

# "Exactly-once processing in Amazon SQS", Amazon SQS Developer Guide: the deduplication interval.
_DEDUPLICATION_SECONDS = 300.0
_DEFAULTS = {"VisibilityTimeout": "30", "MessageRetentionPeriod": "345600"}


@dataclass
class StoredMessage:
    """A message in a queue. In flight while ``visible_at`` lies ahead."""

    id: str
    body: str
    attributes: dict[str, Any]
    group: str | None
    sent_at: float
    receives: int = 0
    visible_at: float = 0.0

    @property
    def handle(self) -> str:
        """The receipt handle of the latest receive."""
        return f"{self.id}#{self.receives}"


@dataclass
class StoredQueue:
    """A queue, its messages in the order in which they came."""

    name: str
    settings: dict[str, str]
    messages: list[StoredMessage] = field(default_factory=list)
    deduplicated: dict[str, tuple[float, str]] = field(default_factory=dict)

    @property
    def is_fifo(self) -> bool:
        return self.name.endswith(".fifo")


class ModelSqs(ModelService):
    """Stands in for a boto3 SQS client. Safe to share between threads, and between "processes".

    :param clock: tells the time and waits.
    :param duplicates: share of messages in flight that a standard queue delivers although they are invisible.
    :param seed: of the order in which a standard queue delivers, and of the duplicates.
    """

    def __init__(self, clock: Clock, *, duplicates: float = 0.0, seed: int = 0) -> None:
        super().__init__("sqs")
        self._clock = clock
        self._duplicates = duplicates
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        self._queues: dict[str, StoredQueue] = {}

    def messages(self, url: str) -> list[StoredMessage]:
        """Return what lies in a queue, in flight or not."""
        with self._lock:
            return list(self._queue("test", url).messages)

    def in_flight(self, url: str) -> set[str]:
        """Return the ids of the messages that are in flight."""
        return {message.id for message in self.messages(url) if self._is_in_flight(message)}

    def create_queue(self, **parameters: Any) -> dict[str, Any]:
        self._check("create_queue", parameters)
        name = parameters["QueueName"]
        with self._lock:
            self._queues[self._url(name)] = StoredQueue(name, _DEFAULTS | parameters.get("Attributes", {}))
        return {"QueueUrl": self._url(name)}

    def get_queue_url(self, **parameters: Any) -> dict[str, Any]:
        self._check("get_queue_url", parameters)
        url = self._url(parameters["QueueName"])
        with self._lock:
            self._queue("get_queue_url", url)
        return {"QueueUrl": url}

    def get_queue_attributes(self, **parameters: Any) -> dict[str, Any]:
        self._check("get_queue_attributes", parameters)
        with self._lock:
            queue = self._queue("get_queue_attributes", parameters["QueueUrl"])
            in_flight = sum(self._is_in_flight(message) for message in queue.messages)
            known = queue.settings | {
                "QueueArn": f"arn:aws:sqs:us-east-1:000000000000:{queue.name}",
                "ApproximateNumberOfMessages": str(len(queue.messages) - in_flight),
                "ApproximateNumberOfMessagesDelayed": "0",
                "ApproximateNumberOfMessagesNotVisible": str(in_flight),
            }
        names = parameters["AttributeNames"]
        return {"Attributes": {name: value for name, value in known.items() if name in names or "All" in names}}

    def send_message_batch(self, **parameters: Any) -> dict[str, Any]:
        self._check("send_message_batch", parameters)
        with self._lock:
            queue = self._queue("send_message_batch", parameters["QueueUrl"])
            sent = [{"Id": entry["Id"], "MessageId": self._send(queue, entry)} for entry in parameters["Entries"]]
        return {"Successful": sent}

    def receive_message(self, **parameters: Any) -> dict[str, Any]:
        self._check("receive_message", parameters)
        received = self._receive(parameters)
        if not received and parameters.get("WaitTimeSeconds"):
            self._clock.sleep(parameters["WaitTimeSeconds"])
            received = self._receive(parameters)
        return {"Messages": received} if received else {}

    def delete_message_batch(self, **parameters: Any) -> dict[str, Any]:
        return self._each_handle("delete_message_batch", self._delete, parameters)

    def change_message_visibility_batch(self, **parameters: Any) -> dict[str, Any]:
        return self._each_handle("change_message_visibility_batch", self._change_visibility, parameters)

    def _send(self, queue: StoredQueue, entry: dict[str, Any]) -> str:
        now, key = self._clock.now(), entry.get("MessageDeduplicationId")
        if key:
            sent_at, message_id = queue.deduplicated.get(key, (-_DEDUPLICATION_SECONDS, ""))
            if now - sent_at < _DEDUPLICATION_SECONDS:
                return message_id
        message = StoredMessage(
            id=f"{queue.name}-{next(self._numbers)}",
            body=entry["MessageBody"],
            attributes=entry.get("MessageAttributes", {}),
            group=entry.get("MessageGroupId"),
            sent_at=now,
        )
        queue.messages.append(message)
        if key:
            queue.deduplicated[key] = (now, message.id)
        return message.id

    def _receive(self, parameters: dict[str, Any]) -> list[dict[str, Any]]:
        with self._lock:
            queue = self._queue("receive_message", parameters["QueueUrl"])
            if queue.is_fifo:
                # While one of a group is in flight, none of that group is delivered.
                locked = {message.group for message in queue.messages if self._is_in_flight(message)}
                there = [message for message in queue.messages if message.group not in locked]
            else:
                there = [message for message in queue.messages if not self._is_in_flight(message) or self._repeats()]
                self._random.shuffle(there)
            seconds = parameters.get("VisibilityTimeout", int(queue.settings["VisibilityTimeout"]))
            return [self._deliver(message, seconds) for message in there[: parameters["MaxNumberOfMessages"]]]

    def _repeats(self) -> bool:
        return self._random.random() < self._duplicates

    def _deliver(self, message: StoredMessage, seconds: int) -> dict[str, Any]:
        message.receives += 1
        message.visible_at = self._clock.now() + seconds
        system = {"ApproximateReceiveCount": str(message.receives), "SentTimestamp": str(int(message.sent_at * 1000))}
        if message.group:
            system["MessageGroupId"] = message.group
        return {
            "MessageId": message.id,
            "ReceiptHandle": message.handle,
            "Body": message.body,
            "Attributes": system,
            "MessageAttributes": message.attributes,
        }

    def _each_handle(self, method: str, act: Any, parameters: dict[str, Any]) -> dict[str, Any]:
        self._check(method, parameters)
        response: dict[str, Any] = {"Successful": [], "Failed": []}
        with self._lock:
            queue = self._queue(method, parameters["QueueUrl"])
            for entry in parameters["Entries"]:
                code = act(queue, entry)
                failure = {"Code": code, "SenderFault": True, "Message": "modelled"} if code else {}
                response["Failed" if code else "Successful"].append({"Id": entry["Id"], **failure})
        return {name: entries for name, entries in response.items() if entries}

    def _delete(self, queue: StoredQueue, entry: dict[str, Any]) -> str:
        message = _of_handle(queue, entry)
        if message is None:
            return ""
        if queue.is_fifo and not self._is_in_flight(message):
            return "InvalidParameterValue"
        # DeleteMessage, Amazon SQS API reference: with an older handle it succeeds and need not delete.
        if message.handle == entry["ReceiptHandle"]:
            queue.messages.remove(message)
        return ""

    def _change_visibility(self, queue: StoredQueue, entry: dict[str, Any]) -> str:
        message = _of_handle(queue, entry)
        if message is None or message.handle != entry["ReceiptHandle"]:
            return "InvalidParameterValue"
        if not self._is_in_flight(message):
            return "MessageNotInflight"
        message.visible_at = self._clock.now() + entry["VisibilityTimeout"]
        return ""

    def _is_in_flight(self, message: StoredMessage) -> bool:
        return message.visible_at > self._clock.now()

    def _queue(self, method: str, url: str) -> StoredQueue:
        if url not in self._queues:
            raise client_error(method, "AWS.SimpleQueueService.NonExistentQueue")
        return self._queues[url]

    @staticmethod
    def _url(name: str) -> str:
        return f"https://sqs.us-east-1.amazonaws.com/000000000000/{name}"


def _of_handle(queue: StoredQueue, entry: dict[str, Any]) -> StoredMessage | None:
    message_id = entry["ReceiptHandle"].partition("#")[0]
    return next((message for message in queue.messages if message.id == message_id), None)
