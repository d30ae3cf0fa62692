"""The embedded AWS: ministack and the DataZone emulator, with a queue, its dead-letter queue and a domain in them."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path

import boto3

from airflow_provider_dzlineage.local.datazone import DataZoneEmulator
from airflow_provider_dzlineage.local.ministack import Ministack

REGION = "us-east-1"
DOMAIN_ID = "dzd_local"
_QUEUE_NAME = "openlineage"
_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
_QUEUE_ATTRIBUTES = {"VisibilityTimeout": "120", "MessageRetentionPeriod": str(14 * 24 * 3600)}


class EmbeddedAws:
    """An AWS on loopback for development and tests; a context manager that starts the servers and stops them.

    :param port: TCP port on loopback for ministack, 0 for a free one.
    :param datazone_port: TCP port on loopback for the DataZone emulator, 0 for a free one.
    :param state: folder that keeps everything over a restart; None keeps it in memory.
    :param log: file for ministack's output; None discards it.
    :raises DzLineageError: on entering, when a server does not start.
    """

    def __init__(
        self, port: int = 0, datazone_port: int = 0, *, state: Path | None = None, log: Path | None = None
    ) -> None:
        if state:
            state.mkdir(parents=True, exist_ok=True)
        self._ministack = Ministack(port, state=state / "ministack" if state else None, log=log)
        self._datazone = DataZoneEmulator(
            port=datazone_port, state=state / "datazone.sqlite" if state else None, domain_id=DOMAIN_ID
        )

    def __enter__(self) -> EmbeddedAws:
        with ExitStack() as starting:
            starting.enter_context(self._ministack)
            starting.enter_context(self._datazone)
            queue_url, dead_letter_queue_url = self._create_queues()
            self._running = starting.pop_all()
        self.environment = {
            "AWS_ENDPOINT_URL": self._ministack.endpoint_url,
            "AWS_ENDPOINT_URL_DATAZONE": self._datazone.endpoint_url,
            "AWS_DEFAULT_REGION": REGION,
            **_CREDENTIALS,
            "DZLINEAGE_QUEUE_URL": queue_url,
            "DZLINEAGE_DEAD_LETTER_QUEUE_URL": dead_letter_queue_url,
            "DZLINEAGE_DOMAIN_ID": DOMAIN_ID,
        }
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def is_running(self) -> bool:
        """Return whether the servers run."""
        return self._ministack.is_running()

    def _create_queues(self) -> tuple[str, str]:
        sqs = boto3.client(
            "sqs",
            endpoint_url=self._ministack.endpoint_url,
            region_name=REGION,
            aws_access_key_id=_CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=_CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        )
        dead = sqs.create_queue(QueueName=f"{_QUEUE_NAME}-dead", Attributes=_QUEUE_ATTRIBUTES)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        # A backstop: the forwarder writes dead letters itself, with a reason.
        redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": "1000"})
        attributes = {**_QUEUE_ATTRIBUTES, "RedrivePolicy": redrive}
        return sqs.create_queue(QueueName=_QUEUE_NAME, Attributes=attributes)["QueueUrl"], dead
