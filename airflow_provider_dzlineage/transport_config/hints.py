"""Hints about a configuration: the mistakes that cost their makers hours."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from airflow_provider_dzlineage.transport_config.given import Given, given, walk
from airflow_provider_dzlineage.transport_config.spark_hints import glue_hints, spark_hints
from airflow_provider_dzlineage.transport_config.transport_hints import transport_hints

# What the fields of a transport are called where variables alone make it.
_VARIABLES = {'"url"': "OPENLINEAGE_URL", '"endpoint"': "OPENLINEAGE_ENDPOINT", '"auth"': "OPENLINEAGE_API_KEY"}


def hints(config: str | Mapping[str, Any] | list[Any]) -> list[str]:
    """Say what is wrong with a configuration.

    :param config: a text: the transport's JSON, an ``openlineage.yml``, environment variables, a piece of
        ``airflow.cfg``, ``spark-defaults``, a ``spark-submit`` line, Glue's job parameters or EMR's JSON; or what a
        JSON or YAML parser made of one.
    :return: one line each, with what to write instead; no value of the configuration is repeated. Empty where no known
        mistake was found.
    """
    found = given(config)
    if not found.understood:
        return ["nothing here is a configuration of OpenLineage"]
    # Said once, however many transports have it.
    return list(dict.fromkeys(_all(found)))


def _all(found: Given) -> Iterator[str]:
    yield from found.remarks
    for name in found.variables:
        yield from _about_variable(name)
    if "aspects" in found.document:
        yield "write facets, not aspects"
    for transport in walk(found.transport) if found.transport is not None else ():
        for hint in transport_hints(transport, from_variables=found.from_variables):
            yield _in_variables(hint) if found.from_url else hint
    if found.spark:
        yield from spark_hints(found.spark, on_command_line=found.on_command_line)
    if found.glue:
        yield from glue_hints(found.glue)


def _in_variables(hint: str) -> str:
    for field, variable in _VARIABLES.items():
        hint = hint.replace(field, variable)
    return hint


def _about_variable(name: str) -> Iterator[str]:
    if re.match("(?i)openlineage__?transport", name) and not name.startswith("OPENLINEAGE__TRANSPORT"):
        yield f"{name} is not read: the name begins with OPENLINEAGE__TRANSPORT, in capitals, with two underscores"
    if re.match("(?i)airflow__?openlineage__?", name) and not name.startswith("AIRFLOW__OPENLINEAGE__"):
        yield f"{name} is not read: the name begins with AIRFLOW__OPENLINEAGE__, in capitals, each time two underscores"
    if re.match("OPENLINEAGE__TRANSPORT_[A-Z]", name):
        yield f"{name} is not read: sections are parted by two underscores"
    if name.startswith("OPENLINEAGE__") and name.upper().endswith("__APIKEY"):
        yield f"write …__API_KEY for {name}: names are lower-cased, and clients up to 1.37 at least do not know apikey"
    if re.match("OPENLINEAGE__.*KIND$", name):
        yield "write type, not kind: OPENLINEAGE__TRANSPORT__TYPE"
