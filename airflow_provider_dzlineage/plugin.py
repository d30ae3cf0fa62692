"""Airflow plugin that imports the configured transports before Airflow's OpenLineage listener forks to emit.

The listener emits each event from a process forked off the task's, and what the parent has not imported, every one of
these processes imports again. Airflow loads plugins in the parent.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from airflow.plugins_manager import AirflowPlugin

from airflow_provider_dzlineage._compat import conf

_TRANSPORTS = "airflow_provider_dzlineage.transports"
# The module that the configuration names, and the one that it imports when it emits.
_MODULES = {"sqs": "sqs_sender", "datazone": "datazone_sender"}


class DzLineagePlugin(AirflowPlugin):
    """Imports what each configured transport of this package needs, alone or inside a composite one."""

    name = "dzlineage"

    @classmethod
    def on_load(cls, *_: Any, **__: Any) -> None:
        """Import the transports. Airflow calls this when it has loaded the plugin."""
        configured = conf.get("openlineage", "transport", fallback="")
        for transport, sender in _MODULES.items():
            if f"{_TRANSPORTS}.{transport}." in configured:
                import_module(f"{_TRANSPORTS}.{transport}")
                import_module(f"{_TRANSPORTS}.{sender}")
