"""The setting ``redshift``: what hosts, clusters and workgroups are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from airflow_provider_dzlineage.errors import ConfigurationError
from airflow_provider_dzlineage.lineage.transforms.redshift import Kind, Warehouse

_EXAMPLE = '{"analytics.eu-west-1": {"account": "123456789012", "kind": "provisioned", "name": "analytics"}}'
_REGION = re.compile(r"(?<![a-z0-9-])[a-z]{2}(?:-[a-z]+)+-\d(?![a-z0-9-])")
_ACCOUNT = re.compile(r"\d{12}")
# `cluster`, `cluster.region`, or a whole host, each with the identifier at its start.
_NAME = re.compile(r"[a-z][a-z0-9-]*")
_TELLS_ITS_NAME = re.compile(
    rf"{_NAME.pattern}(?:\.{_REGION.pattern}|\.[^.]+\.[^.]+\.redshift(?:-serverless)?\.amazonaws\..+)?"
)
_ADDRESS = re.compile(r"^redshift://|:\d+/?$|/$")
_KEYS = {"account", "kind", "name", "region"}


class KnownWarehouses:
    """What the setting tells.

    :param static: by cluster, workgroup, ``<name>.<region>`` or host: ``account``, ``kind`` (``provisioned`` or
        ``serverless``), and, where the key does not tell them, ``name`` and ``region``.
    :param home: AWS Region where neither the value nor a name tells one; without it such a value is wrong.
    :raises ConfigurationError: when it has the wrong form; the message names the key and shows a right example.
    """

    def __init__(self, static: Mapping[str, Any], home: str | None = None) -> None:
        self._home = home
        self._by_key = {_host_of(key): _checked(key, value, home) for key, value in static.items()}

    def find(self, host: str, name: str | None, region: str | None) -> Warehouse | None:
        """Return what the setting tells of a host, or of the cluster or workgroup that the host names."""
        keys = [host, *([f"{name}.{region}"] if name and region else []), *([name] if name else [])]
        key = next((key for key in keys if key in self._by_key), None)
        if key is None:
            return None
        value = self._by_key[key]
        where = value.get("region") or region or _region_in(key) or self._home
        kind: Kind = value["kind"]
        # A bare name that stands for a whole host without a Region is all that can be left.
        return Warehouse(kind, value.get("name") or name or key, value["account"], where) if where else None


def _checked(key: str, value: Any, home: str | None) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise _wrong(key, "must be an object")
    if unknown := sorted(value.keys() - _KEYS):
        raise _wrong(key, f"has an unknown {unknown[0]!r}; there are {', '.join(sorted(_KEYS))}")
    # JSON from environment variables may hold an account as a number.
    account = str(value.get("account", ""))
    if not _ACCOUNT.fullmatch(account):
        raise _wrong(key, "needs an 'account' of twelve digits, as a text")
    if value.get("kind") not in ("provisioned", "serverless"):
        raise _wrong(key, "needs a 'kind', provisioned or serverless")
    for own in ("name", "region"):
        if not isinstance(value.get(own, ""), str):
            raise _wrong(key, f"needs a text as {own!r}")
    if not (value.get("name") or _TELLS_ITS_NAME.fullmatch(_host_of(key))):
        raise _wrong(key, "needs a 'name', the identifier of the cluster or workgroup")
    if not (value.get("region") or _NAME.fullmatch(_host_of(key)) or _region_in(key) or home):
        raise _wrong(key, "needs a 'region'")
    # Identifiers are lower case, as Redshift stores them.
    return {**value, "account": account} | ({"name": value["name"].lower()} if value.get("name") else {})


def _host_of(key: str) -> str:
    """Return a key as hosts are compared: people copy the whole namespace."""
    return _ADDRESS.sub("", key.lower())


def _region_in(name: str) -> str | None:
    match = _REGION.search(name)
    return match[0] if match else None


def _wrong(key: str, problem: str) -> ConfigurationError:
    return ConfigurationError(f"setting 'redshift': {key!r} {problem}; a right example is {_EXAMPLE}")
