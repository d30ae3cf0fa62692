"""Ready configuration for every producer: Airflow, Amazon MWAA, dbt, Spark, AWS Glue and Amazon EMR.

A destination (:class:`Sqs`, :class:`Http`, :class:`DataZone`) is where events go; each function returns what to paste,
or what boto3 and Airflow's operators take::

    from airflow_provider_dzlineage.transport_config import Http, KeyFromSecret, glue_job_parameters

    endpoint = Http(url="https://lineage.example.com", api_key=KeyFromSecret("openlineage-key"))
    GlueJobOperator(..., script_args=glue_job_parameters(endpoint, account_id="123456789012"))

These names are stable. Nothing here imports Airflow or the OpenLineage client, or opens a connection.
"""

from __future__ import annotations

from airflow_provider_dzlineage.transport_config.airflow import (
    MWAA_VERSIONS,
    airflow_cfg,
    airflow_options,
    airflow_variables,
    mwaa_options,
    mwaa_requirements,
    mwaa_startup_script,
)
from airflow_provider_dzlineage.transport_config.destinations import (
    ApiKey,
    DataZone,
    Destination,
    Http,
    KeyFromSecret,
    KeyFromVariable,
    KeyInClear,
    Sqs,
)
from airflow_provider_dzlineage.transport_config.hints import hints
from airflow_provider_dzlineage.transport_config.python_client import (
    dbt_variables,
    openlineage_yml,
    openlineage_yml_variables,
    transport,
)
from airflow_provider_dzlineage.transport_config.spark import (
    GLUE_ENVIRONMENT,
    emr_configuration,
    glue_job_parameters,
    glue_script_lines,
    spark_conf,
    spark_defaults,
    spark_submit_arguments,
)

__all__ = [
    "GLUE_ENVIRONMENT",
    "MWAA_VERSIONS",
    "ApiKey",
    "DataZone",
    "Destination",
    "Http",
    "KeyFromSecret",
    "KeyFromVariable",
    "KeyInClear",
    "Sqs",
    "airflow_cfg",
    "airflow_options",
    "airflow_variables",
    "dbt_variables",
    "emr_configuration",
    "glue_job_parameters",
    "glue_script_lines",
    "hints",
    "mwaa_options",
    "mwaa_requirements",
    "mwaa_startup_script",
    "openlineage_yml",
    "openlineage_yml_variables",
    "spark_conf",
    "spark_defaults",
    "spark_submit_arguments",
    "transport",
]
