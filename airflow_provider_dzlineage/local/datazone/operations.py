"""The operations of the emulator, apart from HTTP."""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import re
import secrets
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from airflow_provider_dzlineage.errors import InvalidEventError
from airflow_provider_dzlineage.lineage.event import parse_run_event
from airflow_provider_dzlineage.local.datazone.faults import ApiError, Dice
from airflow_provider_dzlineage.local.datazone.shapes import parse_datetime, utc_datetime
from airflow_provider_dzlineage.local.datazone.store import DomainGraph, Store

log = logging.getLogger(__name__)

_DEFAULT_SIZE = 50
# More than SQLite can count.
_MOST_ITEMS = 2**63 - 100


_ACCOUNT = "000000000000"
# JSON can escape half a character, and no name can be made of it.
_HALF_CHARACTER = re.compile(rb"\\u[dD][89a-fA-F]")
# An event waits, is at work in the second half of its time, and then is processed. The parameter is the present moment.
_STATUS = (
    "CASE WHEN processed AND fails THEN 'FAILED' WHEN processed THEN 'SUCCESS' "
    "WHEN ? < (created + due) / 2 THEN 'REQUESTED' ELSE 'PROCESSING' END"
)
# The columns of an edge that hold a node and its neighbours.
_SIDES = {"UPSTREAM": ("target", "source"), "DOWNSTREAM": ("source", "target")}


@dataclass(frozen=True)
class RequestCaller:
    """Who calls, from the credential scope of the request's signature."""

    access_key: str
    region: str


