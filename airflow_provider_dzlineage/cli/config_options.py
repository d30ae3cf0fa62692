"""The flags of ``dzlineage config``, and the destination that they mean."""

from __future__ import annotations

import argparse
import os
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from airflow_provider_dzlineage.cli.command import add_settings, settings_of
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
from airflow_provider_dzlineage.transport_config.keys import DEFAULT_VARIABLE

_MODES = {
    "sqs": "into the queue, directly",
    "http": "to the HTTP endpoint",
    "datazone": "straight into DataZone, without a buffer",
}


def add_destination(parser: argparse.ArgumentParser, *modes: str) -> None:
    """Give a command the flags that say where events go.

    :param modes: those that the producer can have, its usual one first.
    """
    explained = "; ".join(f"{mode}: {_MODES[mode]}" for mode in modes)
    parser.add_argument("--mode", choices=modes, default=modes[0], help=f"{explained} (default {modes[0]})")
    parser.add_argument("--namespace", help="namespace of the producer's jobs")
    if "sqs" in modes:
        parser.add_argument(
            "--fallback-file",
            "--composite",
            metavar="FILE",
            help="file for events that the destination did not take; dzlineage send sends them later",
        )
        parser.add_argument(
            "--native", action="store_true", help="mode datazone: OpenLineage's own transport, amazon_datazone_api"
        )
    http = parser.add_argument_group("mode http")
    http.add_argument("--url", help="the endpoint: host, with a prefix, or in full; all mean the same")
    key = http.add_mutually_exclusive_group()
    key.add_argument(
        "--api-key-variable",
        metavar="NAME",
        help=f"environment variable of the producer that holds the key (default {DEFAULT_VARIABLE})",
    )
    key.add_argument("--api-key-secret", metavar="ARN", help="secret in Secrets Manager whose text is the key")
    key.add_argument("--no-api-key", action="store_true", help="the endpoint asks for none")
    http.add_argument("--show-secrets", action="store_true", help="look the key up here and print it")
    http.add_argument("--gzip", action=argparse.BooleanOptionalAction, help="zip bodies; for Spark from 1.13 on")
    http.add_argument("--timeout", type=float, metavar="SECONDS", help="of a request; the client's own is 5")
    queue = ("queue_url", "region_name") if "sqs" in modes else ()
    add_settings(parser, *queue, "domain_id", "domain_region_name")


def destination_of(arguments: argparse.Namespace) -> Destination:
    """Return the destination that the flags mean.

    :raises ConfigurationError: when something is missing, or the key to show is not to be had.
    """
    settings = settings_of(arguments)
    if arguments.mode == "sqs":
        (queue_url,) = settings.required("queue_url")
        return Sqs(queue_url=queue_url, region_name=settings.region_name)
    if arguments.mode == "datazone":
        (domain_id,) = settings.required("domain_id")
        native = getattr(arguments, "native", True)
        return DataZone(domain_id=domain_id, region_name=settings.domain_region_name, native=native)
    if not arguments.url:
        raise ConfigurationError("--url is missing: where the endpoint listens, such as https://lineage.example.com")
    return Http(url=arguments.url, api_key=_key_of(arguments), gzip=arguments.gzip, timeout=arguments.timeout)


def _key_of(arguments: argparse.Namespace) -> ApiKey | None:
    if arguments.no_api_key:
        return None
    key = (
        KeyFromSecret(arguments.api_key_secret)
        if arguments.api_key_secret
        else KeyFromVariable(arguments.api_key_variable or DEFAULT_VARIABLE)
    )
    return _looked_up(key) if arguments.show_secrets else key


def _looked_up(key: KeyFromVariable | KeyFromSecret) -> KeyInClear:
    if isinstance(key, KeyFromVariable):
        if not os.environ.get(key.variable):
            raise ConfigurationError(f"--show-secrets: the environment variable {key.variable} is not set here")
        return KeyInClear(os.environ[key.variable])
    arn = key.secret_id.split(":")
    options: dict[str, Any] = {"region_name": arn[3]} if len(arn) > 3 else {}
    try:
        answer = boto3.client("secretsmanager", **options).get_secret_value(SecretId=key.secret_id)
    except (BotoCoreError, ClientError, ValueError) as error:
        raise ConfigurationError(f"--show-secrets: the secret is not to be had: {error}") from error
    return KeyInClear(answer.get("SecretString", "").strip())
