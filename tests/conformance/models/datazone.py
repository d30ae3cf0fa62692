"""A model of ``PostLineageEvent`` of Amazon DataZone in memory."""

from __future__ import annotations

import threading
from typing import Any

from airflow_provider_dzlineage.errors import InvalidEventError
from airflow_provider_dzlineage.lineage.event import MAX_EVENT_BYTES, parse_run_event
from tests.conformance.models.service import ModelService, client_error

DOMAIN_ID = "dzd_model"


class ModelDataZone(ModelService):
    """Stands in for a boto3 DataZone client. Safe to share between threads, and between "processes"."""

    def __init__(self) -> None:
        super().__init__("datazone")
        self._lock = threading.Lock()
        # By token: the id that the event got, and the event.
        self._accepted: dict[str, tuple[str, bytes]] = {}

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
            event_id, accepted = self._accepted.setdefault(token, (f"event-{len(self._accepted)}", body))
        if accepted != body:
            raise client_error("post_lineage_event", "ConflictException", status=409)
        return {"id": event_id, "domainId": DOMAIN_ID}

    @staticmethod
    def _check_domain(method: str, parameters: dict[str, Any]) -> None:
        if parameters["domainIdentifier"] != DOMAIN_ID:
            raise client_error(method, "ResourceNotFoundException", status=404)
