"""A request and its answer, as every adapter brings and takes them: head, body, and the JSON in it."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from typing import Any, NoReturn

RETRY_AFTER_SECONDS = 1
_JSON = "application/json"
_GZIP = ("gzip", "x-gzip")


@dataclass(frozen=True)
class RequestHead:
    """Method, path and headers of a request: all that comes before its body.

    :param method: in upper case.
    :param path: as it was sent, not decoded, without the query.
    :param headers: names in lower case, and values; in the order sent.
    :param authorizer_principal: whom the gateway in front of us has authenticated; empty for none.
    """

    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    authorizer_principal: str = ""

    def values(self, name: str) -> list[str]:
        """Return the values of a header, one for each time it was sent."""
        return [value for header, value in self.headers if header == name]

    def value(self, name: str) -> str:
        """Return a header's value; those of several are joined as HTTP says; empty without one."""
        return ",".join(self.values(name)).strip()

    @property
    def is_gzip(self) -> bool:
        """True when the body is compressed, by its content-encoding."""
        return self.value("content-encoding").lower() in _GZIP


@dataclass(frozen=True)
class HttpAnswer:
    """A response.

    :param status: HTTP status code.
    :param body: JSON, UTF-8; empty for none.
    :param headers: beside those of the body; names in lower case.
    :param reason: a short stable word for the log and the tests; holds nothing of the request.
    """

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    reason: str = ""

    def all_headers(self) -> tuple[tuple[str, str], ...]:
        """Return the headers, those of the body included."""
        # A 204 has no body, and by RFC 9110 no length either.
        length = () if self.status == 204 else (("content-length", str(len(self.body))),)
        content = (("content-type", _JSON), ("x-content-type-options", "nosniff")) if self.body else ()
        return (*length, *content, ("cache-control", "no-store"), *self.headers)


def json_answer(status: int, value: object) -> HttpAnswer:
    """Return an answer with a JSON body."""
    return HttpAnswer(status, json.dumps(value, separators=(",", ":")).encode("ascii"))


def refusal(
    status: int, reason: str, detail: str, *, pointer: str | None = None, headers: tuple[tuple[str, str], ...] = ()
) -> HttpAnswer:
    """Return an answer that says why nothing was taken.

    :param reason: a short stable word.
    :param detail: for a person; repeats nothing of the request's values.
    :param pointer: JSON pointer (RFC 6901) to what is wrong in the body; None when it is no place in it.
    """
    problem = {"error": reason, "detail": detail} | ({} if pointer is None else {"pointer": pointer})
    return HttpAnswer(status, json.dumps(problem, separators=(",", ":")).encode("ascii"), headers, reason)


def retry_later(reason: str, detail: str) -> HttpAnswer:
    """Return the one answer that clients repeat: OpenLineage's never repeat a 429, and a 503 only so politely."""
    return refusal(503, reason, detail, headers=(("retry-after", str(RETRY_AFTER_SECONDS)),))


def too_large(limit: int, stage: str) -> HttpAnswer:
    """Return the answer to a body of more than ``limit`` bytes.

    :param stage: where they were counted, for example ``when decompressed``.
    """
    return refusal(413, "too_large", f"the body may have {limit:,} bytes {stage}")


def media_problem(head: RequestHead) -> HttpAnswer | None:
    """Return the answer to a body of another media type or encoding than ours; None when it is right."""
    media_type, *parameters = (part.strip().lower() for part in head.value("content-type").split(";"))
    pairs = [parameter.partition("=") for parameter in parameters]
    charsets = {value.strip('"') for name, _, value in pairs if name == "charset"}
    if media_type != _JSON or charsets - {"utf-8", "utf8"}:
        return refusal(415, "not_json_media", "send JSON in UTF-8, with content-type: application/json")
    if head.value("content-encoding").lower() not in ("", "identity", *_GZIP):
        headers = (("accept-encoding", "gzip, identity"),)
        return refusal(415, "unknown_encoding", "the content-encoding may be gzip or identity", headers=headers)
    return None


def declared_size(body: bytes, head: RequestHead) -> int:
    """Return the size in bytes that a body declares for its decompressed form; :func:`decompress` allows no more."""
    # Source: RFC 1952, section 2.3.1, "ISIZE": the last four bytes of a gzip member.
    return int.from_bytes(body[-4:], "little") if head.is_gzip else len(body)


def decompress(body: bytes, head: RequestHead, limit: int) -> bytes | HttpAnswer:
    """Undo the content encoding.

    Only the first ``limit`` bytes are ever unpacked, and no more than the body declares, so that a gzip bomb costs no
    more than an honest body. One gzip member is read, as clients write it: a body of very many tiny members would cost
    the square of its size.

    :param limit: of the decompressed body, bytes.
    """
    if not head.is_gzip:
        return body
    unzip = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        text = unzip.decompress(body, min(limit, declared_size(body, head)) + 1)
    except zlib.error:
        return refusal(400, "not_gzip", "the body is not gzip data, as its content-encoding says")
    if len(text) > limit:
        return too_large(limit, "when decompressed")
    if not unzip.eof or unzip.unused_data:
        return refusal(400, "not_gzip", "the gzip data ends too early, or something follows it")
    return text


def parse_json(text: bytes) -> Any:
    """Parse JSON strictly; the answer when that fails repeats no word of it.

    :return: the value, or an :class:`HttpAnswer`, which no JSON value is.
    """
    try:
        return json.loads(text.decode("utf-8"), parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        detail = f"{error.msg} at character {error.pos}"
    except UnicodeDecodeError as error:
        detail = f"not UTF-8 at byte {error.start}"
    except RecursionError:
        detail = "nested too deeply"
    except ValueError as error:
        detail = str(error)
    return refusal(400, "not_json", detail, pointer="")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
