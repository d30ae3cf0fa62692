"""How an event's JSON travels in the text of an SQS message, and back."""

from __future__ import annotations

import base64
import binascii
import gzip
import re
import zlib

from airflow_provider_dzlineage.errors import InvalidEventError

# A design choice: SQS takes 1 MiB a message and a batch, and ten messages this small share one batch.
MAX_PLAIN_BYTES = 128 * 1024
# Bounds what a small message can unfold to; generous beside what 1 MiB of real events unfolds to.
MAX_DECODED_BYTES = 64 * 1024 * 1024
GZIP_BASE64 = "gzip+base64"

# What SQS refuses: everything outside #x9 | #xA | #xD | #x20-#xD7FF | #xE000-#xFFFD | #x10000-#x10FFFF.
# Source: the SendMessage page of the Amazon SQS API reference.
_REFUSED = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def encode(text: str) -> tuple[str, str | None]:
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


def escape_refused(text: str) -> str:
    """Write the characters that SQS refuses as JSON escapes."""
    # None of them is printable; to ask for that is much quicker.
    if text.isprintable():
        return text
    return _REFUSED.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def decode(text: str, encoding: str | None) -> bytes:
    """Turn the text of an SQS message back into an event's JSON, UTF-8.

    :param text: the message's text.
    :param encoding: what :func:`encode` returned beside it.
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