class Operations:
    """Each public method is an operation: parameters as the service model has them in, result out.

    :param clock: seconds since the epoch.
    """

    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock

    def create_domain(self, parameters: Mapping[str, Any], caller: RequestCaller) -> dict[str, Any]:
        """CreateDomain."""
        domain_id = f"dzd_{secrets.token_hex(7)}"
        self.add_domain(domain_id, parameters["name"], caller.region, parameters.get("domainExecutionRole"))
        return self._domain(domain_id)

    def add_domain(self, domain_id: str, name: str, region: str, role: str | None = None) -> None:
        """Add a domain with an id of one's own; one that is there stays as it is."""
        value = {
            "id": domain_id,
            "name": name,
            "arn": f"arn:aws:datazone:{region}:{_ACCOUNT}:domain/{domain_id}",
            "domainExecutionRole": role or f"arn:aws:iam::{_ACCOUNT}:role/DataZoneDomainExecution",
            "status": "AVAILABLE",
            "portalUrl": f"https://{domain_id.replace('_', '-')}.datazone.{region}.on.aws",
            "managedAccountId": _ACCOUNT,
        }
        row = (domain_id, self._clock(), json.dumps(value))
        self._store.execute("INSERT OR IGNORE INTO domains VALUES (?, ?, ?)", row)

    def get_domain(self, parameters: Mapping[str, Any], caller: RequestCaller) -> dict[str, Any]:
        """GetDomain."""
        return self._domain(parameters["identifier"])

    def list_domains(self, parameters: Mapping[str, Any], caller: RequestCaller) -> dict[str, Any]:
        """ListDomains."""
        rows = self._store.execute("SELECT id FROM domains ORDER BY created, id")
        domains = [self._domain(row["id"]) for row in rows]
        listed = [domain for domain in domains if parameters.get("status") in (None, domain["status"])]
        return _page(parameters, "items", lambda start, count: listed[start : start + count])

    def post_lineage_event(self, parameters: Mapping[str, Any], caller: RequestCaller, dice: Dice) -> dict[str, Any]:
        """PostLineageEvent: accept an event; it is processed later."""
        domain_id = self._domain(parameters["domainIdentifier"])["id"]
        body: bytes = parameters["event"]
        token = parameters.get("clientToken") or secrets.token_hex(16)
        # Thrown for every post, also for one that was accepted before: the sequence must not depend on that.
        fails = dice.hits("fail")
        sql = "SELECT id, body FROM events WHERE domain = ? AND token = ?"
        known = self._store.execute(sql, (domain_id, token)).fetchone()
        if known:
            if known["body"] != body:
                raise ApiError("ConflictException", "The client token was used before, with another event.")
            return {"id": known["id"], "domainId": domain_id}
        event_time = _check_event(body)
        event_id = hashlib.sha256(f"{domain_id}/{token}".encode()).hexdigest()[:14]
        now = self._clock()
        user = f"arn:aws:iam::{_ACCOUNT}:user/{caller.access_key}"
        self._store.execute(
            "INSERT INTO events (domain, id, token, body, event_time, created, created_by, due, fails) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (domain_id, event_id, token, body, event_time, now, user, now + dice.faults.processing_seconds, fails),
        )
        return {"id": event_id, "domainId": domain_id}

    def get_lineage_event(self, parameters: Mapping[str, Any], caller: RequestCaller) -> dict[str, Any]:
        """GetLineageEvent."""
        domain_id = self._domain(parameters["domainIdentifier"])["id"]
        sql = f"SELECT *, {_STATUS} AS status FROM events WHERE domain = ? AND id = ?"  # noqa: S608
        row = self._store.execute(sql, (self._clock(), domain_id, parameters["identifier"])).fetchone()
        if row is None:
            raise ApiError("ResourceNotFoundException", "There is no such lineage event.")
        return {**_event(row), "event": row["body"]}

    def list_lineage_events(self, parameters: Mapping[str, Any], caller: RequestCaller) -> dict[str, Any]:
        """ListLineageEvents, by event time."""
        domain_id = self._domain(parameters["domainIdentifier"])["id"]
        order = "ASC" if parameters.get("sortOrder") == "ASCENDING" else "DESC"
        sql = (
            f"SELECT *, {_STATUS} AS status FROM events WHERE domain = ? AND event_time > ? AND event_time < ? "  # noqa: S608
            f"AND status = COALESCE(?, status) ORDER BY event_time {order}, sequence {order} LIMIT ? OFFSET ?"
        )
        since, until = _seconds(parameters, "timestampAfter", -1), _seconds(parameters, "timestampBefore", 1)
        criteria = (self._clock(), domain_id, since, until, parameters.get("processingStatus"))
        return _page(
            parameters,
            "items",
            lambda start, count: [_event(row) for row in self._store.execute(sql, (*criteria, count, start))],
        )

    def get_lineage_node(self, parameters: Mapping[str, Any], caller: RequestCaller) -> dict[str, Any]:
        """GetLineageNode, by id or source identifier, now or at a moment."""
        graph, row = self._node(parameters)
        until = _seconds(parameters, "eventTimestamp", 1)
        if "eventTimestamp" in parameters and not graph.versions(row, until=until):
            raise ApiError("ResourceNotFoundException", "There was no such lineage node at that time.")
        return graph.node(row, until)

    def list_lineage_node_history(self, parameters: Mapping[str, Any], caller: RequestCaller) -> dict[str, Any]:
        """ListLineageNodeHistory: the versions of a node by event time."""
        graph, row = self._node(parameters)
        since, until = _seconds(parameters, "eventTimestampGTE", -1), _seconds(parameters, "eventTimestampLTE", 1)
        versions = graph.versions(row, since, until)
        if sides := _SIDES.get(parameters.get("direction", "")):
            versions = [version for version in versions if graph.neighbours(row, *sides, version)]
        if parameters.get("sortOrder") != "ASCENDING":
            versions.reverse()
        return _page(
            parameters,
            "nodes",
            lambda start, count: [graph.summary(row, version) for version in versions[start : start + count]],
        )

    def process_due(self, limit: int = 50) -> bool:
        """Draw the events whose time has come into the graph, except those that are to fail.

        :param limit: events at most, so that no request waits for long.
        :return: whether there may be more.
        """
        rows = self._store.execute(
            "SELECT * FROM events WHERE processed = 0 AND due <= ? ORDER BY sequence LIMIT ?", (self._clock(), limit)
        ).fetchall()
        for row in rows:
            fails = row["fails"]
            if not fails:
                try:
                    DomainGraph(self._store, row["domain"]).add(json.loads(row["body"]), row["event_time"], row["due"])
                except Exception:
                    # One event must not keep all others from being processed.
                    log.exception("event %s cannot be drawn", row["id"])
                    fails = 1
            outcome = (fails, row["sequence"])
            self._store.execute("UPDATE events SET processed = 1, fails = ? WHERE sequence = ?", outcome)
        return len(rows) == limit

    def _domain(self, domain_id: str) -> dict[str, Any]:
        row = self._store.execute("SELECT * FROM domains WHERE id = ?", (domain_id,)).fetchone()
        if row is None:
            raise ApiError("ResourceNotFoundException", f"Domain {domain_id} does not exist.")
        return {**json.loads(row["value"]), "createdAt": utc_datetime(row["created"])}

    def _node(self, parameters: Mapping[str, Any]) -> tuple[DomainGraph, sqlite3.Row]:
        graph = DomainGraph(self._store, self._domain(parameters["domainIdentifier"])["id"])
        row = graph.find(parameters["identifier"])
        if row is None:
            raise ApiError("ResourceNotFoundException", "There is no such lineage node.")
        return graph, row


