"""One event as the parameters of SendMessage. Imports no AWS library: a short-lived process pays for each import."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from airflow_provider_dzlineage.buffer import codec as sqs_text
from airflow_provider_dzlineage.errors import InvalidEventError

# Source: the SendMessage page of the Amazon SQS API reference; body plus name, type and value of each attribute.
MAX_MESSAGE_BYTES = 1024 * 1024
ENCODING_ATTRIBUTE = "content_encoding"
SENT_AT_ATTRIBUTE = "sent_at"
EVENT_ID_ATTRIBUTE = "event_id"

# Source: MessageGroupId on the same page: 1 to 128 of these characters.
_MESSAGE_GROUP = re.compile(r"[!-~]{1,128}")


def queue_entry(text: str, *, group: str | None = None) -> dict[str, Any]:
    """Make the parameters of SendMessage, or of an entry of SendMessageBatch, for one event.

    A run event that SQS cannot carry, some 7 MiB of JSON, is made to fit what DataZone takes already here.

    :param text: the event's JSON text.
    :param group: what has to stay in order on a FIFO queue; None for a standard queue.
    :return: ``MessageBody``, and as they apply ``MessageAttributes``, ``MessageGroupId``, ``MessageDeduplicationId``.
    :raises InvalidEventError: with reason ``too_large`` when it cannot be made to fit.
    """
    entry = _entry(text, group)
    size = entry_bytes(entry)
    return entry if size <= MAX_MESSAGE_BYTES else _entry(_fitted(text, size), group)


def _entry(text: str, group: str | None) -> dict[str, Any]:
    body, encoding = sqs_text.encode(text)
    entry: dict[str, Any] = {"MessageBody": body}
    if encoding:
        entry["MessageAttributes"] = {ENCODING_ATTRIBUTE: text_attribute(encoding)}
    if group is not None:
        entry |= fifo_parameters(group, deduplicate_by=body)
    return entry


def _fitted(text: str, size: int) -> str:
    # Rarely needed, and expensive to import.
    from airflow_provider_dzlineage.lineage.event import parse_run_event
    from airflow_provider_dzlineage.lineage.trimming import fitted

    try:
        event = parse_run_event(sqs_text.escape_refused(text).encode("utf-8"))
    except InvalidEventError as error:
        raise InvalidEventError(
            "too_large", f"{size:,} bytes as a message, SQS takes {MAX_MESSAGE_BYTES:,}; {error.reason}: {error.detail}"
        ) from None
    return fitted(event).decode("utf-8")


def fifo_parameters(group: str, *, deduplicate_by: str) -> dict[str, str]:
    """Return what a FIFO queue asks for beside the message.

    :param group: what has to stay in order; hashed when SQS would not take it as it is.
    :param deduplicate_by: text that is the same only for the same message.
    """
    group_id = group if _MESSAGE_GROUP.fullmatch(group) else _sha256(group)
    return {"MessageGroupId": group_id, "MessageDeduplicationId": _sha256(deduplicate_by)}


def text_attribute(value: str) -> dict[str, str]:
    """Return a message attribute of type String."""
    return {"DataType": "String", "StringValue": value}


def entry_bytes(entry: Mapping[str, Any]) -> int:
    """Return how much of SQS's limit an entry takes, bytes."""
    attributes: Mapping[str, Mapping[str, str]] = entry.get("MessageAttributes", {})
    texts = [entry["MessageBody"]]
    for name, attribute in attributes.items():
        texts += [name, attribute["DataType"], attribute["StringValue"]]
    return sum(len(text.encode("utf-8")) for text in texts)


def is_fifo(queue_url: str) -> bool:
    """Tell whether a queue's URL is that of a FIFO queue, whose name always ends in ``.fifo``."""
    return queue_url.endswith(".fifo")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
