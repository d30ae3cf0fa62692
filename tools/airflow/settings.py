"""Settings of an Airflow that runs on a laptop: small, quick to start, on loopback only."""

from __future__ import annotations

from airflow_provider_dzlineage.local.ministack import HOST

USER = "admin"


def airflow_settings(major: int, port: int, secret: str) -> dict[str, str]:
    """Return environment variables that configure Airflow.

    :param major: its major version.
    :param port: of the API server; of the webserver in Airflow 2.
    :param secret: what tokens and sessions are signed with.
    """
    common = {
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__FERNET_KEY": "",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.5",
    }
    return common | (_airflow_3(port, secret) if major >= 3 else _airflow_2(port, secret))


def _airflow_3(port: int, secret: str) -> dict[str, str]:
    return {
        "AIRFLOW__API__HOST": HOST,
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API__SECRET_KEY": secret,
        # The signing algorithm asks for 64 bytes and more.
        "AIRFLOW__API_AUTH__JWT_SECRET": secret * 6,
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://{HOST}:{port}/execution/",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
        # The first task may start while the API server still does, on a busy machine for long.
        "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "60",
    }


def _airflow_2(port: int, secret: str) -> dict[str, str]:
    return {
        # The only executor of Airflow 2 that works with SQLite.
        "AIRFLOW__CORE__EXECUTOR": "SequentialExecutor",
        "AIRFLOW__WEBSERVER__WEB_SERVER_HOST": HOST,
        "AIRFLOW__WEBSERVER__WEB_SERVER_PORT": str(port),
        "AIRFLOW__WEBSERVER__WORKERS": "1",
        "AIRFLOW__WEBSERVER__SECRET_KEY": secret,
        "AIRFLOW__SCHEDULER__PARSING_PROCESSES": "1",
    }