def _page(parameters: Mapping[str, Any], member: str, items: Callable[[int, int], Sequence[Any]]) -> dict[str, Any]:
    """Return the page of a listing that ``nextToken`` and ``maxResults`` name.

    :param member: of the output that holds the items.
    :param items: returns the items from a position on, up to a number of them.
    :raises ApiError: when the token is not one of ours.
    """
    token, size = parameters.get("nextToken"), parameters.get("maxResults", _DEFAULT_SIZE)
    try:
        start = int(base64.urlsafe_b64decode(token)) if token else 0
    except ValueError:
        start = -1
    if not 0 <= start < _MOST_ITEMS:
        raise ApiError("ValidationException", "nextToken is not valid")
    found = items(start, size + 1)
    following = base64.urlsafe_b64encode(str(start + size).encode()).decode() if len(found) > size else None
    return {member: found[:size], "nextToken": following}


def _check_event(body: bytes) -> float:
    """Return the time of a valid run event, seconds since the epoch."""
    try:
        data = parse_run_event(body).data
        if _HALF_CHARACTER.search(body):
            json.dumps(data, ensure_ascii=False).encode()
        return parse_datetime(data["eventTime"]).timestamp()
    except (InvalidEventError, UnicodeEncodeError, ValueError) as error:
        raise ApiError("ValidationException", f"The event is not a valid OpenLineage run event: {error}") from None


def _event(row: sqlite3.Row) -> dict[str, Any]:
    event = json.loads(row["body"])
    summary = {
        "eventType": event.get("eventType"),
        "runId": event["run"]["runId"],
        "job": _name(event["job"]),
        "inputs": [_name(dataset) for dataset in event.get("inputs") or []],
        "outputs": [_name(dataset) for dataset in event.get("outputs") or []],
    }
    return {
        "id": row["id"],
        "domainId": row["domain"],
        "processingStatus": row["status"],
        "eventTime": utc_datetime(row["event_time"]),
        "eventSummary": {"openLineageRunEventSummary": summary},
        "createdBy": row["created_by"],
        "createdAt": utc_datetime(row["created"]),
    }


def _name(thing: Mapping[str, Any]) -> dict[str, str]:
    return {"namespace": thing["namespace"], "name": thing["name"]}


def _seconds(parameters: Mapping[str, Any], name: str, without: int) -> float:
    moment = parameters.get(name)
    return float(moment.timestamp()) if moment else without * float("inf")
