"""``dzlineage config``: ready configuration for every producer."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from airflow_provider_dzlineage import transport_config
from airflow_provider_dzlineage.cli.config_options import add_destination, destination_of
from airflow_provider_dzlineage.cli.config_output import export_lines, paste, remark, remark_on_key
from airflow_provider_dzlineage.cli.exit_codes import EXIT_NEEDS_A_LOOK, EXIT_OK
from airflow_provider_dzlineage.cli.options import Commands, add_command, settings_of
from airflow_provider_dzlineage.errors import ConfigurationError

_QUEUE = "https://sqs.us-east-1.amazonaws.com/123456789012/lineage"
_EXAMPLES = f"""\
  dzlineage config mwaa --mwaa-version 2.11.2 --queue-url {_QUEUE} --domain-id dzd_4xkb1c3v5n7m9q
  dzlineage config dbt --mode http --url https://lineage.example.com
  dzlineage config glue --url https://lineage.example.com --account-id 123456789012 --jar s3://lib/openlineage-spark.jar
  dzlineage config check airflow.cfg

what is to be pasted goes to standard output, remarks about it to standard error; no secret is printed without
--show-secrets
"""
_AIRFLOW = f"""\
  dzlineage config airflow --queue-url {_QUEUE}
  dzlineage config airflow --mode http --url https://lineage.example.com --fallback-file lineage.jsonl --format cfg
"""
_MWAA = f"""\
  dzlineage config mwaa --mwaa-version 3.0.6 --queue-url {_QUEUE}
  dzlineage config mwaa --mwaa-version 2.11.2 --mode http --url https://lineage.example.com \\
      --api-key-secret arn:aws:secretsmanager:eu-west-1:123456789012:secret:openlineage-key-AbCdEf
"""
_DBT = f"""\
  dzlineage config dbt --queue-url {_QUEUE} --format yml > openlineage.yml
  dzlineage config dbt --mode http --url https://lineage.example.com
"""
_SPARK = """\
  dzlineage config spark --url https://lineage.example.com --no-api-key --format conf
  dzlineage config spark --url https://lineage.example.com --show-secrets > lineage.conf   # for --properties-file
"""
_GLUE = """\
  dzlineage config glue --url https://lineage.example.com --account-id 123456789012 --jar s3://lib/openlineage-spark.jar
  dzlineage config glue --url https://lineage.example.com --api-key-secret openlineage-key --format script
"""
_EMR = """\
  dzlineage config emr --url https://lineage.example.com --api-key-secret openlineage-key --serverless
"""
_CHECK = """\
  dzlineage config check openlineage.yml
  airflow config get-value openlineage transport | dzlineage config check -
  aws glue get-job --job-name load --query Job.DefaultArguments | dzlineage config check -
"""


def add_to(commands: Commands) -> None:
    """Add the command to the program."""
    summary = "Print ready configuration for a producer, or check one."
    kinds = add_command(commands, "config", summary, _EXAMPLES).add_subparsers(metavar="PRODUCER", required=True)
    python, spark = ("sqs", "http", "datazone"), ("http", "datazone")
    airflow = _add(kinds, "airflow", "Airflow of your own.", _AIRFLOW, python, ("env", "cfg", "json"), _airflow)
    mwaa = _add(kinds, "mwaa", "Amazon MWAA.", _MWAA, python, ("text", "json"), _mwaa)
    _add(kinds, "dbt", "dbt, with dbt-ol; also for own Python programs.", _DBT, python, ("env", "yml"), _dbt)
    cluster = _add(kinds, "spark", "Spark of your own.", _SPARK, spark, ("defaults", "conf", "json"), _spark)
    glue = _add(kinds, "glue", "AWS Glue.", _GLUE, spark, ("json", "conf", "script"), _glue)
    emr = _add(kinds, "emr", "Amazon EMR.", _EMR, spark, ("json",), _emr)
    for parser in (airflow, mwaa):
        parser.epilog = f"{parser.epilog}\nin mode sqs, --domain-id gives the settings of the forwarding DAG too\n"
    versions = ", ".join(transport_config.MWAA_VERSIONS)
    mwaa.add_argument("--mwaa-version", required=True, help=f"Airflow version of the environment: {versions}")
    for parser in (cluster, glue, emr):
        parser.add_argument("--account-id", metavar="ID", help="AWS account of the Glue catalog")
        parser.add_argument("--jar", action="append", default=[], help="a jar of the listener; may be given again")
    glue.add_argument("--job-name", help="name of the job, as DataZone shows it")
    emr.add_argument("--serverless", action="store_true", help="EMR Serverless, and not a cluster on EC2")
    checker = add_command(kinds, "check", "Look for known mistakes in a configuration.", _CHECK)
    checker.add_argument("file", metavar="FILE", help="of any form that the commands beside this print; - is the input")
    checker.set_defaults(run=_check)


def _add(
    commands: Commands,
    name: str,
    summary: str,
    examples: str,
    modes: tuple[str, ...],
    formats: tuple[str, ...],
    run: Callable[[argparse.Namespace], None],
) -> argparse.ArgumentParser:
    parser = add_command(commands, name, summary, examples)
    add_destination(parser, *modes)
    parser.add_argument("--format", choices=formats, default=formats[0], help=f"default {formats[0]}")

    def run_well(arguments: argparse.Namespace) -> int:
        run(arguments)
        return EXIT_OK

    parser.set_defaults(run=run_well)
    return parser


def _airflow(arguments: argparse.Namespace) -> None:
    destination, options = destination_of(arguments), _python_options(arguments, forwarding=True)
    if arguments.format == "cfg":
        paste(transport_config.airflow_cfg(destination, **options))
    elif arguments.format == "json":
        paste(json.dumps(transport_config.airflow_options(destination, **options), indent=2))
    else:
        variables = transport_config.airflow_variables(destination, **options)
        paste(export_lines(variables, destination, shell_expands=False))
    remark_on_key(destination, "Airflow takes the key from {variable} in the environment of its processes")


def _mwaa(arguments: argparse.Namespace) -> None:
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


def _dbt(arguments: argparse.Namespace) -> None:
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


def _spark(arguments: argparse.Namespace) -> None:
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


def _glue(arguments: argparse.Namespace) -> None:
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
    remark_on_key(
        destination, "without the key: --api-key-secret ARN --format script prints how the job's script takes it"
    )


def _emr(arguments: argparse.Namespace) -> None:
    destination = destination_of(arguments)
    configuration = transport_config.emr_configuration(
        destination, serverless=arguments.serverless, jars=arguments.jar, **_spark_options(arguments)
    )
    paste(json.dumps(configuration, indent=2))
    if not arguments.api_key_secret:
        remark_on_key(destination, "without the key: EMR takes it from Secrets Manager, --api-key-secret ARN")


def _check(arguments: argparse.Namespace) -> int:
    try:
        text = sys.stdin.read() if arguments.file == "-" else Path(arguments.file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{arguments.file} cannot be read: {type(error).__name__}") from error
    found = transport_config.hints(text)
    for hint in found:
        paste(hint)
    if not found:
        remark("no known mistake")
    return EXIT_NEEDS_A_LOOK if found else EXIT_OK


def _python_options(arguments: argparse.Namespace, *, forwarding: bool = False) -> dict[str, Any]:
    options: dict[str, Any] = {"namespace": arguments.namespace, "fallback_file": arguments.fallback_file}
    return options | ({"domain_id": settings_of(arguments).domain_id} if forwarding else {})


def _spark_options(arguments: argparse.Namespace) -> dict[str, Any]:
    return {"namespace": arguments.namespace, "account_id": settings_of(arguments).account_id}
