"""Pack entries into as few SendMessageBatch calls as SQS allows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from airflow_provider_dzlineage.buffer.codec import MAX_MESSAGE_BYTES, entry_bytes

# Source: the SendMessageBatch page of the Amazon SQS API reference.
MAX_BATCH_ENTRIES = 10
MAX_BATCH_BYTES = MAX_MESSAGE_BYTES


def pack(entries: Iterable[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    """Yield batches of at most ten entries and 1 MiB, in the order of the entries.

    :param entries: parameters of SendMessage; read as they are needed.
    """
    batch: list[Mapping[str, Any]] = []
    batch_bytes = 0
    for entry in entries:
        size = entry_bytes(entry)
        if batch and (len(batch) == MAX_BATCH_ENTRIES or batch_bytes + size > MAX_BATCH_BYTES):
            yield batch
            batch, batch_bytes = [], 0
        batch.append(entry)
        batch_bytes += size
    if batch:
        yield batch
