"""A request and its answer, as every adapter brings and takes them."""

from __future__ import annotations

import json
from dataclasses import dataclass

JSON = "application/json"
RETRY_AFTER_SECONDS = 1


@dataclass(frozen=True)
class Head:
    """What comes before a body.

    :param method: in upper case.
    :param path: as it was sent, not decoded, without the query.
    :param headers: names in lower case, and values; in the order sent.
    :param principal: whom the gateway in front of us has authenticated; empty when nobody.
    """

    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    principal: str = ""

    def values(self, name: str) -> list[str]:
        """Return the values of a header, one for each time it was sent."""
        return [value for known, value in self.headers if known == name]

    def value(self, name: str) -> str:
        """Return a header's value; those of several are joined as HTTP says; empty without one."""
        return ",".join(self.values(name)).strip()


@dataclass(frozen=True)
class Answer:
    """What is sent back.

    :param status: HTTP status code.
    :param body: JSON, UTF-8; empty for none.
    :param headers: beside those of the body; names in lower case.
    :param reason: a short stable word for the log and the tests; nothing of the request is in it.
    """

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    reason: str = ""

    def all_headers(self) -> tuple[tuple[str, str], ...]:
        """Return the headers, those of the body included."""
        # A 204 has no body, and by RFC 9110 no length either.
        length = () if self.status == 204 else (("content-length", str(len(self.body))),)
        about = (("content-type", JSON), ("x-content-type-options", "nosniff")) if self.body else ()
        return (*length, *about, ("cache-control", "no-store"), *self.headers)


def json_answer(status: int, value: object) -> Answer:
    """Make an answer with a JSON body."""
    return Answer(status, json.dumps(value, separators=(",", ":")).encode("ascii"))


def refusal(
    status: int, reason: str, detail: str, *, pointer: str | None = None, headers: tuple[tuple[str, str], ...] = ()
) -> Answer:
    """Make an answer that says why nothing was taken.

    :param reason: a short stable word.
    :param detail: for a person; repeats nothing of the request's values.
    :param pointer: JSON pointer (RFC 6901) to what is wrong in the body; None when it is no place in it.
    """
    problem = {"error": reason, "detail": detail} | ({} if pointer is None else {"pointer": pointer})
    return Answer(status, json.dumps(problem, separators=(",", ":")).encode("ascii"), headers, reason)


def try_later(reason: str, detail: str) -> Answer:
    """Make the one answer that clients repeat: OpenLineage's never repeat a 429, and a 503 only so politely."""
    return refusal(503, reason, detail, headers=(("retry-after", str(RETRY_AFTER_SECONDS)),))
