"""What lies between a process and an AWS service: failing calls, lost answers, and the end of the process."""

from __future__ import annotations

import math
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NamedTuple, Protocol

from botocore.exceptions import EndpointConnectionError, ReadTimeoutError

from airflow_provider_dzlineage.aws.deadline import Clock
from tests.conformance.models.service import client_error

POST = "post_lineage_event"
RECEIVE = "receive_message"
DELETE = "delete_message_batch"
CHANGE_VISIBILITY = "change_message_visibility_batch"
SEND = "send_message_batch"

_ADDRESS = "https://aws.example"
_TIME_OUT_SECONDS = 5.0


class Crash(BaseException):
    """The process is gone: nothing that it would do afterwards reaches anybody."""


class Fault(Enum):
    """What goes wrong with a call."""

    THROTTLED = "throttled"
    SERVER_ERROR = "server error"
    REFUSED = "refused by its content"
    UNKNOWN = "an answer that nobody knows"
    DENIED = "access denied"
    NO_CONNECTION = "no connection"
    LOST_REQUEST = "time-out, not carried out"
    LOST_ANSWER = "carried out, then a time-out"
    PARTIAL = "carried out for every other entry of the batch"


# What DataZone says, what SQS says, and the HTTP status.
_ERRORS = {
    Fault.THROTTLED: ("ThrottlingException", "RequestThrottled", 429),
    Fault.SERVER_ERROR: ("InternalServerException", "InternalFailure", 500),
    Fault.REFUSED: ("ValidationException", "InvalidParameterValue", 400),
    Fault.UNKNOWN: ("TeapotException", "TeapotException", 418),
    Fault.DENIED: ("AccessDeniedException", "AccessDenied", 403),
}


@dataclass
class Trouble:
    """A fault that waits for its calls.

    :param where: which calls of the method it hits, by their parameters.
    :param left: how many.
    """

    method: str
    fault: Fault
    where: Callable[[dict[str, Any]], bool] = lambda _: True
    left: float = math.inf


class Call(NamedTuple):
    """One call of a process, as it begins or as it has been carried out.

    :param number: counts the process's calls, from 1.
    """

    method: str
    number: int
    is_done: bool


class Watcher(Protocol):
    """Sees every call, in the thread that makes it."""

    def sent(self, method: str, parameters: dict[str, Any]) -> None:
        """A call leaves the process."""

    def failed(self, method: str, parameters: dict[str, Any], fault: Fault) -> None:
        """A call goes wrong."""

    def carried_out(self, method: str, parameters: dict[str, Any], response: dict[str, Any]) -> None:
        """A service has carried a call out."""

    def answered(self, method: str, parameters: dict[str, Any], response: dict[str, Any]) -> None:
        """The process has the answer."""


@dataclass
class Network:
    """The troubles that hit all processes."""

    clock: Clock
    watcher: Watcher
    troubles: list[Trouble] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def fails(self, method: str, *faults: Fault, where: Callable[[dict[str, Any]], bool] = lambda _: True) -> None:
        """Let the next calls of a method fail, one fault a call."""
        self.troubles += [Trouble(method, fault, where, 1) for fault in faults]

    def keeps_failing(
        self, method: str, fault: Fault, where: Callable[[dict[str, Any]], bool] = lambda _: True
    ) -> Trouble:
        """Let all calls of a method fail."""
        self.troubles.append(trouble := Trouble(method, fault, where))
        return trouble

    def take(self, method: str, parameters: dict[str, Any]) -> Fault | None:
        """Return what happens to a call."""
        with self.lock:
            for trouble in self.troubles:
                if trouble.method == method and trouble.left > 0 and trouble.where(parameters):
                    trouble.left -= 1
                    return trouble.fault
        return None


class Process:
    """What one process calls, until it ends or is made to.

    :param at_call: called around each call; may raise :class:`Crash`, or set the event that stops a drain.
    """

    def __init__(self, network: Network, at_call: Callable[[Call], None] = lambda _: None) -> None:
        self._network = network
        self._at_call = at_call
        self._lock = threading.Lock()
        self._is_dead = False
        self.sent: Counter[str] = Counter()
        self.answered: Counter[str] = Counter()
        self.failed: Counter[tuple[str, Fault]] = Counter()
        # Messages by their ids, and dead letters that SQS has confirmed.
        self.received: Counter[str] = Counter()
        self.dead_lettered = 0

    @property
    def has_missed_sqs(self) -> bool:
        """Whether any call to SQS went wrong."""
        return any(method != POST for method, _ in self.failed)

    def client(self, service: Any) -> Wire:
        """Return its client of a service."""
        return Wire(self, service)

    def call(self, service: Any, method: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """Make one call, with whatever goes wrong."""
        with self._lock:
            self.sent[method] += 1
            number = self.sent.total()
        self._live(Call(method, number, False))
        self._network.watcher.sent(method, parameters)
        fault = self._network.take(method, parameters)
        if fault:
            with self._lock:
                self.failed[method, fault] += 1
            self._network.watcher.failed(method, parameters, fault)
        response = self._carry_out(service, method, parameters, fault)
        self._live(Call(method, number, True))
        with self._lock:
            self.answered[method] += 1
            self.received.update(message["MessageId"] for message in response.get("Messages", ()))
            self.dead_lettered += len(response.get("Successful", ())) if method == SEND else 0
        self._network.watcher.answered(method, parameters, response)
        return response

    def _live(self, call: Call) -> None:
        if self._is_dead:
            raise Crash
        try:
            self._at_call(call)
        except Crash:
            self._is_dead = True
            raise

    def _carry_out(self, service: Any, method: str, parameters: dict[str, Any], fault: Fault | None) -> dict[str, Any]:
        if fault in _ERRORS:
            datazone, sqs, status = _ERRORS[fault]
            raise client_error(method, datazone if method == POST else sqs, status=status)
        if fault is Fault.NO_CONNECTION:
            raise EndpointConnectionError(endpoint_url=_ADDRESS)
        response: dict[str, Any] = {}
        if fault is Fault.PARTIAL:
            response = _partly(service, method, parameters)
        elif fault is not Fault.LOST_REQUEST:
            response = getattr(service, method)(**parameters)
        if fault is not Fault.LOST_REQUEST:
            self._network.watcher.carried_out(method, parameters, response)
        if fault in (Fault.LOST_REQUEST, Fault.LOST_ANSWER):
            self._network.clock.sleep(_TIME_OUT_SECONDS)
            raise ReadTimeoutError(endpoint_url=_ADDRESS)
        return response


class Wire:
    """A boto3 client of one process."""

    def __init__(self, process: Process, service: Any) -> None:
        self._process = process
        self._service = service
        self.meta = service.meta

    def __getattr__(self, method: str) -> Any:
        def call(**parameters: Any) -> dict[str, Any]:
            return self._process.call(self._service, method, parameters)

        return call


def _partly(service: Any, method: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Let a service carry out every other entry of a batch; the first one is among those that fail."""
    entries = parameters["Entries"]
    done = getattr(service, method)(**(parameters | {"Entries": entries[1::2]})) if entries[1:] else {}
    failed = [{"Id": entry["Id"], "Code": "InternalError", "SenderFault": False} for entry in entries[::2]]
    return done | {"Failed": [*done.get("Failed", []), *failed]}
