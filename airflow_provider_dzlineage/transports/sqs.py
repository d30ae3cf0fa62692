"""OpenLineage transport into Amazon SQS."""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from openlineage.client.serde import Serde
from openlineage.client.transport.transport import Config, Transport

from airflow_provider_dzlineage.buffer.entry import is_fifo, queue_entry
from airflow_provider_dzlineage.errors import ConfigurationError
from airflow_provider_dzlineage.lineage.order import message_group
from airflow_provider_dzlineage.lineage.own_jobs import is_own_job

if TYPE_CHECKING:
    from openlineage.client.client import Event

    from airflow_provider_dzlineage.transports.sqs_sender import SqsSender

log = logging.getLogger(__name__)

_EXAMPLE = (
    '{"type": "airflow_provider_dzlineage.transports.sqs.SqsTransport", '
    '"queue_url": "https://sqs.us-east-1.amazonaws.com/123456789012/openlineage"}'
)
# What the OpenLineage client itself puts into the configuration of every transport.
_KEYS_OF_THE_CLIENT = {"type", "name", "priority"}
_MAX_TIMEOUT_SECONDS = 60.0


@dataclass(frozen=True)
class SqsConfig(Config):
    """Where and how :class:`SqsTransport` sends.

    :param queue_url: URL of the SQS queue.
    :param region_name: AWS Region of the queue; default: what its URL names, then the SDK's configuration.
    :param endpoint_url: endpoint of SQS; default: the SDK's configuration, then the host of the queue's URL.
    :param role_arn: ARN of a role to assume for sending.
    :param profile_name: AWS profile with the credentials.
    :param timeout: seconds that sending one event may take in all. Airflow gives the whole emission ten.
    :param message_group: what stays in order on a FIFO queue: ``run`` or ``job``.
    """

    queue_url: str
    region_name: str | None = None
    endpoint_url: str | None = None
    role_arn: str | None = None
    profile_name: str | None = None
    timeout: float = 5.0
    message_group: str = "run"

    def __reduce__(self) -> tuple[type[SqsConfig], tuple[Any, ...]]:
        # The client's base class knows how to pickle its own fields only.
        return type(self), tuple(getattr(self, field.name) for field in fields(self))

    @classmethod
    def from_dict(cls, params: Mapping[str, Any]) -> SqsConfig:
        """Read the configuration as the OpenLineage client passes it on.

        :param params: the keys of the transport's configuration.
        :raises ConfigurationError: when a key is missing, unknown or has a wrong value; the message names it and shows
            a right example.
        """
        known = {field.name for field in fields(cls)}
        unknown = sorted(params.keys() - known - _KEYS_OF_THE_CLIENT)
        if unknown:
            raise _wrong(unknown[0], f"is unknown; there are {', '.join(sorted(known))}")
        # Values from environment variables are JSON-parsed by the client, so a text may arrive as a number.
        texts = {key: str(value) for key, value in params.items() if key in known and value not in (None, "")}
        if "queue_url" not in texts:
            raise _wrong("queue_url", "is missing")
        if not texts["queue_url"].startswith(("https://", "http://")):
            raise _wrong("queue_url", "is not the URL of a queue")
        if texts.get("message_group", "run") not in ("run", "job"):
            raise _wrong("message_group", "must be run or job")
        return cls(**texts | {"timeout": _timeout(texts.get("timeout", "5"))})  # type: ignore[arg-type]


class SqsTransport(Transport):
    """Sends each event with one confirmed ``SendMessage``.

    It has no thread and nothing to flush: Airflow emits from a forked process that ends hard right after. It may be
    forked and pickled at any time.
    """

    kind = "sqs"
    config_class = SqsConfig

    def __init__(self, config: SqsConfig) -> None:
        self.config = config
        self._sender: SqsSender | None = None
        self._sender_pid = 0

    def emit(self, event: Event) -> None:
        """Send one event; those of our own forwarding DAG are dropped.

        :param event: an OpenLineage event of any kind.
        :raises DzLineageError: when it was not sent; one log line says which event and why.
        """
        data = Serde.to_dict(event)
        if is_own_job(data):
            log.debug("An event of the forwarding DAG itself is not sent.")
            return
        give_up = time.monotonic() + self.config.timeout
        try:
            group = self._group(data) if is_fifo(self.config.queue_url) else None
            # default=str as the client's own JSON does: a facet that holds an odd object must not lose the event.
            text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), default=str)
            self._this_process_sender().send(queue_entry(text, group=group), give_up=give_up)
        except Exception as error:
            log.error("OpenLineage event is lost: %s: %s", _describe(data), error)
            raise

    def __getstate__(self) -> dict[str, Any]:
        return {"config": self.config}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["config"])  # type: ignore[misc]

    def _group(self, data: dict[str, Any]) -> str:
        return message_group(data if self.config.message_group == "run" else {**data, "run": None})

    def _this_process_sender(self) -> SqsSender:
        # A forked child must not share its parent's connections.
        if self._sender is None or self._sender_pid != os.getpid():
            from airflow_provider_dzlineage.transports.sqs_sender import SqsSender

            self._sender, self._sender_pid = SqsSender(self.config), os.getpid()
        return self._sender


def _wrong(key: str, problem: str) -> ConfigurationError:
    return ConfigurationError(f"SqsTransport: key {key!r} {problem}; a right example is {_EXAMPLE}")


def _timeout(text: str) -> float:
    try:
        timeout = float(text)
    except ValueError:
        timeout = -1.0
    if not 0 < timeout <= _MAX_TIMEOUT_SECONDS:
        raise _wrong("timeout", f"must be a number of seconds up to {_MAX_TIMEOUT_SECONDS:.0f}")
    return timeout


def _describe(data: Mapping[str, Any]) -> str:
    run, job = data.get("run") or {}, data.get("job") or data.get("dataset") or {}
    return f"{data.get('eventType')} of {job.get('namespace')}.{job.get('name')}, run {run.get('runId')}"
