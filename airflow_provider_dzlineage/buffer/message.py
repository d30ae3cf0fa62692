"""A message as it was received from SQS."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from airflow_provider_dzlineage.buffer.codec import (
    ENCODING_ATTRIBUTE,
    EVENT_ID_ATTRIBUTE,
    SENT_AT_ATTRIBUTE,
    decode_body,
    encode_body,
)
from airflow_provider_dzlineage.errors import InvalidEventError

_MILLISECONDS = re.compile(r"[0-9]{1,15}")


@dataclass(frozen=True)
class Message:
    """One received SQS message.

    :param id: SQS message id.
    :param receipt_handle: names this receive of it to SQS.
    :param text: the message's text as it travels.
    :param encoding: how the text holds the event's JSON; None for plain JSON.
    :param group: message group; None where it has none. Only FIFO queues keep its order.
    :param sent_at: when a queue first took it, milliseconds since the epoch.
    :param receive_count: how often it was received, this time included.
    :param retry_of: DataZone's id of the same event, of which DataZone failed to process the post before; else empty.
    """

    id: str
    receipt_handle: str
    text: str
    encoding: str | None
    group: str | None
    sent_at: int
    receive_count: int
    retry_of: str = ""

    @classmethod
    def from_response(cls, response: Mapping[str, Any]) -> Message:
        """Read one entry of the ``Messages`` of a ReceiveMessage response."""
        system, attributes = response.get("Attributes", {}), text_values(response)
        # A message that was sent again keeps the time at which it was sent first.
        sent_at = attributes.get(SENT_AT_ATTRIBUTE, "")
        return cls(
            id=response["MessageId"],
            receipt_handle=response["ReceiptHandle"],
            text=response["Body"],
            encoding=attributes.get(ENCODING_ATTRIBUTE),
            group=system.get("MessageGroupId"),
            sent_at=int(sent_at if _MILLISECONDS.fullmatch(sent_at) else system.get("SentTimestamp", 0)),
            receive_count=int(system.get("ApproximateReceiveCount", 1)),
            retry_of=attributes.get(EVENT_ID_ATTRIBUTE, ""),
        )

    def event(self) -> bytes:
        """Return the event's JSON, UTF-8.

        :raises InvalidEventError: with reason ``undecodable``.
        """
        return decode_body(self.text, self.encoding)

    def redacted(self, redact_text: Callable[[str], str]) -> Message:
        """Return the message with redacted text.

        :param redact_text: called with the event's JSON, or with the message's text where that cannot be decoded.
        """
        try:
            event = self.event().decode("utf-8", errors="surrogatepass")
        except (InvalidEventError, UnicodeDecodeError):
            return replace(self, text=redact_text(self.text))
        redacted = redact_text(event)
        if redacted == event:
            return self
        text, encoding = encode_body(redacted)
        return replace(self, text=text, encoding=encoding)


def text_values(response: Mapping[str, Any]) -> dict[str, str]:
    """Return the values of the text attributes of one entry of a ReceiveMessage response."""
    return {name: value.get("StringValue", "") for name, value in response.get("MessageAttributes", {}).items()}
