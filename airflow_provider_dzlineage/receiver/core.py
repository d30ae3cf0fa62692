"""The endpoint's semantics, once for every adapter: a request's head and body in, messages and an answer out."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from airflow_provider_dzlineage.receiver.authentication import Authentication, Caller
from airflow_provider_dzlineage.receiver.body import decoded, media_problem, parsed, too_big
from airflow_provider_dzlineage.receiver.events import Refused, message_of
from airflow_provider_dzlineage.receiver.exchange import Answer, Head, json_answer, refusal, try_later
from airflow_provider_dzlineage.receiver.options import ReceiverOptions
from airflow_provider_dzlineage.receiver.sending import Unsent

log = logging.getLogger(__name__)

_HEALTH = "/health"
_MAX_HEADERS = 100
_MAX_HEADER_BYTES = 16 * 1024
_STRANGER = (("www-authenticate", 'Bearer realm="dzlineage"'),)


@dataclass(frozen=True)
class Admission:
    """A request that may send its body.

    :param caller: who sends it.
    :param is_batch: whether the body is an array of events.
    """

    head: Head
    caller: Caller
    is_batch: bool


@dataclass(frozen=True)
class EventBatch:
    """What a request brings.

    :param count: events in it.
    :param messages: parameters of SendMessage, of those that are taken.
    :param places: the index of the event that each message holds.
    :param refused: those that are not taken, by index.
    """

    caller: Caller
    is_batch: bool
    count: int
    messages: tuple[dict[str, Any], ...]
    places: tuple[int, ...]
    refused: Mapping[int, Refused] = field(default_factory=dict)


class Receiver:
    """Decides; what it decides with is handed in, and it keeps nothing. Safe to share between threads.

    :param options: how it behaves.
    :param authentication: who may write.
    :param is_fifo: whether the buffer is a FIFO queue.
    """

    def __init__(self, options: ReceiverOptions, authentication: Authentication, *, is_fifo: bool) -> None:
        self.options = options
        self.authentication = authentication
        self._is_fifo = is_fifo
        self._routes = {f"{prefix}/lineage": False for prefix in options.prefixes}
        self._routes |= {f"{prefix}/lineage/batch": True for prefix in options.prefixes}

    def knows(self, path: str) -> bool:
        """Tell whether something is there at a path."""
        return path == _HEALTH or path in self._routes

    def admit(self, head: Head) -> Admission | Answer:
        """Decide on a request before its body is read.

        :return: that it may go on, or the answer.
        """
        answer = self._admit(head)
        if isinstance(answer, Answer) and answer.status >= 400:
            log.info("Refused a request: %d %s", answer.status, answer.reason)
        return answer

    def _admit(self, head: Head) -> Admission | Answer:
        if problem := _framing_problem(head):
            return problem
        if head.path == _HEALTH:
            return json_answer(200, {"status": "ok"}) if head.method in ("GET", "HEAD") else _wrong_method("GET, HEAD")
        is_batch = self._routes.get(head.path)
        if is_batch is None:
            return refusal(404, "unknown_path", f"there are POST {', '.join(self._routes)} and GET /health")
        if head.method != "POST":
            return _wrong_method("POST")
        caller = self.authentication.caller_of(head)
        if caller is None:
            return refusal(401, "unknown_key", "send a valid key as Authorization: Bearer <key>", headers=_STRANGER)
        if int(head.value("content-length") or 0) > self.options.max_body_bytes:
            return too_big(self.options.max_body_bytes, "as it is sent")
        return media_problem(head) or Admission(head, caller, is_batch)

    def open(self, admission: Admission, body: bytes) -> EventBatch | Answer:
        """Read the body of a request.

        :param body: as it was sent, whole.
        :return: what it brings, or the answer when it brings nothing.
        """
        opened = self._open(admission, body)
        if isinstance(opened, Answer) and opened.status >= 400:
            log.info("Refused a request of %s: %d %s", admission.caller.name, opened.status, opened.reason)
        return opened

    def _open(self, admission: Admission, body: bytes) -> EventBatch | Answer:
        if len(body) > self.options.max_body_bytes:
            return too_big(self.options.max_body_bytes, "as it is sent")
        text = decoded(body, admission.head, self.options.max_decoded_bytes)
        value = text if isinstance(text, Answer) else parsed(text)
        if isinstance(value, Answer):
            return value
        if not admission.is_batch:
            parcel = self._pack(admission, [value])
            return _single_answer(parcel.refused[0]) if parcel.refused else parcel
        if not isinstance(value, list):
            return refusal(400, "not_a_batch", "a batch is a JSON array of events", pointer="")
        if len(value) > self.options.max_batch_events:
            return refusal(413, "too_many_events", f"a batch may have {self.options.max_batch_events:,} events")
        return self._pack(admission, value)

    def _pack(self, admission: Admission, events: Sequence[Any]) -> EventBatch:
        refused: dict[int, Refused] = {}
        messages: dict[int, dict[str, Any]] = {}
        for index, event in enumerate(events):
            found = message_of(event, admission.caller, max_depth=self.options.max_depth, is_fifo=self._is_fifo)
            if isinstance(found, Refused):
                refused[index] = found
            else:
                messages[index] = found
        return EventBatch(
            admission.caller, admission.is_batch, len(events), tuple(messages.values()), tuple(messages), refused
        )

    def answer(self, parcel: EventBatch, unsent: Sequence[Unsent | None]) -> Answer:
        """Make the answer once it is known what became of the messages.

        :param unsent: for each message, why it is not in the queue; None for one that SQS has confirmed.
        """
        failed = {place: problem for place, problem in zip(parcel.places, unsent, strict=True) if problem}
        if failed or parcel.refused:
            log.info(
                "Of %d events of %s, %d were refused and %d not sent",
                *(parcel.count, parcel.caller.name, len(parcel.refused), len(failed)),
            )
        # Nothing is confirmed, and all of it may be in a moment: what clients do about a 503 is the right thing.
        # After a time-out nobody knows whether SQS has stored it.
        if failed and len(failed) == parcel.count and all(problem.is_retriable for problem in failed.values()):
            return try_later("buffer_unavailable", "the queue did not confirm it; it may not be stored: send it again")
        if not parcel.is_batch:
            return refusal(400, "refused_by_queue", "the queue does not take this event") if failed else Answer(200)
        if not failed and not parcel.refused:
            return Answer(204)
        events = [(index, _reason(problem), False) for index, problem in parcel.refused.items()]
        events += [(index, problem.reason, problem.is_retriable) for index, problem in failed.items()]
        return _batch_answer(parcel.count, sorted(events))


def _single_answer(problem: Refused) -> Answer:
    return refusal(problem.status, problem.reason, problem.detail, pointer=problem.pointer)


def _reason(problem: Refused) -> str:
    return f"{problem.reason}: {problem.detail}" + ("" if problem.pointer is None else f" at {problem.pointer or '/'}")


def _batch_answer(count: int, failed: Sequence[tuple[int, str, bool]]) -> Answer:
    # Source: POST /lineage/batch of the OpenLineage API, as pull request 4109 of OpenLineage/OpenLineage added it.
    retriable = sum(is_retriable for _, _, is_retriable in failed)
    return json_answer(
        200,
        {
            "status": "failure" if len(failed) == count else "partial_success",
            "summary": {
                "received": count,
                "successful": count - len(failed),
                "failed": len(failed),
                "retriable": retriable,
                "non_retriable": len(failed) - retriable,
            },
            "failed_events": [
                {"index": index, "reason": reason, "retriable": is_retriable} for index, reason, is_retriable in failed
            ],
        },
    )


def _framing_problem(head: Head) -> Answer | None:
    """Refuse what two servers in a row could read as different requests, and heads that are too big."""
    lengths = head.values("content-length")
    size = sum(len(name) + len(value) for name, value in head.headers)
    if len(head.headers) > _MAX_HEADERS or size > _MAX_HEADER_BYTES:
        return refusal(431, "too_many_headers", f"{_MAX_HEADERS} headers and {_MAX_HEADER_BYTES:,} bytes are allowed")
    coding = [value.strip().lower() for value in head.values("transfer-encoding")]
    if (lengths and coding) or len(lengths) > 1 or coding not in ([], ["chunked"]):
        return refusal(400, "ambiguous_length", "say the length of the body in one way")
    # isdecimal() would also take digits of other scripts, and 4,300 of them are more than int() takes.
    if lengths and not (lengths[0].isascii() and lengths[0].isdecimal() and len(lengths[0]) < 20):
        return refusal(400, "ambiguous_length", "the content-length is no number")
    return None


def _wrong_method(allowed: str) -> Answer:
    return refusal(405, "wrong_method", f"the methods are {allowed}", headers=(("allow", allowed),))
