"""The promise of the system, checked at every call that could break it."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from airflow_provider_dzlineage.buffer.codec import ENCODING_ATTRIBUTE, decode_body
from airflow_provider_dzlineage.errors import InvalidEventError
from tests.conformance.wire import DELETE, POST, RECEIVE, SEND, Fault

_AFTER = {"refused": Fault.REFUSED, "unknown_error": Fault.UNKNOWN}


class Witness:
    """Sees every call of every process, and writes down what breaks the promise.

    :param is_skipped: returns whether a rule says that an event is not to be posted.
    :param flaw: returns for what reason an event can never be posted, whatever DataZone says; empty for none.
    :param parts: names the messages that a posted body was made of.
    """

    def __init__(
        self,
        is_skipped: Callable[[bytes], bool],
        flaw: Callable[[bytes], str],
        parts: Callable[[bytes], Iterable[str]],
    ) -> None:
        self._parts = parts
        # Each message that was received, by its name.
        self._named: dict[str, bytes] = {}
        self._ids: dict[bytes, str | None] = {}
        self._is_skipped = is_skipped
        self._flaw = flaw
        self._lock = threading.Lock()
        self._received: dict[tuple[str, str], bytes] = {}
        # The receipt handle of the latest delivery of each message.
        self.handles: dict[str, str] = {}
        self._tokens: dict[bytes, set[str]] = defaultdict(set)
        self._bodies: dict[str, set[bytes]] = defaultdict(set)
        self._failures: dict[bytes, set[Fault]] = defaultdict(set)
        self.broken: list[str] = []
        # In the order in which DataZone took them first, each with the id that it got.
        self.accepted: dict[bytes, str | None] = {}
        # Those that the forwarder knows to be taken.
        self.posted: set[bytes] = set()
        self.dead_lettered: set[bytes] = set()

    @property
    def attempted(self) -> set[bytes]:
        """The events that the forwarder has tried to post."""
        return {message for body in self._tokens for message in self._messages(body)}

    def sent(self, method: str, parameters: dict[str, Any]) -> None:
        with self._lock:
            if method == POST:
                self._check_token(bytes(parameters["event"]), parameters["clientToken"])
            elif method == DELETE:
                for entry in parameters["Entries"]:
                    self._check_deletion(self._received[parameters["QueueUrl"], entry["ReceiptHandle"]])

    def failed(self, method: str, parameters: dict[str, Any], fault: Fault) -> None:
        if method == POST:
            with self._lock:
                self._failures[bytes(parameters["event"])].add(fault)

    def carried_out(self, method: str, parameters: dict[str, Any], response: dict[str, Any]) -> None:
        with self._lock:
            if method == POST:
                self._check_accepted(bytes(parameters["event"]), response.get("id"))
            elif method == SEND:
                written = {entry["Id"] for entry in response.get("Successful", ())}
                for entry in parameters["Entries"]:
                    if entry["Id"] in written:
                        self._check_dead_letter(entry)
            elif method == RECEIVE:
                for entry in response.get("Messages", ()):
                    body = event_of(entry["Body"], entry.get("MessageAttributes", {}))
                    self._received[parameters["QueueUrl"], entry["ReceiptHandle"]] = body
                    self._named.update(dict.fromkeys(self._parts(body), body))
                    self.handles[entry["MessageId"]] = entry["ReceiptHandle"]

    def answered(self, method: str, parameters: dict[str, Any], response: dict[str, Any]) -> None:
        with self._lock:
            if method == POST:
                self.posted.update(self._messages(bytes(parameters["event"])))

    def _check_token(self, body: bytes, token: str) -> None:
        self._tokens[body].add(token)
        self._bodies[token].add(body)
        if len(self._tokens[body]) > 1:
            self.broken.append(f"one event under several tokens: {body!r}")
        if len(self._bodies[token]) > 1:
            self.broken.append(f"several events under one token: {self._bodies[token]}")

    def _check_accepted(self, body: bytes, event_id: str | None) -> None:
        if self._ids.setdefault(body, event_id) != event_id:
            self.broken.append(f"one event became two: {body!r}")
        for message in self._messages(body):
            self.accepted.setdefault(message, event_id)

    def _messages(self, body: bytes) -> list[bytes]:
        """Return the messages that a posted body was made of, in the order in which they were received."""
        parts = set(self._parts(body))
        return [message for name, message in self._named.items() if name in parts]

    def _check_deletion(self, body: bytes) -> None:
        if not (body in self.posted or body in self.dead_lettered or self._is_skipped(body)):
            self.broken.append(f"deleted before it was posted or written to the dead letters: {body!r}")

    def _check_dead_letter(self, entry: dict[str, Any]) -> None:
        attributes = entry["MessageAttributes"]
        body, reason = event_of(entry["MessageBody"], attributes), attributes["reason"]["StringValue"]
        self.dead_lettered.add(body)
        if not (reason == self._flaw(body) or _AFTER.get(reason) in self._failures[body]):
            self.broken.append(f"written to the dead letters as {reason}: {body!r}")


def event_of(text: str, attributes: Mapping[str, Any]) -> bytes:
    """Return the event that a message carries; its text when it carries none.

    :param text: the message's text.
    :param attributes: its message attributes, as SQS gives them.
    """
    try:
        return decode_body(text, attributes.get(ENCODING_ATTRIBUTE, {}).get("StringValue"))
    except InvalidEventError:
        return text.encode()
