"""The endpoint's semantics, once for every adapter: a request's head and body in, messages and an answer out."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from airflow_provider_dzlineage.receiver.authentication import Authentication, Principal
from airflow_provider_dzlineage.receiver.events import RefusedEvent, message_of
from airflow_provider_dzlineage.receiver.http_messages import (
    HttpAnswer,
    RequestHead,
    decompress,
    json_answer,
    media_problem,
    parse_json,
    refusal,
    retry_later,
    too_large,
)
from airflow_provider_dzlineage.receiver.options import ReceiverOptions
from airflow_provider_dzlineage.receiver.sending import Unsent

log = logging.getLogger(__name__)

_HEALTH = "/health"
_MAX_HEADERS = 100
MAX_HEAD_BYTES = 16 * 1024
_CHALLENGE = (("www-authenticate", 'Bearer realm="dzlineage"'),)


@dataclass(frozen=True)
class Admission:
    """A request that may send its body.

    :param principal: who sends it.
    :param is_batch: whether the body is an array of events.
    """

    head: RequestHead
    principal: Principal
    is_batch: bool


@dataclass(frozen=True)
class EventBatch:
    """The events of a request.

    :param taken: parameters of SendMessage for those that are taken, by index.
    :param refused: those that are not taken, by index.
    """

    admission: Admission
    taken: Mapping[int, dict[str, Any]]
    refused: Mapping[int, RefusedEvent]

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The messages to be sent, in the order of their events."""
        return list(self.taken.values())


