"""What the operators share: settings as arguments, clients from Airflow's connections, an end in order."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow_provider_dzlineage._compat import BaseOperator, airflow_section
from airflow_provider_dzlineage.settings import Settings, load_settings

if TYPE_CHECKING:
    from airflow_provider_dzlineage.buffer.queue import Queue
    from airflow_provider_dzlineage.catalog.client import Catalog
    from airflow_provider_dzlineage.lineage.rules.redshift_lookup import ClientFor

# Airflow's key for what a task returns.
RETURN_VALUE = "return_value"


class BufferOperator(BaseOperator):
    """An operator on the buffer.

    Arguments that are settings may be left out: then the ``[dzlineage]`` section of the Airflow configuration, the
    environment and the default follow, in this order.
    """

    setting_names: Sequence[str] = ("queue_url", "dead_letter_queue_url", "region_name", "sqs_conn_id")
    template_fields: Sequence[str] = ("queue_url", "dead_letter_queue_url", "region_name")

    def __init__(
        self,
        *,
        queue_url: str | None = None,
        dead_letter_queue_url: str | None = None,
        region_name: str | None = None,
        sqs_conn_id: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.queue_url = queue_url
        self.dead_letter_queue_url = dead_letter_queue_url
        self.region_name = region_name
        self.sqs_conn_id = sqs_conn_id
        self._stop: threading.Event | None = None

    def on_kill(self) -> None:
        """End in order: what is in hand goes back to where it came from."""
        if self._stop:
            self._stop.set()

    def _stop_when_killed(self) -> threading.Event:
        # Not before it runs: Airflow copies operators, and an event cannot be copied.
        self._stop = threading.Event()
        return self._stop

    def _settings(self) -> Settings:
        return load_settings({name: getattr(self, name) for name in self.setting_names}, airflow_section())

    def _buffer(self, settings: Settings) -> Queue:
        # Imported here, or every parse of a DAG file would pay for boto3.
        from airflow.providers.amazon.aws.hooks.sqs import SqsHook

        from airflow_provider_dzlineage.aws.arns import region_of
        from airflow_provider_dzlineage.buffer.queue import CLIENT_CONFIG, Queue

        (queue_url,) = settings.required("queue_url")
        region = settings.region_name or region_of(queue_url)
        hook = SqsHook(aws_conn_id=settings.sqs_conn_id, region_name=region, config=CLIENT_CONFIG)
        return Queue(hook.conn, queue_url)


class DomainOperator(BufferOperator):
    """An operator on the buffer and a domain."""

    setting_names: Sequence[str] = (
        *BufferOperator.setting_names,
        *("domain_id", "domain_region_name", "datazone_conn_id", "rate", "max_seconds"),
    )
    template_fields: Sequence[str] = (*BufferOperator.template_fields, "domain_id", "domain_region_name")

    def __init__(
        self,
        *,
        domain_id: str | None = None,
        domain_region_name: str | None = None,
        datazone_conn_id: str | None = None,
        rate: float | str | None = None,
        max_seconds: float | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.domain_id = domain_id
        self.domain_region_name = domain_region_name
        self.datazone_conn_id = datazone_conn_id
        self.rate = rate
        self.max_seconds = max_seconds

    def _settings(self) -> Settings:
        settings = super()._settings()
        # Both at once, so that the message names each that is missing.
        settings.required("queue_url", "domain_id")
        return settings

    def _catalog(self, settings: Settings) -> Catalog:
        from airflow_provider_dzlineage.hooks.datazone import DataZoneLineageHook

        (domain_id,) = settings.required("domain_id")
        hook = DataZoneLineageHook(aws_conn_id=settings.datazone_conn_id, region_name=settings.domain_region_name)
        return hook.catalog(domain_id)

    def _client_for(self, settings: Settings) -> ClientFor:
        """Make the clients for look-ups: Redshift is asked in the account of the buffer."""
        from airflow.providers.amazon.aws.hooks.base_aws import AwsBaseHook

        from airflow_provider_dzlineage.lineage.rules.redshift_lookup import CLIENT_CONFIG

        def client_for(service: str, region: str) -> Any:
            return AwsBaseHook(
                aws_conn_id=settings.sqs_conn_id, client_type=service, region_name=region, config=CLIENT_CONFIG
            ).conn

        return client_for
