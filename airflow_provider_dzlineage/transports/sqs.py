"""OpenLineage transport into Amazon SQS."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import MISSING, dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from airflow_provider_dzlineage.buffer.codec import is_fifo, send_parameters
from airflow_provider_dzlineage.lineage.raw_event import is_own_job, message_group
from airflow_provider_dzlineage.settings.loader import setting
from airflow_provider_dzlineage.settings.parsers import one_of, sqs_queue_url
from airflow_provider_dzlineage.transports.base import AwsConfig, AwsTransport, json_text

if TYPE_CHECKING:
    from airflow_provider_dzlineage.aws.deadline import Deadline
    from airflow_provider_dzlineage.transports.sqs_sender import SqsSender

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class SqsConfig(AwsConfig):
    """Where and how :class:`SqsTransport` sends, beside the keys of every transport.

    The Region is by default the one that the queue's URL names, and the endpoint the host of that URL.

    :param queue_url: URL of the SQS queue.
    :param message_group: what stays in order on a FIFO queue: ``run`` or ``job``.
    """

    TRANSPORT: ClassVar[str] = "SqsTransport"
    EXAMPLE: ClassVar[str] = (
        '{"type": "airflow_provider_dzlineage.transports.sqs.SqsTransport", '
        '"queue_url": "https://sqs.us-east-1.amazonaws.com/123456789012/openlineage"}'
    )

    queue_url: str = setting(
        default=MISSING,
        parse=sqs_queue_url,
        example="https://sqs.us-east-1.amazonaws.com/123456789012/openlineage",
        help="URL of the SQS queue.",
    )
    message_group: str = setting(
        default="run",
        parse=one_of("run", "job"),
        example="job",
        help="What stays in order on a FIFO queue: ``run`` or ``job``.",
    )

    @classmethod
    def from_dict(cls, params: Mapping[str, Any]) -> SqsConfig:
        """Return the configuration.

        :param params: the keys of the transport's configuration, as the OpenLineage client passes them on.
        :raises ConfigurationError: when a key is missing, unknown or has a wrong value.
        """
        values, _ = cls.parsed(params)
        if "queue_url" not in values:
            raise cls.wrong("queue_url", "is missing")
        return cls(**values)


class SqsTransport(AwsTransport):
    """Sends each event with one confirmed ``SendMessage``; those of our own forwarding DAG are dropped."""

    kind = "sqs"
    config_class = SqsConfig
    config: SqsConfig
    FAILURE: ClassVar[str] = "OpenLineage event is lost"

    def _send(self, data: dict[str, Any], deadline: Deadline) -> None:
        if is_own_job(data):
            log.debug("An event of the forwarding DAG itself is not sent.")
            return
        group = None
        if is_fifo(self.config.queue_url):
            group = message_group(data if self.config.message_group == "run" else {**data, "run": None})
        self._this_process_sender().send(send_parameters(json_text(data), group=group), deadline)

    def _new_sender(self) -> SqsSender:
        from airflow_provider_dzlineage.transports.sqs_sender import SqsSender

        return SqsSender(self.config.queue_url, self.config)
