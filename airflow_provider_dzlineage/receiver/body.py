"""From the bytes of a body to a JSON value."""

from __future__ import annotations

import json
import zlib
from typing import Any, NoReturn

from airflow_provider_dzlineage.receiver.exchange import Answer, Head, refusal

_GZIP = ("gzip", "x-gzip")


def media_problem(head: Head) -> Answer | None:
    """Say what is wrong with how the body is sent; None when nothing is."""
    media_type, *parameters = (part.strip().lower() for part in head.value("content-type").split(";"))
    pairs = [parameter.partition("=") for parameter in parameters]
    charsets = {value.strip('"') for name, _, value in pairs if name == "charset"}
    if media_type != "application/json" or charsets - {"utf-8", "utf8"}:
        return refusal(415, "not_json_media", "send JSON in UTF-8, with content-type: application/json")
    if head.value("content-encoding").lower() not in ("", "identity", *_GZIP):
        headers = (("accept-encoding", "gzip, identity"),)
        return refusal(415, "unknown_encoding", "the content-encoding may be gzip or identity", headers=headers)
    return None


def too_big(limit: int, what: str) -> Answer:
    """Make the answer to a body of more than ``limit`` bytes."""
    return refusal(413, "too_large", f"the body may have {limit:,} bytes {what}")


def told_size(body: bytes, head: Head) -> int:
    """Return how many bytes a body says that it unfolds to; what unfolds to more is refused by :func:`decoded`."""
    # Source: RFC 1952, section 2.3.1, "ISIZE": the last four bytes of a gzip member.
    return int.from_bytes(body[-4:], "little") if _is_zipped(head) else len(body)


def decoded(body: bytes, head: Head, limit: int) -> bytes | Answer:
    """Undo the content encoding.

    Only the first ``limit`` bytes are ever unpacked, and no more than the body says that there are, so that a gzip bomb
    costs no more than an honest body. One gzip member is read, as clients write it: a body of very many tiny members
    would cost the square of its size.

    :param limit: of what it unfolds to, bytes.
    """
    if not _is_zipped(head):
        return body
    unzip = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        text = unzip.decompress(body, min(limit, told_size(body, head)) + 1)
    except zlib.error:
        return refusal(400, "not_gzip", "the body is not gzip data, as its content-encoding says")
    if len(text) > limit:
        return too_big(limit, "when decompressed")
    if not unzip.eof or unzip.unused_data:
        return refusal(400, "not_gzip", "the gzip data ends too early, or something follows it")
    return text


def parsed(text: bytes) -> Any:
    """Parse JSON strictly, and without a word of it in the answer when that fails.

    :return: the value, or an :class:`Answer`, which no JSON value is.
    """
    try:
        return json.loads(text.decode("utf-8"), parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        return _not_json(f"{error.msg} at character {error.pos}")
    except UnicodeDecodeError as error:
        return _not_json(f"not UTF-8 at byte {error.start}")
    except RecursionError:
        return _not_json("nested too deeply")
    except ValueError as error:
        return _not_json(str(error))


def _is_zipped(head: Head) -> bool:
    return head.value("content-encoding").lower() in _GZIP


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _not_json(detail: str) -> Answer:
    return refusal(400, "not_json", detail, pointer="")
