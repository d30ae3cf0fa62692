"""Names that Airflow 2.10 to 3.x keep in different modules, and the provider's section of its configuration."""

from __future__ import annotations

from dataclasses import Field, fields
from typing import TYPE_CHECKING, Any

from airflow_provider_dzlineage.settings.site import Settings

if TYPE_CHECKING:
    from airflow.providers.standard.operators.empty import EmptyOperator
    from airflow.sdk import DAG, BaseOperator, BaseOperatorLink, BaseSensorOperator
    from airflow.sdk.configuration import conf
    from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
    from airflow.sdk.execution_time.xcom import XCom
    from airflow.sdk.observability.stats import Stats
else:
    try:
        from airflow.providers.standard.operators.empty import EmptyOperator
        from airflow.sdk import DAG, BaseOperator, BaseOperatorLink, BaseSensorOperator
        from airflow.sdk.execution_time.xcom import XCom
    except ImportError:  # Airflow 2
        from airflow import DAG
        from airflow.models import BaseOperator, BaseOperatorLink, XCom
        from airflow.operators.empty import EmptyOperator
        from airflow.sensors.base import BaseSensorOperator
    try:
        from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
    except ImportError:  # Airflow before 3.2
        from airflow.exceptions import AirflowFailException, AirflowSkipException
    try:
        from airflow.sdk.configuration import conf
        from airflow.sdk.observability.stats import Stats
    except ImportError:  # Airflow before 3.2
        from airflow.configuration import conf
        from airflow.stats import Stats

__all__ = [
    "DAG",
    "AirflowFailException",
    "AirflowSkipException",
    "BaseOperator",
    "BaseOperatorLink",
    "BaseSensorOperator",
    "EmptyOperator",
    "Stats",
    "XCom",
    "airflow_section",
    "conf",
]


def airflow_section() -> dict[str, str]:
    """Return what a user has set in the ``[dzlineage]`` section of the Airflow configuration.

    A value that equals the declared default counts as not set, since Airflow does not distinguish the two and the
    environment comes before the default.
    """
    defaults = Settings()
    values = {}
    for setting in fields(Settings):
        value = conf.get("dzlineage", setting.name, fallback=None)
        if value and not _means(setting, value, getattr(defaults, setting.name)):
            values[setting.name] = value
    return values


def _means(setting: Field[Any], value: str, default: object) -> bool:
    try:
        return bool(setting.metadata["parse"](value) == default)
    except ValueError:
        # Loading the settings reports it.
        return False
