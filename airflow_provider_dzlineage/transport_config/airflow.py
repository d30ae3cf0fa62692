"""Airflow's configuration: options, environment variables, ``airflow.cfg``, and what Amazon MWAA takes.

Sources: the configuration reference of ``apache-airflow-providers-openlineage``; "Using Apache Airflow configuration
options" and "Using a startup script" in the Amazon MWAA User Guide.
"""

from __future__ import annotations

import json

from airflow_provider_dzlineage.errors import ConfigurationError
from airflow_provider_dzlineage.transport_config.destinations import (
    DataZone,
    Destination,
    Http,
    KeyFromSecret,
    Sqs,
    fetch_expression,
)
from airflow_provider_dzlineage.transport_config.python_client import transport

# The OpenLineage provider and client. Source: the constraint files of the images, aws/amazon-mwaa-docker-images.
_PINS = {
    "2.10.3": ("1.13.0", "1.23.0"),
    "2.11.2": ("2.11.0", "1.44.1"),
    "3.0.6": ("2.6.1", "1.37.0"),
    "3.2.1": ("2.16.0", "1.46.0"),
    "3.3.1": ("2.20.0", "1.52.0"),
}
MWAA_VERSIONS = tuple(_PINS)
# 1.37.0 is the oldest of the pinned clients that has `amazon_datazone_api`; 1.23.0 has not.
_WITHOUT_NATIVE_DATAZONE = "2.10.3"


def airflow_options(
    destination: Destination,
    *,
    namespace: str | None = None,
    fallback_file: str | None = None,
    domain_id: str | None = None,
) -> dict[str, str]:
    """Return Airflow's configuration options.

    Airflow expands ``${VARIABLE}`` in its options from its own environment, so that a key by reference stays out of
    them. Its tasks see that environment too.

    :param destination: where the events of Airflow's tasks go.
    :param namespace: of all jobs of this Airflow; Airflow's own default is ``default``.
    :param fallback_file: file for events that the destination did not take.
    :param domain_id: with an :class:`Sqs` destination: the domain into which the forwarding DAG of this Airflow posts.
    :return: values by ``section.option``; ``openlineage.transport`` is JSON on one line.
    """
    options = {"openlineage.transport": json.dumps(transport(destination, fallback_file=fallback_file))}
    if namespace:
        options["openlineage.namespace"] = namespace
    if isinstance(destination, Sqs):
        options["dzlineage.queue_url"] = destination.queue_url
        if domain_id:
            options["dzlineage.domain_id"] = domain_id
    return options


def airflow_variables(
    destination: Destination,
    *,
    namespace: str | None = None,
    fallback_file: str | None = None,
    domain_id: str | None = None,
) -> dict[str, str]:
    """Return the environment variables of Airflow's processes; parameters as :func:`airflow_options`.

    :return: values by name, as ``AIRFLOW__OPENLINEAGE__TRANSPORT``.
    """
    options = airflow_options(destination, namespace=namespace, fallback_file=fallback_file, domain_id=domain_id)
    return {f"AIRFLOW__{name.upper().replace('.', '__')}": value for name, value in options.items()}


def airflow_cfg(
    destination: Destination,
    *,
    namespace: str | None = None,
    fallback_file: str | None = None,
    domain_id: str | None = None,
) -> str:
    """Return sections for ``airflow.cfg``; parameters as :func:`airflow_options`."""
    options = airflow_options(destination, namespace=namespace, fallback_file=fallback_file, domain_id=domain_id)
    sections: dict[str, list[str]] = {}
    for name, value in options.items():
        section, _, option = name.partition(".")
        # Interpolation: one % is written as two.
        sections.setdefault(section, [f"[{section}]"]).append(f"{option} = {value.replace('%', '%%')}")
    return "\n\n".join("\n".join(lines) for lines in sections.values()) + "\n"


def mwaa_options(
    destination: Destination,
    *,
    mwaa_version: str,
    namespace: str | None = None,
    fallback_file: str | None = None,
    domain_id: str | None = None,
) -> dict[str, str]:
    """Return the Airflow configuration options of an Amazon MWAA environment; parameters as :func:`airflow_options`.

    The fallback file is on the worker's own disk.

    :param mwaa_version: of the environment, one of :data:`MWAA_VERSIONS`, or its first two numbers.
    :return: values by option name, to be pasted as they are, without quotes around them. boto3's
        ``AirflowConfigurationOptions`` takes it.
    :raises ConfigurationError: when the version is unknown, or its client lacks the transport.
    """
    version = _full_version(mwaa_version)
    if isinstance(destination, DataZone) and destination.native and version == _WITHOUT_NATIVE_DATAZONE:
        raise ConfigurationError(
            f"the OpenLineage client {_PINS[version][1]} of Amazon MWAA {version} has no transport amazon_datazone_api",
            fix="take this package's own, native=False",
        )
    return airflow_options(destination, namespace=namespace, fallback_file=fallback_file, domain_id=domain_id)


def mwaa_requirements(destination: Destination, *, mwaa_version: str) -> list[str]:
    """Return the lines of an MWAA environment's ``requirements.txt``.

    :param destination: where events go; over HTTP this package is not needed.
    :param mwaa_version: of the environment.
    :return: lines; the versions are those with which MWAA's image was tested.
    :raises ConfigurationError: when the version is unknown.
    """
    provider, client = _PINS[_full_version(mwaa_version)]
    lines = [f"apache-airflow-providers-openlineage=={provider}", f"openlineage-python=={client}"]
    is_openlineage_alone = isinstance(destination, Http) or (isinstance(destination, DataZone) and destination.native)
    return lines if is_openlineage_alone else ["airflow-provider-dzlineage", *lines]


def mwaa_startup_script(destination: Destination) -> str:
    """Return the startup script that brings the API key into the processes of an MWAA environment.

    MWAA's entrypoint puts what the script exports beside the options, which are environment variables there, so that
    Airflow expands the one in the other. The execution role needs ``secretsmanager:GetSecretValue``.

    :param destination: where events go.
    :return: a shell script; empty where no key comes from Secrets Manager.
    """
    key = destination.api_key
    if not isinstance(key, KeyFromSecret):
        return ""
    return f'#!/bin/sh\nexport {key.variable}="$(python3 -c "import boto3; print({fetch_expression(key)})")"\n'


def _full_version(version: str) -> str:
    for known in MWAA_VERSIONS:
        if version in (known, known.rpartition(".")[0]):
            return known
    raise ConfigurationError(f"Amazon MWAA {version} is not supported; there are {', '.join(MWAA_VERSIONS)}")
