"""``dzlineage config``: ready configuration for every producer."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from airflow_provider_dzlineage import transport_config
from airflow_provider_dzlineage.cli.command import Commands, ExitCode, add_command, add_settings
from airflow_provider_dzlineage.cli.config_output import (
    paste,
    print_airflow,
    print_dbt,
    print_emr,
    print_glue,
    print_mwaa,
    print_spark,
    remark,
)
from airflow_provider_dzlineage.errors import ConfigurationError
from airflow_provider_dzlineage.transport_config.destinations import DEFAULT_VARIABLE

_MODES = {
    "sqs": "into the queue, directly",
    "http": "to the HTTP endpoint",
    "datazone": "straight into DataZone, without a buffer",
}
_QUEUE = "https://sqs.us-east-1.amazonaws.com/123456789012/lineage"
_EXAMPLES = f"""\
  dzlineage config mwaa --mwaa-version 2.11.2 --queue-url {_QUEUE} --domain-id dzd_4xkb1c3v5n7m9q
  dzlineage config dbt --mode http --url https://lineage.example.com
  dzlineage config glue --url https://lineage.example.com --account-id 123456789012 --jar s3://lib/openlineage-spark.jar
  dzlineage config check airflow.cfg

the configuration goes to standard output, remarks about it to standard error; secrets are printed only with
--show-secrets
"""
_AIRFLOW = f"""\
  dzlineage config airflow --queue-url {_QUEUE}
  dzlineage config airflow --mode http --url https://lineage.example.com --fallback-file lineage.jsonl --format cfg

in mode sqs, --domain-id adds the settings of the forwarding DAG
"""
_MWAA = f"""\
  dzlineage config mwaa --mwaa-version 3.0.6 --queue-url {_QUEUE}
  dzlineage config mwaa --mwaa-version 2.11.2 --mode http --url https://lineage.example.com \\
      --api-key-secret arn:aws:secretsmanager:eu-west-1:123456789012:secret:openlineage-key-AbCdEf

in mode sqs, --domain-id adds the settings of the forwarding DAG
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
  printenv AIRFLOW__OPENLINEAGE__TRANSPORT | dzlineage config check -
  aws glue get-job --job-name load --query Job.DefaultArguments | dzlineage config check -
"""


# By producer: what prints its configuration, its modes and its formats, the default of each first.
_PYTHON_MODES, _SPARK_MODES = ("sqs", "http", "datazone"), ("http", "datazone")
_PRODUCERS = {
    "airflow": (print_airflow, _PYTHON_MODES, ("env", "cfg", "json"), "Airflow", _AIRFLOW),
    "mwaa": (print_mwaa, _PYTHON_MODES, ("text", "json"), "Amazon MWAA", _MWAA),
    "dbt": (print_dbt, _PYTHON_MODES, ("env", "yml"), "dbt (dbt-ol) and other Python programs", _DBT),
    "spark": (print_spark, _SPARK_MODES, ("defaults", "conf", "json"), "Spark", _SPARK),
    "glue": (print_glue, _SPARK_MODES, ("json", "conf", "script"), "AWS Glue", _GLUE),
    "emr": (print_emr, _SPARK_MODES, ("json",), "Amazon EMR", _EMR),
}


def add_to(commands: Commands) -> None:
    """Add the command to the program."""
    summary = "Print ready configuration for a producer, or check one."
    kinds = add_command(commands, "config", summary, _EXAMPLES).add_subparsers(metavar="PRODUCER", required=True)
    parsers = {}
    for name, (print_configuration, modes, formats, title, examples) in _PRODUCERS.items():
        parser = parsers[name] = add_command(kinds, name, f"Configuration for {title}.", examples)
        _add_destination(parser, modes)
        format_help = f"output format (default {formats[0]})"
        parser.add_argument("--format", choices=formats, default=formats[0], help=format_help)
        parser.set_defaults(run=partial(_print, print_configuration))
    versions = f"Airflow version of the environment: {', '.join(transport_config.MWAA_VERSIONS)}"
    parsers["mwaa"].add_argument("--mwaa-version", required=True, help=versions)
    for name in ("spark", "glue", "emr"):
        parsers[name].add_argument("--account-id", metavar="ID", help="AWS account of the Glue catalog")
        parsers[name].add_argument("--jar", action="append", default=[], help="jar of the listener; can be repeated")
    parsers["glue"].add_argument("--job-name", help="name of the job, as DataZone shows it")
    parsers["emr"].add_argument(
        "--serverless", action="store_true", help="for EMR Serverless instead of a cluster on EC2"
    )
    checker = add_command(kinds, "check", "Check a configuration for known mistakes.", _CHECK)
    checker.add_argument(
        "file", metavar="FILE", help="a file in any format that dzlineage config prints; - for standard input"
    )
    checker.set_defaults(run=_check)


def _print(print_configuration: Callable[[argparse.Namespace], None], arguments: argparse.Namespace) -> int:
    print_configuration(arguments)
    if urlsplit(arguments.url or "").path.rstrip("/") == "/lineage":
        remark("events go to /lineage, as it is written; dzlineage serve listens at /api/v1/lineage")
    return ExitCode.OK


def _add_destination(parser: argparse.ArgumentParser, modes: tuple[str, ...]) -> None:
    explained = "; ".join(f"{mode}: {_MODES[mode]}" for mode in modes)
    parser.add_argument("--mode", choices=modes, default=modes[0], help=f"{explained} (default {modes[0]})")
    parser.add_argument("--namespace", help="namespace of the producer's jobs")
    if "sqs" in modes:
        parser.add_argument(
            "--fallback-file",
            "--composite",
            metavar="FILE",
            help="file for events that could not be sent; dzlineage send sends them later",
        )
        parser.add_argument(
            "--native", action="store_true", help="mode datazone: OpenLineage's own transport, amazon_datazone_api"
        )
    http = parser.add_argument_group("mode http")
    http.add_argument("--url", help="URL of the endpoint, with or without /api/v1/lineage")
    key = http.add_mutually_exclusive_group()
    key.add_argument(
        "--api-key-variable",
        metavar="NAME",
        help=f"environment variable of the producer that holds the key (default {DEFAULT_VARIABLE})",
    )
    key.add_argument("--api-key-secret", metavar="ARN", help="secret in Secrets Manager that holds the key")
    key.add_argument("--no-api-key", action="store_true", help="the endpoint needs no key")
    http.add_argument("--show-secrets", action="store_true", help="look up the key and print it")
    http.add_argument(
        "--gzip",
        action=argparse.BooleanOptionalAction,
        help="compress request bodies; for Spark, with listener 1.13 or later",
    )
    http.add_argument(
        "--timeout", type=float, metavar="SECONDS", help="time-out of a request (the client's default is 5)"
    )
    queue = ("queue_url", "region_name") if "sqs" in modes else ()
    add_settings(parser, *queue, "domain_id", "domain_region_name")


def _check(arguments: argparse.Namespace) -> int:
    try:
        text = sys.stdin.read() if arguments.file == "-" else Path(arguments.file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{arguments.file} cannot be read: {type(error).__name__}") from error
    found = transport_config.hints(text, file_name=arguments.file)
    for hint in found:
        paste(hint)
    if not found:
        remark("no known mistake")
    return ExitCode.NEEDS_A_LOOK if found else ExitCode.OK
