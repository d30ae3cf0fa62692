"""Messages of every kind, each with what has to become of it; the same seed gives the same ones, but for the time."""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Any

from account import ACCEPTED, SKIPPED, digest_of

from airflow_provider_dzlineage.buffer.codec import (
    ENCODING_ATTRIBUTE,
    GZIP_BASE64,
    MAX_PLAIN_BYTES,
    escape_refused,
    send_parameters,
    text_attributes,
)
from airflow_provider_dzlineage.lineage.event import MAX_EVENT_BYTES
from airflow_provider_dzlineage.lineage.raw_event import FORWARDING_DAG_ID, message_group

POISON_SHARE = 0.02
SKIPPED_SHARE = 0.01
# Of those that are skipped.
_JOB_EVENTS_SHARE = 0.5
_CORPUS_SHARE = 0.1
_BIG_SHARE = 0.005
_RUN = ("START", "RUNNING", "COMPLETE")
_POISON = ("not_json", "undecodable", "not_an_event", "too_large", "refused")
_SPEC = "https://openlineage.io/spec/2-0-2/OpenLineage.json"


@dataclass(frozen=True)
class Sent:
    """One message.

    :param entry: parameters of SendMessage.
    :param digest: stands for the event.
    :param fate: what has to become of it: ``accepted``, ``skipped``, or the reason of its dead letter.
    :param group: what it has to stay in order with.
    """

    entry: Mapping[str, Any]
    digest: str
    fate: str
    group: str


class Traffic:
    """The messages of a run.

    :param seed: of all that is random in them.
    :param corpus: real events, to send under new run ids.
    :param fifo: for a FIFO queue.
    """

    def __init__(self, seed: int, corpus: Sequence[Mapping[str, Any]], *, fifo: bool) -> None:
        self._random = random.Random(seed)
        self._corpus = corpus
        self._fifo = fifo
        self._now = datetime.now(timezone.utc)

    def messages(self, number: int) -> Iterator[Sent]:
        """Yield so many messages."""
        shares = [POISON_SHARE, SKIPPED_SHARE, _CORPUS_SHARE if self._corpus else 0.0]
        # Of messages: a run has two of them, on the average.
        shares.append((1 - sum(shares)) / 2)
        makers = [self._poison, self._skipped, self._real_event, self._run]
        while number:
            (make,) = self._random.choices(makers, shares)
            messages = list(make())[:number]
            number -= len(messages)
            yield from messages

    def _skipped(self) -> Iterator[Sent]:
        event = self._event(f"{FORWARDING_DAG_ID}.drain")
        if self._random.random() < _JOB_EVENTS_SHARE:
            event = {name: event[name] for name in ("eventTime", "producer", "schemaURL", "job", "inputs", "outputs")}
        yield self._message(event, SKIPPED)

    def _real_event(self) -> Iterator[Sent]:
        event = self._random.choice(self._corpus)
        yield self._message({**event, "run": {**event["run"], "runId": self._uuid()}}, ACCEPTED)

    def _run(self) -> Iterator[Sent]:
        event = self._event(f"job_{self._random.randrange(200)}")
        if self._random.random() < _BIG_SHARE:
            text = "x" * self._random.randint(MAX_PLAIN_BYTES, MAX_EVENT_BYTES - 50_000)
            event["run"]["facets"]["plan"] = _facet(text=text)
        for event_type in _RUN[-self._random.randint(1, len(_RUN)) :]:
            yield self._message({**event, "eventType": event_type, "eventTime": self._moment()}, ACCEPTED)

    def _poison(self) -> Iterator[Sent]:
        event = self._event("poison")
        reason = self._random.choice(_POISON)
        if reason in ("not_json", "undecodable"):
            sent = self._sent(json.dumps(event)[:-1], reason, event)
            attributes = text_attributes({ENCODING_ATTRIBUTE: GZIP_BASE64})
            yield (
                replace(sent, entry={**sent.entry, "MessageAttributes": attributes})
                if reason == "undecodable"
                else sent
            )
            return
        if reason == "not_an_event":
            del event["eventTime"]
        elif reason == "too_large":
            # Of an event's names nothing can be left out.
            event["inputs"] = [
                {"namespace": "s3://lake", "name": "x" * self._random.randint(MAX_EVENT_BYTES, 1_000_000)}
            ]
        else:
            event["job"]["name"] = "half a character \ud83d"
        yield self._message(event, reason)

    def _event(self, job: str) -> dict[str, Any]:
        tables = [f"table_{self._random.randrange(300)}" for _ in range(self._random.randint(1, 5))]
        datasets = [
            {
                "namespace": "s3://lake",
                "name": table,
                "facets": {"schema": _facet(fields=[{"name": f"column_{n}", "type": "string"} for n in range(5)])},
            }
            for table in tables
        ]
        facets = {"nominalTime": _facet(nominalStartTime=self._moment())}
        return {
            "eventType": "COMPLETE",
            "eventTime": self._moment(),
            "producer": "https://example.com/chaos",
            "schemaURL": f"{_SPEC}#/$defs/RunEvent",
            "run": {"runId": self._uuid(), "facets": facets},
            "job": {"namespace": "chaos", "name": job},
            "inputs": datasets[1:],
            "outputs": datasets[:1],
        }

    def _message(self, event: Mapping[str, Any], fate: str) -> Sent:
        return self._sent(json.dumps(event), fate, event)

    def _sent(self, text: str, fate: str, event: Mapping[str, Any]) -> Sent:
        group = message_group(event)
        entry = send_parameters(text, group=group if self._fifo else None)
        return Sent(entry, digest_of(escape_refused(text).encode()), fate, group)

    def _moment(self) -> str:
        self._now += timedelta(milliseconds=1)
        return self._now.isoformat()

    def _uuid(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))


def _facet(**content: Any) -> dict[str, Any]:
    return {"_producer": "https://example.com/chaos", "_schemaURL": f"{_SPEC}#/$defs/RunFacet", **content}
