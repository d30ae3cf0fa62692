"""One event as an SQS message: its text, the parameters of SendMessage, and back.

Imports no AWS library: it is part of every task that emits an event, and a short-lived process pays for each import.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import hashlib
import re
import zlib
from collections.abc import Mapping
from typing import Any

from airflow_provider_dzlineage.errors import InvalidEventError

# Body plus name, type and value of each attribute. Source: the SendMessage page of the Amazon SQS API reference.
MAX_MESSAGE_BYTES = 1024 * 1024
# A design choice: SQS takes 1 MiB a message and a batch, and ten messages this small share one batch.
MAX_PLAIN_BYTES = 128 * 1024
# Bounds what a small message can unfold to; generous beside what 1 MiB of real events unfolds to.
MAX_DECODED_BYTES = 64 * 1024 * 1024

GZIP_BASE64 = "gzip+base64"
ENCODING_ATTRIBUTE = "content_encoding"
SENT_AT_ATTRIBUTE = "sent_at"
EVENT_ID_ATTRIBUTE = "event_id"

# What SQS refuses: everything outside #x9 | #xA | #xD | #x20-#xD7FF | #xE000-#xFFFD | #x10000-#x10FFFF.
# Source: the SendMessage page of the Amazon SQS API reference.
_REFUSED = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Source: MessageGroupId on the same page: 1 to 128 of these characters.
_MESSAGE_GROUP = re.compile(r"[!-~]{1,128}")


def send_parameters(text: str, *, group: str | None = None) -> dict[str, Any]:
    """Return the parameters of SendMessage, or of an entry of SendMessageBatch, for one event.

    A run event that SQS cannot carry, some 7 MiB of JSON, is trimmed to what DataZone takes already here.

    :param text: the event's JSON text.
    :param group: what has to stay in order on a FIFO queue; None for a standard queue.
    :return: ``MessageBody``, and as they apply ``MessageAttributes``, ``MessageGroupId``, ``MessageDeduplicationId``.
    :raises InvalidEventError: with reason ``too_large`` when trimming does not help.
    """
    entry = _entry(text, group)
    size = entry_bytes(entry)
    return entry if size <= MAX_MESSAGE_BYTES else _entry(_trimmed(text, size), group)


def encode_body(text: str) -> tuple[str, str | None]:
    """Turn an event's JSON text into the text of an SQS message.

    :param text: JSON. Characters that SQS refuses are written as JSON escapes, which mean the same.
    :return: the message text, and its encoding: None when it is the JSON itself, else ``gzip+base64``.
    """
    text = escape_refused(text)
    body = text.encode("utf-8")
    if len(body) <= MAX_PLAIN_BYTES:
        return text, None
    # mtime=0: the same event gives the same text, so that a FIFO queue recognises a duplicate.
    return base64.b64encode(gzip.compress(body, mtime=0)).decode("ascii"), GZIP_BASE64


def decode_body(text: str, encoding: str | None) -> bytes:
    """Turn the text of an SQS message back into an event's JSON, UTF-8.

    :raises InvalidEventError: with reason ``undecodable``.
    """
    if encoding is None:
        return text.encode("utf-8", errors="surrogatepass")
    if encoding != GZIP_BASE64:
        raise InvalidEventError("undecodable", f"the encoding is unknown; {GZIP_BASE64} is known")
    try:
        unzip = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        body = unzip.decompress(base64.b64decode(text, validate=True), MAX_DECODED_BYTES)
    except (binascii.Error, ValueError, zlib.error) as error:
        raise InvalidEventError("undecodable", f"{type(error).__name__}: {error}") from None
    if unzip.unconsumed_tail:
        raise InvalidEventError("undecodable", f"unfolds to more than {MAX_DECODED_BYTES:,} bytes")
    if not unzip.eof:
        raise InvalidEventError("undecodable", "the gzip data ends too early")
    return body


def escape_refused(text: str) -> str:
    """Write the characters that SQS refuses as JSON escapes."""
    # None of them is printable; to ask for that is much quicker.
    if text.isprintable():
        return text
    return _REFUSED.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def entry_bytes(entry: Mapping[str, Any]) -> int:
    """Return how much of SQS's limit the parameters of SendMessage take, bytes."""
    attributes: Mapping[str, Mapping[str, str]] = entry.get("MessageAttributes", {})
    texts = [entry["MessageBody"]]
    for name, attribute in attributes.items():
        texts += [name, attribute["DataType"], attribute["StringValue"]]
    return sum(len(text.encode("utf-8")) for text in texts)


def text_attributes(values: Mapping[str, str | None]) -> dict[str, dict[str, str]]:
    """Return message attributes of type String; SQS takes no empty ones."""
    return {name: {"DataType": "String", "StringValue": value} for name, value in values.items() if value}


def fifo_parameters(group: str, *, deduplicate_by: str) -> dict[str, str]:
    """Return what a FIFO queue asks for beside the message.

    :param group: what has to stay in order; hashed when SQS would not take it as it is.
    :param deduplicate_by: text that is the same only for the same message.
    """
    group_id = group if _MESSAGE_GROUP.fullmatch(group) else _sha256(group)
    return {"MessageGroupId": group_id, "MessageDeduplicationId": _sha256(deduplicate_by)}


def is_fifo(queue_url: str) -> bool:
    """Return whether a queue is a FIFO queue, whose name always ends in ``.fifo``."""
    return queue_url.endswith(".fifo")


def _entry(text: str, group: str | None) -> dict[str, Any]:
    body, encoding = encode_body(text)
    entry: dict[str, Any] = {"MessageBody": body}
    if encoding:
        entry["MessageAttributes"] = text_attributes({ENCODING_ATTRIBUTE: encoding})
    if group is not None:
        entry |= fifo_parameters(group, deduplicate_by=body)
    return entry


def _trimmed(text: str, size: int) -> str:
    # Rarely needed, and expensive to import.
    from airflow_provider_dzlineage.lineage.event import parse_run_event
    from airflow_provider_dzlineage.lineage.trimming import trimmed

    try:
        event = parse_run_event(escape_refused(text).encode("utf-8"))
    except InvalidEventError as error:
        raise InvalidEventError(
            "too_large", f"{size:,} bytes as a message, SQS takes {MAX_MESSAGE_BYTES:,}; {error.reason}: {error.detail}"
        ) from None
    return trimmed(event).body.decode("utf-8")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
