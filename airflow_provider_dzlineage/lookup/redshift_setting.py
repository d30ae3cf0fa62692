"""The setting ``redshift``: what hosts, clusters and workgroups are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from airflow_provider_dzlineage.errors import ConfigurationError, LookupFailedError
from airflow_provider_dzlineage.lineage.transforms.redshift import Kind, Warehouse

_EXAMPLE = '{"analytics.eu-west-1": {"account": "123456789012", "kind": "provisioned", "name": "analytics"}}'
_REGION = re.compile(r"(?<![a-z0-9-])[a-z]{2}(?:-[a-z]+)+-\d(?![a-z0-9-])")
_ACCOUNT = re.compile(r"\d{12}")
_KEYS = {"account", "kind", "name", "region"}


class KnownWarehouses:
    """What the setting tells.

    :param static: by cluster, workgroup, ``<name>.<region>`` or host: ``account``, ``kind`` (``provisioned`` or
        ``serverless``), and, where the key does not tell them, ``name`` and ``region``.
    :raises ConfigurationError: when it has the wrong form; the message names the key and shows a right example.
    """

    def __init__(self, static: Mapping[str, Any]) -> None:
        self._by_key = {key.lower(): _checked(key, value) for key, value in static.items()}

    def find(self, host: str, name: str | None, region: str | None) -> Warehouse | None:
        """Return what the setting tells of a host, or of the cluster or workgroup that the host names.

        :raises LookupFailedError: when it leaves the Region open.
        """
        keys = [host, *([f"{name}.{region}"] if name and region else []), *([name] if name else [])]
        key = next((key for key in keys if key in self._by_key), None)
        if key is None:
            return None
        value = self._by_key[key]
        where = value.get("region") or region or _region_in(key) or _region_in(host)
        if where is None:
            raise LookupFailedError(
                f"setting 'redshift': {key!r} needs a 'region', since no name tells it", "redshift_lookup_failed"
            )
        kind: Kind = value["kind"]
        return Warehouse(kind, value.get("name") or name or key, value["account"], where)


def _checked(key: str, value: Any) -> dict[str, Any]:
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
    return {**value, "account": account}


def _region_in(name: str) -> str | None:
    match = _REGION.search(name)
    return match[0] if match else None


def _wrong(key: str, problem: str) -> ConfigurationError:
    return ConfigurationError(f"setting 'redshift': {key!r} {problem}; a right example is {_EXAMPLE}")
