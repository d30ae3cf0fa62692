"""A model of Amazon DataZone's lineage events in memory."""

from __future__ import annotations

import io
import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from airflow_provider_dzlineage.errors import InvalidEventError
from airflow_provider_dzlineage.lineage.event import parse_run_event
from airflow_provider_dzlineage.lineage.size import MAX_EVENT_BYTES
from tests.conformance.models.service import ModelService, client_error

DOMAIN_ID = "dzd_model"


@dataclass(frozen=True)
class AcceptedEvent:
    """What DataZone has taken."""

    id: str
    token: str
    body: bytes
    status: str


class ModelDataZone(ModelService):
    """Stands in for a boto3 DataZone client. Safe to share between threads, and between "processes".

    :param fails: tells whether the processing of an accepted event ends as ``FAILED``.
    """

    def __init__(self, fails: Callable[[bytes], bool] = lambda _: False) -> None:
        super().__init__("datazone")
        self._fails = fails
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        self._by_token: dict[str, AcceptedEvent] = {}

    def post_lineage_event(self, **parameters: Any) -> dict[str, Any]:
        self._check("post_lineage_event", parameters)
        self._check_domain("post_lineage_event", parameters)
        body, token = bytes(parameters["event"]), parameters["clientToken"]
        if len(body) > MAX_EVENT_BYTES:
            raise client_error("post_lineage_event", "ValidationException", "the event is too large")
        try:
            parse_run_event(body)
        except InvalidEventError as error:
            raise client_error("post_lineage_event", "ValidationException", str(error)) from None
        with self._lock:
            known = self._by_token.get(token)
            if known is None:
                status = "FAILED" if self._fails(body) else "SUCCESS"
                known = self._by_token[token] = AcceptedEvent(f"event-{next(self._numbers)}", token, body, status)
        if known.body != body:
            raise client_error("post_lineage_event", "ConflictException", status=409)
        return {"id": known.id, "domainId": DOMAIN_ID}

    def get_lineage_event(self, **parameters: Any) -> dict[str, Any]:
        self._check("get_lineage_event", parameters)
        self._check_domain("get_lineage_event", parameters)
        for event in self._events():
            if event.id == parameters["identifier"]:
                return {"id": event.id, "event": io.BytesIO(event.body), "processingStatus": event.status}
        raise client_error("get_lineage_event", "ResourceNotFoundException", status=404)

    def list_lineage_events(self, **parameters: Any) -> dict[str, Any]:
        self._check("list_lineage_events", parameters)
        self._check_domain("list_lineage_events", parameters)
        wanted = parameters.get("processingStatus")
        return {
            "items": [
                {"id": event.id, "processingStatus": event.status}
                for event in self._events()
                if wanted in (None, event.status)
            ]
        }

    def _events(self) -> list[AcceptedEvent]:
        with self._lock:
            return list(self._by_token.values())

    @staticmethod
    def _check_domain(method: str, parameters: dict[str, Any]) -> None:
        if parameters["domainIdentifier"] != DOMAIN_ID:
            raise client_error(method, "ResourceNotFoundException", status=404)
