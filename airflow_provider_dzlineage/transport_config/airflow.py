"""Airflow's configuration: environment variables and ``airflow.cfg``."""

from __future__ import annotations

import json

from airflow_provider_dzlineage.transport_config.destinations import Destination, Sqs
from airflow_provider_dzlineage.transport_config.python_client import transport


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
    lines: list[str] = []
    section = ""
    for name, value in options.items():
        of, _, option = name.partition(".")
        if of != section:
            lines += ["", f"[{of}]"] if lines else [f"[{of}]"]
            section = of
        # Interpolation: one % is written as two.
        lines.append(f"{option} = {value.replace('%', '%%')}")
    return "\n".join(lines) + "\n"
