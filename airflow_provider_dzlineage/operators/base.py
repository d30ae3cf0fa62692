"""The base of the operators: settings from arguments, AWS clients from Airflow connections, and an orderly end."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from airflow_provider_dzlineage._compat import BaseOperator, airflow_section
from airflow_provider_dzlineage.settings.site import Settings, load_settings

if TYPE_CHECKING:
    from airflow_provider_dzlineage.buffer.queue import Queue
    from airflow_provider_dzlineage.catalog.client import Catalog
    from airflow_provider_dzlineage.lineage.rules.redshift_lookup import ClientFor

QUEUE_SETTINGS = ("queue_url", "dead_letter_queue_url", "region_name", "sqs_conn_id")
DOMAIN_SETTINGS = ("domain_id", "domain_region_name", "datazone_conn_id")


class LineageOperator(BaseOperator):
    """An operator of which some arguments are settings.

    Those may be left out: then the ``[dzlineage]`` section of the Airflow configuration, the environment and the
    default follow, in this order.

    A subclass names its settings in :attr:`setting_names`, and those of them that a run cannot do without in
    :attr:`required_settings`.
    """

    setting_names: Sequence[str] = ()
    required_settings: Sequence[str] = ()

    _stop: threading.Event | None = None

    def _keep_settings(self, arguments: Mapping[str, Any]) -> None:
        """Keep the arguments that are settings as attributes, where Airflow renders their templates."""
        for name in self.setting_names:
            setattr(self, name, arguments[name])

    def on_kill(self) -> None:
        """End in order: messages in flight go back to their queue."""
        if self._stop:
            self._stop.set()

    def _stop_when_killed(self) -> threading.Event:
        # Not before the task runs: Airflow copies operators, and an event cannot be copied.
        self._stop = threading.Event()
        return self._stop

    def _settings(self) -> Settings:
        settings = task_settings(self, self.setting_names)
        # All at once, so that the message names each that is missing.
        settings.required(*self.required_settings)
        return settings

    def _queue(self, settings: Settings) -> Queue:
        # Imported here, or every parse of a DAG file would pay for boto3. So it is everywhere in the operators.
        from airflow.providers.amazon.aws.hooks.sqs import SqsHook

        from airflow_provider_dzlineage.aws.arns import queue_region
        from airflow_provider_dzlineage.buffer.queue import QUEUE_CLIENT_CONFIG, Queue

        (queue_url,) = settings.required("queue_url")
        region = settings.region_name or queue_region(queue_url)
        hook = SqsHook(aws_conn_id=settings.sqs_conn_id, region_name=region, config=QUEUE_CLIENT_CONFIG)
        return Queue(hook.conn, queue_url)

    def _catalog(self, settings: Settings) -> Catalog:
        from airflow_provider_dzlineage.hooks.datazone import DataZoneLineageHook

        (domain_id,) = settings.required("domain_id")
        hook = DataZoneLineageHook(aws_conn_id=settings.datazone_conn_id, region_name=settings.domain_region_name)
        return hook.catalog(domain_id)

    def _lookup_client(self, settings: Settings) -> ClientFor:
        """Return a function that makes the clients for look-ups, which are made in the account of the queue."""
        from airflow.providers.amazon.aws.hooks.base_aws import AwsBaseHook

        from airflow_provider_dzlineage.lineage.rules.redshift_lookup import LOOKUP_CONFIG

        return lambda service, region: (
            AwsBaseHook(
                aws_conn_id=settings.sqs_conn_id, client_type=service, region_name=region, config=LOOKUP_CONFIG
            ).conn
        )


def task_settings(task: BaseOperator, names: Sequence[str]) -> Settings:
    """Return the settings of a task, whose attributes come before Airflow's configuration and the environment.

    :param names: of settings that the task has as attributes.
    :raises ConfigurationError: when a value has the wrong form.
    """
    return load_settings({name: getattr(task, name) for name in names}, airflow_section())


def push_report_of_failure(context: Mapping[str, Any], report: Mapping[str, Any]) -> None:
    """Store a report where the result of a task lies: Airflow itself stores it only when the task succeeds."""
    context["ti"].xcom_push(key="return_value", value=report)
