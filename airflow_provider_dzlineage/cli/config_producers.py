"""What ``dzlineage config`` prints for each producer."""

from __future__ import annotations

import argparse
import json
import shlex
from typing import Any

from airflow_provider_dzlineage import transport_config
from airflow_provider_dzlineage.cli.command import settings_of
from airflow_provider_dzlineage.cli.config_options import destination_of
from airflow_provider_dzlineage.cli.config_output import export_lines, paste, remark, remark_on_clear_key, remark_on_key
from airflow_provider_dzlineage.errors import ConfigurationError


def print_airflow(arguments: argparse.Namespace) -> None:
    """Print variables, options or sections of Airflow."""
    destination, options = destination_of(arguments), _python_options(arguments, forwarding=True)
    if arguments.format == "cfg":
        paste(transport_config.airflow_cfg(destination, **options))
    elif arguments.format == "json":
        paste(json.dumps(transport_config.airflow_options(destination, **options), indent=2))
    else:
        variables = transport_config.airflow_variables(destination, **options)
        paste(export_lines(variables, destination, shell_expands=False))
    remark_on_key(destination, "Airflow takes the key from {variable} in the environment of its processes")


def print_mwaa(arguments: argparse.Namespace) -> None:
    """Print what an environment of Amazon MWAA is given."""
    destination, version = destination_of(arguments), arguments.mwaa_version
    options = transport_config.mwaa_options(
        destination, mwaa_version=version, **_python_options(arguments, forwarding=True)
    )
    requirements = transport_config.mwaa_requirements(destination, mwaa_version=version)
    script = transport_config.mwaa_startup_script(destination)
    if arguments.format == "json":
        paste(json.dumps({"options": options, "requirements": requirements, "startup_script": script}, indent=2))
    else:
        lines = ["# requirements.txt", *requirements, "", "# Airflow configuration options"]
        lines += [f"{name} = {value}" for name, value in options.items()]
        paste("\n".join([*lines, *(["", "# startup script", script] if script else [])]))
    if arguments.fallback_file:
        remark("the file is on the worker's own disk, and goes with the worker")
    if not script:
        remark_on_key(destination, "the startup script has to export {variable}; --api-key-secret writes one that does")


def print_dbt(arguments: argparse.Namespace) -> None:
    """Print variables or an ``openlineage.yml``."""
    destination, options = destination_of(arguments), _python_options(arguments)
    if arguments.format == "env":
        paste(export_lines(transport_config.dbt_variables(destination, **options), destination, shell_expands=True))
        return
    namespace = options.pop("namespace")
    paste(transport_config.openlineage_yml(destination, **options))
    variables = transport_config.openlineage_yml_variables(destination, **options)
    if namespace:
        variables["OPENLINEAGE_NAMESPACE"] = namespace
    if variables:
        remark("beside the file:")
        for line in export_lines(variables, destination, shell_expands=True).splitlines():
            remark(f"  {line}")


def print_spark(arguments: argparse.Namespace) -> None:
    """Print settings or arguments of Spark."""
    destination, options = destination_of(arguments), _spark_options(arguments)
    with_jars = {"spark.jars": ",".join(arguments.jar)} if arguments.jar else {}
    if arguments.format == "conf":
        paste(shlex.join(transport_config.spark_submit_arguments(destination, jars=arguments.jar, **options)))
    elif arguments.format == "json":
        paste(json.dumps(transport_config.spark_conf(destination, conf=with_jars, **options), indent=2))
    else:
        paste(transport_config.spark_defaults(destination, conf=with_jars, **options))
    if arguments.format == "conf" and arguments.show_secrets:
        remark("whoever lists processes reads the key: --format defaults makes a file for --properties-file")
    remark_on_key(destination, "without the key: --show-secrets takes it from {variable}; keep that file to yourself")


def print_glue(arguments: argparse.Namespace) -> None:
    """Print parameters of a Glue job, or the first lines of its script."""
    destination = destination_of(arguments)
    if arguments.format == "script":
        lines = transport_config.glue_script_lines(destination)
        if not lines:
            raise ConfigurationError("--format script needs --api-key-secret: the job takes the key from there")
        paste(lines)
        return
    parameters = transport_config.glue_job_parameters(
        destination, jars=arguments.jar, job_name=arguments.job_name, **_spark_options(arguments)
    )
    paste(parameters["--conf"] if arguments.format == "conf" else json.dumps(parameters, indent=2))
    if not arguments.jar:
        remark("Glue 5.0 and later have the listener; Glue 4.0 needs --jar")
    remark_on_clear_key(
        destination, "whoever may read the job reads the key: --api-key-secret ARN --format script keeps it out of it"
    )
    remark_on_key(
        destination, "without the key: --api-key-secret ARN --format script prints how the job's script takes it"
    )


def print_emr(arguments: argparse.Namespace) -> None:
    """Print the configuration of EMR."""
    destination = destination_of(arguments)
    configuration = transport_config.emr_configuration(
        destination, serverless=arguments.serverless, jars=arguments.jar, **_spark_options(arguments)
    )
    paste(json.dumps(configuration, indent=2))
    remark_on_clear_key(
        destination, "whoever may describe the cluster or application reads the key: --api-key-secret ARN keeps it out"
    )
    if not arguments.api_key_secret:
        remark_on_key(destination, "without the key: EMR takes it from Secrets Manager, --api-key-secret ARN")


def _python_options(arguments: argparse.Namespace, *, forwarding: bool = False) -> dict[str, Any]:
    options: dict[str, Any] = {"namespace": arguments.namespace, "fallback_file": arguments.fallback_file}
    return options | ({"domain_id": settings_of(arguments).domain_id} if forwarding else {})


def _spark_options(arguments: argparse.Namespace) -> dict[str, Any]:
    return {"namespace": arguments.namespace, "account_id": settings_of(arguments).account_id}
