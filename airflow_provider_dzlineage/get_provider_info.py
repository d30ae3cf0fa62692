"""What Airflow asks a provider for.

Airflow imports this at the start of every command, and an error here stops every command. It imports the
standard library only.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from airflow_provider_dzlineage import __version__
from airflow_provider_dzlineage.settings import Settings

_INTEGRATION = "Amazon DataZone"
_SQS = "Amazon Simple Queue Service (SQS)"


def get_provider_info() -> dict[str, Any]:
    """Describe the provider.

    :return: a value of the form that ``airflow/provider_info.schema.json`` of each Airflow asks for.
    """
    return {
        "package-name": "airflow-provider-dzlineage",
        "name": "DataZone lineage",
        "description": "OpenLineage events into Amazon SageMaker Catalog (Amazon DataZone), buffered by Amazon SQS.",
        "versions": [__version__],
        "integrations": [
            {
                "integration-name": _INTEGRATION,
                "external-doc-url": "https://docs.aws.amazon.com/datazone/latest/userguide/datazone-data-lineage.html",
                "tags": ["aws"],
            }
        ],
        "hooks": [{"integration-name": _INTEGRATION, "python-modules": ["airflow_provider_dzlineage.hooks.datazone"]}],
        "sensors": [
            {
                "integration-name": _INTEGRATION,
                "python-modules": ["airflow_provider_dzlineage.sensors.datazone_lineage_event"],
            }
        ],
        "triggers": [
            {
                "integration-name": _INTEGRATION,
                "python-modules": ["airflow_provider_dzlineage.triggers.datazone_lineage_event"],
            }
        ],
        "transfers": [
            {
                "source-integration-name": _SQS,
                "target-integration-name": _INTEGRATION,
                "python-module": "airflow_provider_dzlineage.transfers.sqs_to_datazone",
            },
            {
                "source-integration-name": _INTEGRATION,
                "target-integration-name": _SQS,
                "python-module": "airflow_provider_dzlineage.transfers.datazone_to_sqs",
            },
        ],
        "config": {
            "dzlineage": {
                "description": "Forwarding of OpenLineage events from Amazon SQS to Amazon DataZone.",
                "options": {setting.name: _option(setting) for setting in fields(Settings)},
            }
        },
        "extra-links": ["airflow_provider_dzlineage.transfers.sqs_to_datazone.DomainPortalLink"],
    }


def _option(setting: Any) -> dict[str, Any]:
    return {
        "description": setting.metadata["description"],
        "version_added": "0.1.0",
        "type": setting.metadata["kind"],
        "example": setting.metadata["example"],
        "default": _default(setting),
    }


def _default(setting: Any) -> str | None:
    """Return a default as a person would write it; None for nothing."""
    default = getattr(Settings(), setting.name)
    if isinstance(default, tuple):
        return ",".join(default) or None
    if isinstance(default, bool):
        return str(default).lower()
    return str(default) if default else None