class Endpoint:
    """Decides what becomes of a request. Keeps nothing; safe to share between threads.

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

    def has_path(self, path: str) -> bool:
        """Return whether something is served at a path."""
        return path == _HEALTH or path in self._routes

    def admit(self, head: RequestHead) -> Admission | HttpAnswer:
        """Decide on a request before its body is read.

        :return: that it may go on, or the answer.
        """
        answer = self._admit(head)
        if isinstance(answer, HttpAnswer) and answer.status >= 400:
            log.info("Refused a request: %d %s", answer.status, answer.reason)
        return answer

    def _admit(self, head: RequestHead) -> Admission | HttpAnswer:
        if problem := _framing_problem(head):
            return problem
        if head.path == _HEALTH:
            return json_answer(200, {"status": "ok"}) if head.method in ("GET", "HEAD") else _wrong_method("GET, HEAD")
        is_batch = self._routes.get(head.path)
        if is_batch is None:
            return refusal(404, "unknown_path", f"there are POST {', '.join(self._routes)} and GET /health")
        if head.method != "POST":
            return _wrong_method("POST")
        principal = self.authentication.identify(head)
        if principal is None:
            return refusal(401, "unknown_key", "send a valid key as Authorization: Bearer <key>", headers=_CHALLENGE)
        if int(head.value("content-length") or 0) > self.options.max_body_bytes:
            return too_large(self.options.max_body_bytes, "as it is sent")
        return media_problem(head) or Admission(head, principal, is_batch)

    def read(self, admission: Admission, body: bytes) -> EventBatch | HttpAnswer:
        """Read the events in the body of a request.

        :param body: as it was sent, whole.
        :return: the events, or the answer when none is taken.
        """
        events = self._read(admission, body)
        if isinstance(events, HttpAnswer) and events.status >= 400:
            log.info("Refused a request of %s: %d %s", admission.principal.name, events.status, events.reason)
        return events

    def _read(self, admission: Admission, body: bytes) -> EventBatch | HttpAnswer:
        if len(body) > self.options.max_body_bytes:
            return too_large(self.options.max_body_bytes, "as it is sent")
        text = decompress(body, admission.head, self.options.max_decoded_bytes)
        value = text if isinstance(text, HttpAnswer) else parse_json(text)
        if isinstance(value, HttpAnswer):
            return value
        if not admission.is_batch:
            batch = self._event_batch(admission, [value])
            return batch.refused[0].answer() if batch.refused else batch
        if not isinstance(value, list):
            return refusal(400, "not_a_batch", "a batch is a JSON array of events", pointer="")
        if len(value) > self.options.max_batch_events:
            return refusal(413, "too_many_events", f"a batch may have {self.options.max_batch_events:,} events")
        return self._event_batch(admission, value)

    def _event_batch(self, admission: Admission, events: Sequence[Any]) -> EventBatch:
        taken: dict[int, dict[str, Any]] = {}
        refused: dict[int, RefusedEvent] = {}
        for index, event in enumerate(events):
            message = message_of(event, admission.principal, max_depth=self.options.max_depth, is_fifo=self._is_fifo)
            if isinstance(message, RefusedEvent):
                refused[index] = message
            else:
                taken[index] = message
        return EventBatch(admission, taken, refused)

    def answer(self, batch: EventBatch, unsent: Sequence[Unsent | None]) -> HttpAnswer:
        """Return the answer once it is known what became of the messages.

        :param unsent: for each message, why it is not in the queue; None for one that SQS has confirmed.
        """
        failed = {index: problem for index, problem in zip(batch.taken, unsent, strict=True) if problem}
        count = len(batch.taken) + len(batch.refused)
        if failed or batch.refused:
            log.info(
                "Of %d events of %s, %d were refused and %d not sent",
                *(count, batch.admission.principal.name, len(batch.refused), len(failed)),
            )
        # Nothing is confirmed, and all of it may be in a moment: what clients do about a 503 is the right thing.
        # After a time-out it is unknown whether SQS has stored it.
        if failed and len(failed) == count and all(problem.is_retriable for problem in failed.values()):
            return retry_later(
                "buffer_unavailable", "the queue did not confirm it; it may not be stored: send it again"
            )
        if not batch.admission.is_batch:
            if failed:
                return refusal(400, "refused_by_queue", "the queue does not take this event")
            return HttpAnswer(200)
        if not failed and not batch.refused:
            return HttpAnswer(204)
        failures = [(index, str(problem), False) for index, problem in batch.refused.items()]
        failures += [(index, problem.reason, problem.is_retriable) for index, problem in failed.items()]
        return _partial_answer(count, sorted(failures))


def _partial_answer(count: int, failures: Sequence[tuple[int, str, bool]]) -> HttpAnswer:
    # Source: POST /lineage/batch of the OpenLineage API, as pull request 4109 of OpenLineage/OpenLineage added it.
    retriable = sum(is_retriable for _, _, is_retriable in failures)
    summary = {
        "received": count,
        "successful": count - len(failures),
        "failed": len(failures),
        "retriable": retriable,
        "non_retriable": len(failures) - retriable,
    }
    failed_events = [
        {"index": index, "reason": reason, "retriable": is_retriable} for index, reason, is_retriable in failures
    ]
    status = "failure" if len(failures) == count else "partial_success"
    return json_answer(200, {"status": status, "summary": summary, "failed_events": failed_events})


def _framing_problem(head: RequestHead) -> HttpAnswer | None:
    """Refuse what two servers in a row could read as different requests, and heads that are too big."""
    lengths = head.values("content-length")
    size = sum(len(name) + len(value) for name, value in head.headers)
    if len(head.headers) > _MAX_HEADERS or size > MAX_HEAD_BYTES:
        return refusal(431, "too_many_headers", f"{_MAX_HEADERS} headers and {MAX_HEAD_BYTES:,} bytes are allowed")
    coding = [value.strip().lower() for value in head.values("transfer-encoding")]
    if (lengths and coding) or len(lengths) > 1 or coding not in ([], ["chunked"]):
        return refusal(400, "ambiguous_length", "say the length of the body in one way")
    # isdecimal() would also take digits of other scripts, and 4,300 of them are more than int() takes.
    if lengths and not (lengths[0].isascii() and lengths[0].isdecimal() and len(lengths[0]) < 20):
        return refusal(400, "ambiguous_length", "the content-length is not a number")
    return None


def _wrong_method(allowed: str) -> HttpAnswer:
    return refusal(405, "wrong_method", f"the methods are {allowed}", headers=(("allow", allowed),))
