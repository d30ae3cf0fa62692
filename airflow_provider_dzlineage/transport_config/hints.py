"""Hints about a configuration: the mistakes that cost their makers hours.

The source of the Python client's keys is the same as of :mod:`.python_client`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from airflow_provider_dzlineage.transport_config.configuration_reader import (
    NOT_JSON,
    UserConfiguration,
    read_configuration,
    walk_transports,
)
from airflow_provider_dzlineage.transport_config.destinations import split_url
from airflow_provider_dzlineage.transport_config.python_client import DATAZONE_TRANSPORT, SQS_TRANSPORT
from airflow_provider_dzlineage.transport_config.spark_hints import glue_hints, plain_name, spark_hints

KEY_IN_CLEAR = (
    "an API key stands in clear: where Airflow or a shell reads it, write ${OPENLINEAGE_API_KEY} (if airflow config "
    "get-value printed this, that has put it in: give the option as it is written, or see dzlineage doctor)"
)
# The hints that differ in a YAML file.
_IN_YAML = {
    NOT_JSON: "",
    KEY_IN_CLEAR: (
        "an API key stands in clear in a file in which nothing is expanded: leave it out, and export it as dzlineage "
        "config dbt --format yml says"
    ),
}
# The variables that stand for the fields of a transport where variables alone make it.
_VARIABLES = {'"url"': "OPENLINEAGE_URL", '"endpoint"': "OPENLINEAGE_ENDPOINT", '"auth"': "OPENLINEAGE_API_KEY"}
# By type; the key that has to be there comes first.
_AWS = ("region_name", "endpoint_url", "role_arn", "profile_name", "timeout")
_KEYS: Mapping[str, tuple[str, ...]] = {
    "http": ("url", "endpoint", "timeout", "verify", "auth", "compression", "custom_headers", "retry", "sslContext"),
    "composite": ("transports", "continue_on_failure", "continue_on_success", "sort_transports"),
    "file": ("log_file_path", "append"),
    "amazon_datazone_api": ("domainId", "region", "endpointOverride"),
    SQS_TRANSPORT: ("queue_url", "message_group", *_AWS),
    DATAZONE_TRANSPORT: ("domain_id", *_AWS),
}
_KEYS_OF_ALL = ("type", "name", "priority")
_OTHER_TYPES = ("async_http", "console", "datadog", "gcplineage", "kafka", "msk-iam", "noop", "transform")
# The right names: of types, by themselves and by what users write; of keys, for those of other clients and transports.
_RIGHT_TYPES = {kind: kind for kind in (*_KEYS, *_OTHER_TYPES)}
_RIGHT_TYPES |= {"sqs": SQS_TRANSPORT, "datazone": DATAZONE_TRANSPORT, "amazon_datazone": "amazon_datazone_api"}
_OTHER_NAMES_OF_KEYS = {
    "http": {"headers": "custom_headers", "timeoutinmillis": "timeout", "uri": "url", "host": "url"},
    "amazon_datazone_api": {"regionname": "region", "endpointurl": "endpointOverride"},
    SQS_TRANSPORT: {"url": "queue_url", "region": "region_name", "queue": "queue_url"},
    DATAZONE_TRANSPORT: {"region": "region_name", "endpointoverride": "endpoint_url", "domain": "domain_id"},
}
# The mistakes in names of variables.
_NAMES_OF_VARIABLES = {
    re.compile("(?!OPENLINEAGE__TRANSPORT)(?i:openlineage__?transport)"): (
        "{name} is not read: the name begins with OPENLINEAGE__TRANSPORT, in capitals, with two underscores"
    ),
    re.compile("(?!AIRFLOW__OPENLINEAGE__)(?i:airflow__?openlineage__?)"): (
        "{name} is not read: the name begins with AIRFLOW__OPENLINEAGE__, in capitals, each time two underscores"
    ),
    re.compile("OPENLINEAGE__TRANSPORT_[A-Z]"): "{name} is not read: sections are separated by two underscores",
    re.compile(r"OPENLINEAGE__(?s:.*)(?<=__)(?i:APIKEY)\Z"): (
        "write …__API_KEY for {name}: names are lower-cased, and clients up to 1.37 at least do not know apikey"
    ),
    re.compile("OPENLINEAGE__.*KIND$"): "write type, not kind: OPENLINEAGE__TRANSPORT__TYPE",
}
# No one waits so long; whoever writes so means milliseconds.
_LONG_SECONDS = 120


def hints(config: str | Mapping[str, Any] | list[Any], *, file_name: str = "") -> list[str]:
    """Return the known mistakes in a configuration.

    :param config: a text: the transport's JSON, an ``openlineage.yml``, environment variables, a piece of
        ``airflow.cfg``, ``spark-defaults``, a ``spark-submit`` line, Glue's job parameters or EMR's JSON; or what a
        JSON or YAML parser made of one.
    :param file_name: of the file that it stands in; the client reads those of YAML in its own way.
    :return: one line each, with what to write instead; no value of the configuration is repeated. Empty where no known
        mistake was found.
    """
    found = read_configuration(config)
    if not found.is_understood:
        return ["nothing here is a configuration of OpenLineage"]
    all_hints = _all_hints(found)
    if file_name.lower().endswith((".yml", ".yaml")) and (found.document or found.is_bare):
        all_hints = _yaml_hints(found, all_hints)
    # Each once, however many transports have it.
    return list(dict.fromkeys(all_hints))


def _all_hints(found: UserConfiguration) -> Iterator[str]:
    yield from found.hints
    for name in found.variables:
        yield from (hint.format(name=name) for pattern, hint in _NAMES_OF_VARIABLES.items() if pattern.match(name))
    if "aspects" in found.document:
        yield "write facets, not aspects"
    for transport in walk_transports(found.transport) if found.transport is not None else ():
        for hint in _transport_hints(transport, from_variables=found.from_variables):
            yield _by_variables(hint) if found.from_url else hint
    if found.spark:
        yield from spark_hints(found.spark, on_command_line=found.on_command_line)
    if found.glue:
        yield from glue_hints(found.glue)


def _yaml_hints(found: UserConfiguration, all_hints: Iterable[str]) -> Iterator[str]:
    if found.is_bare:
        yield (
            'in a YAML file the transport stands under the key "transport", or the client takes none from it and '
            'prints the events: write {"transport": {"type": …}}'
        )
    yield from filter(None, (_IN_YAML.get(hint, hint) for hint in all_hints))


def _by_variables(hint: str) -> str:
    for field, variable in _VARIABLES.items():
        hint = hint.replace(field, variable)
    return hint


def _transport_hints(transport: Mapping[str, Any], *, from_variables: bool) -> Iterator[str]:
    if "kind" in transport and "type" not in transport:
        yield 'write "type", not "kind"'
    if "aspects" in transport:
        yield "write facets, not aspects"
    kind = str(transport.get("type") or transport.get("kind") or "")
    if not kind:
        yield 'the transport has no "type"'
        return
    right = _RIGHT_TYPES.get(kind) or _RIGHT_TYPES.get(kind.lower())
    if right and right != kind:
        yield f'write "type": "{right}"'
    elif not right and "." not in kind:
        yield "the type of the transport is none that the OpenLineage client knows"
    if kind in _KEYS:
        yield from _key_hints(transport, kind, from_variables=from_variables)
    if kind in ("http", "async_http"):
        yield from _http_hints(transport)


def _key_hints(transport: Mapping[str, Any], kind: str, *, from_variables: bool) -> Iterator[str]:
    known = {plain_name(key): key for key in (*_KEYS_OF_ALL, *_KEYS[kind])}
    right_names = known | _OTHER_NAMES_OF_KEYS.get(kind, {})
    present = set(transport)
    for key in transport:
        right = right_names.get(plain_name(key))
        if key in known.values() or not right:
            continue
        present.add(right)
        if from_variables and right != right.lower():
            yield (
                f'the client lower-cases the names of variables, and {kind} has to have "{right}": give it as JSON in '
                "OPENLINEAGE__TRANSPORT"
            )
        else:
            yield f'write "{right}", not "{key}"'
    if _KEYS[kind][0] not in present:
        yield f'the transport {kind} has to have "{_KEYS[kind][0]}"'


def _http_hints(transport: Mapping[str, Any]) -> Iterator[str]:
    text = str(transport.get("url") or "")
    url = split_url(text)
    if url is None and "$" not in text:
        yield '"url" cannot be read: write it as https://lineage.example.com'
    if url and url.path not in ("", "/"):
        yield (
            '"url" ends in a path, of which the client drops the last part: write the host in "url" and the whole '
            'path, as in "api/v1/lineage", in "endpoint"'
        )
    if url and (url.query or url.username):
        yield '"url" holds more than a host: an API key belongs into "auth", where no log shows it'
    if "://" in str(transport.get("endpoint") or ""):
        yield '"endpoint" is the path alone, as in "api/v1/lineage"; the host belongs into "url"'
    timeout = transport.get("timeout")
    if isinstance(timeout, int | float) and timeout > _LONG_SECONDS:
        yield '"timeout" is in seconds'
    auth = transport.get("auth")
    if isinstance(auth, Mapping):
        yield from _auth_hints(auth)
        if url and url.scheme == "http" and url.hostname not in ("localhost", "127.0.0.1", "::1"):
            yield "the API key crosses the network in clear: use https"


def _auth_hints(auth: Mapping[str, Any]) -> Iterator[str]:
    if "type" not in auth:
        yield '"auth" has to have "type": "api_key", or no key is sent'
    key = next((auth[name] for name in auth if plain_name(name) == "apikey"), None)
    if "apikey" in auth or "APIKEY" in auth:
        yield 'write "apiKey": clients up to 1.37 at least do not know "apikey"'
    if isinstance(key, str) and key.lower().startswith("bearer "):
        yield 'the API key stands without the word "Bearer", which the client adds'
    if isinstance(key, str) and not key.strip():
        yield "the API key is empty"
    elif isinstance(key, str) and "$" not in key:
        yield KEY_IN_CLEAR
