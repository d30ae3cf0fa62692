"""Amazon MWAA: configuration options, ``requirements.txt`` and the startup script."""

from __future__ import annotations

from typing import NamedTuple

from airflow_provider_dzlineage.errors import ConfigurationError
from airflow_provider_dzlineage.transport_config.airflow import airflow_options
from airflow_provider_dzlineage.transport_config.destinations import DataZone, Destination, Http
from airflow_provider_dzlineage.transport_config.keys import KeyFromSecret


class _Pins(NamedTuple):
    provider: str
    client: str


# Source: the constraint files of the MWAA images, aws/amazon-mwaa-docker-images.
_PINS = {
    "2.10.3": _Pins("1.13.0", "1.23.0"),
    "2.11.2": _Pins("2.11.0", "1.44.1"),
    "3.0.6": _Pins("2.6.1", "1.37.0"),
    "3.2.1": _Pins("2.16.0", "1.46.0"),
    "3.3.1": _Pins("2.20.0", "1.52.0"),
}
MWAA_VERSIONS = tuple(_PINS)
# 1.37.0 is the oldest of the pinned clients that has `amazon_datazone_api`; 1.23.0 has not.
_WITHOUT_NATIVE_DATAZONE = ("2.10.3",)
_FETCH = "import boto3; print(boto3.client('secretsmanager'{region}).get_secret_value(SecretId='{id}')['SecretString'])"


def mwaa_options(
    destination: Destination,
    *,
    mwaa_version: str,
    namespace: str | None = None,
    fallback_file: str | None = None,
    domain_id: str | None = None,
) -> dict[str, str]:
    """Return the Airflow configuration options of an environment.

    :param destination: where the events of the environment's tasks go.
    :param mwaa_version: of the environment, one of :data:`MWAA_VERSIONS`, or its first two numbers.
    :param namespace: of all jobs of this environment.
    :param fallback_file: file for events that the destination did not take; it is on the worker's own disk.
    :param domain_id: with an :class:`Sqs` destination: the domain into which the forwarding DAG posts.
    :return: values by option name, to be pasted as they are, without quotes around them. boto3's
        ``AirflowConfigurationOptions`` takes it.
    :raises ConfigurationError: when the version is unknown, or its client lacks the transport.
    """
    version = _version(mwaa_version)
    if isinstance(destination, DataZone) and destination.native and version in _WITHOUT_NATIVE_DATAZONE:
        raise ConfigurationError(
            f"the OpenLineage client {_PINS[version].client} of Amazon MWAA {version} has no transport "
            "amazon_datazone_api; this package's own has it all (native=False)"
        )
    return airflow_options(destination, namespace=namespace, fallback_file=fallback_file, domain_id=domain_id)


def mwaa_requirements(destination: Destination, *, mwaa_version: str) -> list[str]:
    """Return the lines of ``requirements.txt``.

    :param destination: where events go; over HTTP this package is not needed.
    :param mwaa_version: of the environment.
    :return: lines; the versions are those with which MWAA's image was tested.
    :raises ConfigurationError: when the version is unknown.
    """
    needs_us = not isinstance(destination, Http) and not (isinstance(destination, DataZone) and destination.native)
    pins = _PINS[_version(mwaa_version)]
    lines = [f"apache-airflow-providers-openlineage=={pins.provider}", f"openlineage-python=={pins.client}"]
    return ["airflow-provider-dzlineage", *lines] if needs_us else lines


def mwaa_startup_script(destination: Destination) -> str:
    """Return the startup script that brings the API key into the environment's processes.

    MWAA's entrypoint puts what the script exports beside the options, which are environment variables there, so that
    Airflow expands the one in the other. The execution role needs ``secretsmanager:GetSecretValue``.

    :param destination: where events go.
    :return: a shell script; empty where no key comes from Secrets Manager.
    """
    key = destination.api_key if isinstance(destination, Http) else None
    if not isinstance(key, KeyFromSecret):
        return ""
    arn = key.secret_id.split(":")
    region = f", region_name='{arn[3]}'" if len(arn) > 3 else ""
    program = _FETCH.format(region=region, id=key.secret_id)
    return f'#!/bin/sh\nexport {key.variable}="$(python3 -c "{program}")"\n'


def _version(asked: str) -> str:
    for version in MWAA_VERSIONS:
        if asked == version or asked == version.rpartition(".")[0]:
            return version
    raise ConfigurationError(f"Amazon MWAA {asked} is not known here; there are {', '.join(MWAA_VERSIONS)}")
