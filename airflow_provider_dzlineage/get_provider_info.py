"""The provider information, which Airflow reads at the start of every command.

An error here stops every command; this imports the standard library only.
"""

from __future__ import annotations

from typing import Any

from airflow_provider_dzlineage import __version__
from airflow_provider_dzlineage.settings.loader import SettingDescription, describe
from airflow_provider_dzlineage.settings.site import Settings

_PACKAGE = "airflow_provider_dzlineage"
_DATAZONE = "Amazon DataZone"
# As the Amazon provider calls it.
_SQS = "Amazon Simple Queue Service (SQS)"


def get_provider_info() -> dict[str, Any]:
    """Return the description of the provider.

    :return: a value that ``airflow/provider_info.schema.json`` of each Airflow allows.
    """
    return {
        "package-name": "airflow-provider-dzlineage",
        "name": "DataZone lineage",
        "description": "OpenLineage events into Amazon SageMaker Catalog (Amazon DataZone), buffered by Amazon SQS.",
        "versions": [__version__],
        "integrations": [
            {
                "integration-name": _DATAZONE,
                "external-doc-url": "https://docs.aws.amazon.com/datazone/latest/userguide/datazone-data-lineage.html",
                "tags": ["aws"],
            }
        ],
        "hooks": [_modules("hooks.datazone")],
        "operators": [_modules("operators.doctor")],
        "sensors": [_modules("sensors.datazone_lineage_event")],
        "triggers": [_modules("triggers.datazone_lineage_event")],
        "transfers": [
            _transfer(_SQS, _DATAZONE, "transfers.sqs_to_datazone"),
            _transfer(_DATAZONE, _SQS, "transfers.datazone_to_sqs"),
            _transfer(_SQS, _SQS, "transfers.dead_letters_to_sqs"),
        ],
        "config": {
            "dzlineage": {
                "description": "Forwarding of OpenLineage events from Amazon SQS to Amazon DataZone.",
                "options": {setting.name: _option(setting) for setting in describe(Settings)},
            }
        },
        "extra-links": [f"{_PACKAGE}.transfers.sqs_to_datazone.DomainPortalLink"],
    }


def _modules(*names: str) -> dict[str, Any]:
    return {"integration-name": _DATAZONE, "python-modules": [f"{_PACKAGE}.{name}" for name in names]}


def _transfer(source: str, target: str, module: str) -> dict[str, str]:
    return {
        "source-integration-name": source,
        "target-integration-name": target,
        "python-module": f"{_PACKAGE}.{module}",
    }


def _option(setting: SettingDescription) -> dict[str, Any]:
    return {
        "description": setting.help,
        "version_added": "0.1.0",
        "type": setting.type,
        "example": setting.example,
        "default": setting.default,
    }
