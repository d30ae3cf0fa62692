"""Hints about a configuration: the mistakes that cost their makers hours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from airflow_provider_dzlineage.transport_config.given import NOT_JSON, Given, given, walk
from airflow_provider_dzlineage.transport_config.spark_hints import glue_hints, spark_hints
from airflow_provider_dzlineage.transport_config.transport_hints import KEY_IN_CLEAR, transport_hints

# What the fields of a transport are called where variables alone make it.
_VARIABLES = {'"url"': "OPENLINEAGE_URL", '"endpoint"': "OPENLINEAGE_ENDPOINT", '"auth"': "OPENLINEAGE_API_KEY"}
# What is to be said about a YAML file instead.
_IN_YAML = {
    NOT_JSON: "",
    KEY_IN_CLEAR: (
        "an API key stands in clear in a file in which nothing is expanded: leave it out, and export it as dzlineage "
        "config dbt --format yml says"
    ),
}


def hints(config: str | Mapping[str, Any] | list[Any], *, file_name: str = "") -> list[str]:
    """Say what is wrong with a configuration.

    :param config: a text: the transport's JSON, an ``openlineage.yml``, environment variables, a piece of
        ``airflow.cfg``, ``spark-defaults``, a ``spark-submit`` line, Glue's job parameters or EMR's JSON; or what a
        JSON or YAML parser made of one.
    :param file_name: of the file that it stands in; the client reads those of YAML in its own way.
    :return: one line each, with what to write instead; no value of the configuration is repeated. Empty where no known
        mistake was found.
    """
    found = given(config)
    if not found.understood:
        return ["nothing here is a configuration of OpenLineage"]
    told = _all(found)
    if file_name.lower().endswith((".yml", ".yaml")) and (found.document or found.is_bare):
        told = _about_yaml(found, told)
    # Said once, however many transports have it.
    return list(dict.fromkeys(told))


def _about_yaml(found: Given, told: Iterable[str]) -> Iterator[str]:
    if found.is_bare:
        yield (
            'in a YAML file the transport stands under the key "transport", or the client takes none from it and '
            'prints the events: write {"transport": {"type": …}}'
        )
    yield from filter(None, (_IN_YAML.get(hint, hint) for hint in told))


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
