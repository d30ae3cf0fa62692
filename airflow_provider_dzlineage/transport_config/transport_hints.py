"""Hints about the Python client's ``transport``. The keys' source is the same as of :mod:`.python_client`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import SplitResult

from airflow_provider_dzlineage.transport_config.python_client import DATAZONE_TRANSPORT, SQS_TRANSPORT
from airflow_provider_dzlineage.transport_config.urls import parts_of

_COMMON = ("type", "name", "priority")
_AWS = ("region_name", "endpoint_url", "role_arn", "profile_name", "timeout")
_KEYS: Mapping[str, tuple[str, ...]] = {
    "http": ("url", "endpoint", "timeout", "verify", "auth", "compression", "custom_headers", "retry", "sslContext"),
    "composite": ("transports", "continue_on_failure", "continue_on_success", "sort_transports"),
    "file": ("log_file_path", "append"),
    "amazon_datazone_api": ("domainId", "region", "endpointOverride"),
    SQS_TRANSPORT: ("queue_url", "message_group", *_AWS),
    DATAZONE_TRANSPORT: ("domain_id", *_AWS),
}
_REQUIRED = {
    "http": "url",
    "composite": "transports",
    "file": "log_file_path",
    "amazon_datazone_api": "domainId",
    SQS_TRANSPORT: "queue_url",
    DATAZONE_TRANSPORT: "domain_id",
}
_OTHER_TYPES = ("async_http", "console", "datadog", "gcplineage", "kafka", "msk-iam", "noop", "transform")
_MEANT_TYPES = {"sqs": SQS_TRANSPORT, "datazone": DATAZONE_TRANSPORT, "amazon_datazone": "amazon_datazone_api"}
# What other clients and other transports call it.
_MEANT_KEYS = {
    "http": {"headers": "custom_headers", "timeoutinmillis": "timeout", "uri": "url", "host": "url"},
    "amazon_datazone_api": {"regionname": "region", "endpointurl": "endpointOverride"},
    SQS_TRANSPORT: {"url": "queue_url", "region": "region_name", "queue": "queue_url"},
    DATAZONE_TRANSPORT: {"region": "region_name", "endpointoverride": "endpoint_url", "domain": "domain_id"},
}
KEY_IN_CLEAR = (
    "an API key stands in clear: where Airflow or a shell reads it, write ${OPENLINEAGE_API_KEY} (if airflow config "
    "get-value printed this, that has put it in: give the option as it is written, or see dzlineage doctor)"
)
# No one waits so long; whoever writes so means milliseconds.
_LONG_SECONDS = 120


def transport_hints(transport: Mapping[str, Any], *, from_variables: bool = False) -> Iterator[str]:
    """Yield what is wrong with one transport.

    :param transport: its configuration, parsed.
    :param from_variables: whether the keys come from names of environment variables.
    """
    if "kind" in transport and "type" not in transport:
        yield 'write "type", not "kind"'
    if "aspects" in transport:
        yield "write facets, not aspects"
    kind = str(transport.get("type") or transport.get("kind") or "")
    if not kind:
        yield 'the transport has no "type"'
        return
    yield from _about_type(kind)
    if kind in _KEYS:
        yield from _about_keys(transport, kind, from_variables=from_variables)
    if kind in ("http", "async_http"):
        yield from _about_http(transport)


def _about_type(kind: str) -> Iterator[str]:
    meant = _MEANT_TYPES.get(kind.lower())
    if meant is None and kind not in _KEYS and kind.lower() in (*_KEYS, *_OTHER_TYPES):
        meant = kind.lower()
    if meant and meant != kind:
        yield f'write "type": "{meant}"'
    elif not meant and kind not in (*_KEYS, *_OTHER_TYPES) and "." not in kind:
        yield "the type of the transport is none that the OpenLineage client knows"


def _about_keys(transport: Mapping[str, Any], kind: str, *, from_variables: bool) -> Iterator[str]:
    known = {_plain(key): key for key in (*_COMMON, *_KEYS[kind])}
    meant_keys = known | _MEANT_KEYS.get(kind, {})
    have = set(transport)
    for key in transport:
        meant = meant_keys.get(_plain(key))
        if key not in known.values() and meant:
            have.add(meant)
            yield (
                f'the client lower-cases the names of variables, and {kind} has to have "{meant}": give it as JSON in '
                "OPENLINEAGE__TRANSPORT"
                if from_variables and meant != meant.lower()
                else f'write "{meant}", not "{key}"'
            )
    if _REQUIRED[kind] not in have:
        yield f'the transport {kind} has to have "{_REQUIRED[kind]}"'


def _about_http(transport: Mapping[str, Any]) -> Iterator[str]:
    text = str(transport.get("url") or "")
    url = parts_of(text)
    if url is not None:
        yield from _about_url(url)
    elif "$" not in text:
        yield '"url" cannot be read: write it as https://lineage.example.com'
    if "://" in str(transport.get("endpoint") or ""):
        yield '"endpoint" is the path alone, as in "api/v1/lineage"; the host belongs into "url"'
    timeout = transport.get("timeout")
    if isinstance(timeout, int | float) and timeout > _LONG_SECONDS:
        yield '"timeout" is in seconds'
    auth = transport.get("auth")
    if isinstance(auth, Mapping):
        yield from _about_auth(auth)
        if url and url.scheme == "http" and url.hostname not in ("localhost", "127.0.0.1", "::1"):
            yield "the API key crosses the network in clear: use https"


def _about_url(url: SplitResult) -> Iterator[str]:
    if url.path not in ("", "/"):
        yield (
            '"url" ends in a path, of which the client drops the last part: write the host in "url" and the whole '
            'path, as in "api/v1/lineage", in "endpoint"'
        )
    if url.query or url.username:
        yield '"url" holds more than a host: an API key belongs into "auth", where no log shows it'


def _about_auth(auth: Mapping[str, Any]) -> Iterator[str]:
    if "type" not in auth:
        yield '"auth" has to have "type": "api_key", or no key is sent'
    key = next((auth[name] for name in auth if _plain(name) == "apikey"), None)
    if "apikey" in auth or "APIKEY" in auth:
        yield 'write "apiKey": clients up to 1.37 at least do not know "apikey"'
    if isinstance(key, str) and key.lower().startswith("bearer "):
        yield 'the API key stands without the word "Bearer", which the client adds'
    if isinstance(key, str) and not key.strip():
        yield "the API key is empty"
    elif isinstance(key, str) and "$" not in key:
        yield KEY_IN_CLEAR


def _plain(key: str) -> str:
    return key.lower().replace("_", "")
