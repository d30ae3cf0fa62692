"""What goes wrong inside a forwarder's process: it dies at a chosen call, and SQS carries out a part of a batch."""

from __future__ import annotations

import os
import random
import signal
import threading
from typing import Any

_ANSWERED = type("Answered", (), {"status_code": 200})()


def die(client: Any, operation: str, moment: str, number: int) -> None:
    """Let the process kill itself at a call.

    :param client: boto3 client.
    :param operation: name of the API operation.
    :param moment: ``before`` the request leaves; ``after`` the response has arrived, and before anybody has seen it.
    :param number: which call of this operation, from 1.
    """
    lock, calls = threading.Lock(), 0

    def count(**_: Any) -> None:
        nonlocal calls
        with lock:
            calls += 1
            if calls == number:
                os.kill(os.getpid(), signal.SIGKILL)

    event = {"before": "before-call", "after": "after-call"}[moment]
    client.meta.events.register(f"{event}.{client.meta.service_model.service_id.hyphenize()}.{operation}", count)


class PartialBatches:
    """Batches of which SQS carries out a part only, as their answers say.

    :param share: of the entries that go wrong, 0 to 1. Half of those to be deleted are deleted all the same: what went
        wrong is the answer.
    :param chance: decides.
    """

    def __init__(self, share: float, chance: random.Random) -> None:
        self._share = share
        self._chance = chance
        self._lock = threading.Lock()

    def disturb(self, client: Any) -> None:
        """Let the batches of an SQS client go wrong."""
        events = client.meta.events
        events.register("provide-client-params.sqs.DeleteMessageBatch", self._leave_out)
        events.register("before-call.sqs.DeleteMessageBatch", _answer_for_nothing)
        events.register("after-call.sqs.DeleteMessageBatch", _tell)
        events.register("provide-client-params.sqs.SendMessageBatch", self._refuse)
        events.register("before-call.sqs.SendMessageBatch", _answer_for_nothing)

    def _leave_out(self, params: dict[str, Any], context: dict[str, Any], **_: Any) -> dict[str, Any]:
        failing = [entry["Id"] for entry in params["Entries"] if self._hits(self._share)]
        undone = {entry_id for entry_id in failing if self._hits(0.5)}
        carried_out = [entry for entry in params["Entries"] if entry["Id"] not in undone]
        context["failing"], context["is_undone"] = failing, not carried_out
        return {**params, "Entries": carried_out or params["Entries"]}

    def _refuse(self, params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        if self._hits(self._share):
            context["failing"], context["is_undone"] = [entry["Id"] for entry in params["Entries"]], True

    def _hits(self, share: float) -> bool:
        with self._lock:
            return self._chance.random() < share


def _answer_for_nothing(context: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]] | None:
    """Answer in the place of SQS when no entry is to be carried out."""
    if not context.get("is_undone"):
        return None
    metadata = {"HTTPStatusCode": 200, "RequestId": "none"}
    return _ANSWERED, {"Failed": [_failed(entry_id) for entry_id in context["failing"]], "ResponseMetadata": metadata}


def _tell(parsed: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    failing = context.get("failing", ())
    parsed["Successful"] = [done for done in parsed.get("Successful", ()) if done["Id"] not in failing]
    told = {failed["Id"] for failed in parsed.get("Failed", ())}
    parsed.setdefault("Failed", []).extend(_failed(entry_id) for entry_id in failing if entry_id not in told)


def _failed(entry_id: str) -> dict[str, Any]:
    return {"Id": entry_id, "Code": "InternalError", "SenderFault": False}
