"""Gather what is found at the end: in the emulator's file, in the queue and in the dead letters."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from airflow_provider_dzlineage.buffer.codec import ENCODING_ATTRIBUTE, decode_body
from airflow_provider_dzlineage.errors import InvalidEventError

_LOOK_SECONDS = 60
_TABLES = {
    "nodes": "domain, identifier, id, type, name",
    "versions": "domain, node, time",
    "facts": "domain, node, key, rank, time, value",
    "edges": "domain, source, target, time",
}


def accepted_events(state: Path) -> Iterator[tuple[bytes, str]]:
    """Yield the body and the status of each event, in the order in which DataZone accepted them.

    :param state: the emulator's file.
    """
    with closing(sqlite3.connect(state)) as database:
        for body, processed, fails in database.execute("SELECT body, processed, fails FROM events ORDER BY sequence"):
            yield body, ("FAILED" if fails else "SUCCESS") if processed else "not processed"


def processed_bodies(state: Path) -> Iterator[bytes]:
    """Yield the bodies that are in the graph, each once.

    :param state: the emulator's file.
    """
    with closing(sqlite3.connect(state)) as database:
        for (body,) in database.execute("SELECT DISTINCT body FROM events WHERE processed AND NOT fails"):
            yield body


def taken_out(sqs: Any, queue_url: str) -> Iterator[tuple[bytes, str]]:
    """Take out the messages of a queue that can be seen; yield the event and the reason, if any, of each.

    :param sqs: boto3 client.
    """
    while True:
        messages = sqs.receive_message(
            QueueUrl=queue_url, MaxNumberOfMessages=10, VisibilityTimeout=_LOOK_SECONDS, MessageAttributeNames=["All"]
        ).get("Messages", [])
        if not messages:
            return
        for message in messages:
            attributes = {
                name: attribute["StringValue"] for name, attribute in message.get("MessageAttributes", {}).items()
            }
            yield event_of(message["Body"], attributes.get(ENCODING_ATTRIBUTE)), attributes.get("reason", "")
        entries = [
            {"Id": str(index), "ReceiptHandle": message["ReceiptHandle"]} for index, message in enumerate(messages)
        ]
        sqs.delete_message_batch(QueueUrl=queue_url, Entries=entries)


def event_of(text: str, encoding: str | None) -> bytes:
    """Return the event that a message carries; its text when it carries none."""
    try:
        return decode_body(text, encoding)
    except InvalidEventError:
        return text.encode()


def by_event(pairs: Iterator[tuple[str, str]]) -> dict[str, list[str]]:
    """Gather what belongs to the same event."""
    gathered = defaultdict(list)
    for digest, value in pairs:
        gathered[digest].append(value)
    return gathered


def graph_differences(state: Path, reference: Path) -> dict[str, tuple[int, int, int]]:
    """Compare two graphs.

    :param state: an emulator's file.
    :param reference: another one's.
    :return: for each kind of thing: how many the first graph has, how many of them the other one does not have, and how
        many only the other one has.
    """
    found = {}
    with closing(sqlite3.connect(state)) as database:
        database.execute("ATTACH ? AS reference", (str(reference),))
        for table, columns in _TABLES.items():
            ours, theirs = (f"SELECT {columns} FROM {schema}.{table}" for schema in ("main", "reference"))
            counts = (ours, f"{ours} EXCEPT {theirs}", f"{theirs} EXCEPT {ours}")
            numbers = [database.execute(f"SELECT COUNT(*) FROM ({query})").fetchone()[0] for query in counts]
            found[table] = (numbers[0], numbers[1], numbers[2])
    return found
