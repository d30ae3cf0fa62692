"""The output of ``dzlineage config``: text to paste on standard output, remarks about it on standard error."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import sys
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.markup import escape

from airflow_provider_dzlineage import transport_config
from airflow_provider_dzlineage.cli.command import settings_of
from airflow_provider_dzlineage.errors import ConfigurationError
from airflow_provider_dzlineage.transport_config import (
    ApiKey,
    DataZone,
    Destination,
    Http,
    KeyFromSecret,
    KeyFromVariable,
    KeyInClear,
    Sqs,
)
from airflow_provider_dzlineage.transport_config.destinations import DEFAULT_VARIABLE, key_text


def paste(text: str) -> None:
    """Print text that a user pastes, exactly as it is."""
    sys.stdout.write(text if text.endswith("\n") else f"{text}\n")


def remark(text: str) -> None:
    """Print a remark."""
    Console(stderr=True, soft_wrap=True, highlight=False).print(f"[dim]# {escape(text)}[/]")


def print_airflow(arguments: argparse.Namespace) -> None:
    """Print variables, options or sections of Airflow."""
    destination, options = _destination_of(arguments), _airflow_options(arguments)
    if arguments.format == "cfg":
        paste(transport_config.airflow_cfg(destination, **options))
    elif arguments.format == "json":
        paste(json.dumps(transport_config.airflow_options(destination, **options), indent=2))
    else:
        variables = transport_config.airflow_variables(destination, **options)
        paste(_export_lines(variables, destination, shell_expands=False))
    _remark_on_key(destination, "Airflow takes the key from {variable} in the environment of its processes")


def print_mwaa(arguments: argparse.Namespace) -> None:
    """Print options, requirements and the startup script of an Amazon MWAA environment."""
    destination, version = _destination_of(arguments), arguments.mwaa_version
    options = transport_config.mwaa_options(destination, mwaa_version=version, **_airflow_options(arguments))
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
        _remark_on_key(
            destination, "the startup script has to export {variable}; --api-key-secret writes one that does"
        )


def print_dbt(arguments: argparse.Namespace) -> None:
    """Print variables or an ``openlineage.yml``."""
    destination, namespace, file = _destination_of(arguments), arguments.namespace, arguments.fallback_file
    if arguments.format == "env":
        variables = transport_config.dbt_variables(destination, namespace=namespace, fallback_file=file)
        paste(_export_lines(variables, destination, shell_expands=True))
        return
    paste(transport_config.openlineage_yml(destination, fallback_file=file))
    variables = transport_config.openlineage_yml_variables(destination, fallback_file=file)
    if namespace:
        variables["OPENLINEAGE_NAMESPACE"] = namespace
    if variables:
        remark("beside the file:")
        for line in _export_lines(variables, destination, shell_expands=True).splitlines():
            remark(f"  {line}")


def print_spark(arguments: argparse.Namespace) -> None:
    """Print settings or arguments of Spark."""
    destination, options = _destination_of(arguments), _spark_options(arguments)
    with_jars = {"spark.jars": ",".join(arguments.jar)} if arguments.jar else {}
    if arguments.format == "conf":
        paste(shlex.join(transport_config.spark_submit_arguments(destination, jars=arguments.jar, **options)))
    elif arguments.format == "json":
        paste(json.dumps(transport_config.spark_conf(destination, conf=with_jars, **options), indent=2))
    else:
        paste(transport_config.spark_defaults(destination, conf=with_jars, **options))
    if arguments.format == "conf" and arguments.show_secrets:
        remark("whoever lists processes reads the key: --format defaults makes a file for --properties-file")
    _remark_on_key(destination, "without the key: --show-secrets takes it from {variable}; keep that file to yourself")


def print_glue(arguments: argparse.Namespace) -> None:
    """Print parameters of a Glue job, or the first lines of its script."""
    destination = _destination_of(arguments)
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
    _remark_on_clear_key(
        destination, "whoever may read the job reads the key: --api-key-secret ARN --format script keeps it out of it"
    )
    _remark_on_key(
        destination, "without the key: --api-key-secret ARN --format script prints how the job's script takes it"
    )


def print_emr(arguments: argparse.Namespace) -> None:
    """Print the configuration of EMR."""
    destination = _destination_of(arguments)
    configuration = transport_config.emr_configuration(
        destination, serverless=arguments.serverless, jars=arguments.jar, **_spark_options(arguments)
    )
    paste(json.dumps(configuration, indent=2))
    _remark_on_clear_key(
        destination, "whoever may describe the cluster or application reads the key: --api-key-secret ARN keeps it out"
    )
    if not arguments.api_key_secret:
        _remark_on_key(destination, "without the key: EMR takes it from Secrets Manager, --api-key-secret ARN")


def _airflow_options(arguments: argparse.Namespace) -> dict[str, Any]:
    domain_id = settings_of(arguments).domain_id
    return {"namespace": arguments.namespace, "fallback_file": arguments.fallback_file, "domain_id": domain_id}


def _spark_options(arguments: argparse.Namespace) -> dict[str, Any]:
    return {"namespace": arguments.namespace, "account_id": settings_of(arguments).account_id}


def _export_lines(variables: Mapping[str, str], destination: Destination, *, shell_expands: bool) -> str:
    """Return shell lines that set environment variables.

    :param shell_expands: whether a key by reference is put in by the shell; otherwise its reader does so.
    """
    key = destination.api_key
    reference = key_text(key) if isinstance(key, KeyFromVariable | KeyFromSecret) else None
    lines = []
    if isinstance(key, KeyFromSecret):
        ask = f"aws secretsmanager get-secret-value --secret-id {key.secret_id} --query SecretString --output text"
        lines.append(f'export {key.variable}="$({ask})"')
    for name, value in variables.items():
        if shell_expands and reference and reference in value:
            in_double_quotes = value.replace("\\", "\\\\").replace('"', '\\"').replace("`", "\\`")
            lines.append(f'export {name}="{in_double_quotes}"')
        else:
            lines.append(f"export {name}={shlex.quote(value)}")
    return "\n".join(lines) + "\n"


def _remark_on_key(destination: Destination, text: str) -> None:
    """Print where a key by reference has to be.

    :param text: a sentence, in which ``{variable}`` is the name of the environment variable.
    """
    key = destination.api_key
    if isinstance(key, KeyFromVariable | KeyFromSecret):
        remark(text.format(variable=key.variable))


def _remark_on_clear_key(destination: Destination, text: str) -> None:
    """Print who reads a key that was printed in clear."""
    if isinstance(destination.api_key, KeyInClear):
        remark(text)


def _destination_of(arguments: argparse.Namespace) -> Destination:
    settings = settings_of(arguments)
    if arguments.mode == "sqs":
        (queue_url,) = settings.required("queue_url")
        return Sqs(queue_url=queue_url, region_name=settings.region_name)
    if arguments.mode == "datazone":
        (domain_id,) = settings.required("domain_id")
        native = getattr(arguments, "native", True)
        return DataZone(domain_id=domain_id, region_name=settings.domain_region_name, native=native)
    if not arguments.url:
        raise ConfigurationError("--url is missing: where the endpoint listens", example="https://lineage.example.com")
    return Http(url=arguments.url, api_key=_key_of(arguments), gzip=arguments.gzip, timeout=arguments.timeout)


def _key_of(arguments: argparse.Namespace) -> ApiKey | None:
    if arguments.no_api_key:
        return None
    variable, secret_id = arguments.api_key_variable or DEFAULT_VARIABLE, arguments.api_key_secret
    key = KeyFromSecret(secret_id) if secret_id else KeyFromVariable(variable)
    if not arguments.show_secrets:
        return key
    if isinstance(key, KeyFromVariable):
        if not os.environ.get(variable):
            raise ConfigurationError(f"--show-secrets: the environment variable {variable} is not set here")
        return KeyInClear(os.environ[variable])
    try:
        client = boto3.client("secretsmanager", region_name=key.region_name)
        secret = client.get_secret_value(SecretId=key.secret_id)
    except (BotoCoreError, ClientError, ValueError) as error:
        raise ConfigurationError(f"--show-secrets: the secret cannot be read: {error}") from error
    return KeyInClear(secret.get("SecretString", "").strip())
