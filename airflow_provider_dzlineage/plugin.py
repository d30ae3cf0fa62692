"""Airflow plugin: have the SQS transport in memory before Airflow's OpenLineage listener forks to emit.

The listener emits each event from a process forked off the task's, and what the parent has not imported, every one of
these processes imports again. Airflow loads plugins in the parent.
"""

from __future__ import annotations

from typing import Any

from airflow.plugins_manager import AirflowPlugin

from airflow_provider_dzlineage._compat import conf

_TRANSPORTS = "airflow_provider_dzlineage.transports.sqs"


class DzLineagePlugin(AirflowPlugin):
    """Imports what the configured transport needs, and nothing when another one is configured."""

    name = "dzlineage"

    @classmethod
    def on_load(cls, *_: Any, **__: Any) -> None:
        """Import the transport; Airflow calls this when it has loaded the plugin."""
        if _TRANSPORTS in conf.get("openlineage", "transport", fallback=""):
            from airflow_provider_dzlineage.transports import sqs, sqs_sender  # noqa: F401
