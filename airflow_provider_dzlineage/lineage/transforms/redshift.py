"""Redshift tables, whose cluster or workgroup producers name in several ways.

DataZone knows a table by the namespace ``redshift://<cluster>.<account>.<region>.redshift.amazonaws.com:5439``, or
``redshift://<workgroup>.<account>.<region>.redshift-serverless.amazonaws.com:5439``, and the name
``<database>.<schema>.<table>``.

Sources: the guide "Data lineage" of Amazon SageMaker Unified Studio for these; Airflow's Redshift hook, which writes
``<cluster or workgroup>.<region>``; the Amazon Redshift management guide for endpoints: the second part is a hash for a
cluster and the account for a workgroup.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from airflow_provider_dzlineage.errors import ConfigurationError
from airflow_provider_dzlineage.lineage.datasets import Dataset
from airflow_provider_dzlineage.lineage.transform import Transform, renaming
from airflow_provider_dzlineage.settings.site import setting_error

_PORT = 5439
_REGION = r"[a-z]{2}(?:-[a-z]+)+-\d"
_NAMESPACE = re.compile(r"redshift://(?P<host>[^/:]+)(?::(?P<port>\d+))?/?")
_ENDPOINT = re.compile(
    rf"(?P<name>[a-z0-9-]+)\.(?P<second>[a-z0-9-]+)\.(?P<region>{_REGION})"
    r"\.(?P<service>redshift|redshift-serverless)\.(?P<suffix>amazonaws\.com(?:\.cn)?)"
)
_SHORT = re.compile(rf"(?P<name>[a-z0-9-]+)\.(?P<region>{_REGION})")
_ACCOUNT = re.compile(r"\d{12}")
_PART = r'(?:"(?:[^"]|"")+"|[^."]+)'
_TABLE = re.compile(rf"{_PART}(?:\.{_PART})*")

# Keys of the setting: `cluster`, `cluster.region`, or a whole host, each with the identifier at its start, or any host.
_IDENTIFIER = re.compile(r"[a-z][a-z0-9-]*")
_REGION_IN_KEY = re.compile(rf"(?<![a-z0-9-]){_REGION}(?![a-z0-9-])")
_STARTS_WITH_IDENTIFIER = re.compile(
    rf"{_IDENTIFIER.pattern}(?:\.{_REGION_IN_KEY.pattern}|\.[^.]+\.[^.]+\.redshift(?:-serverless)?\.amazonaws\..+)?"
)
_AROUND_HOST = re.compile(r"^redshift://|:\d+/?$|/$")
_MEMBERS = {"account", "kind", "name", "region"}

Kind: TypeAlias = Literal["provisioned", "serverless"]


@dataclass(frozen=True)
class Warehouse:
    """A cluster or a workgroup."""

    kind: Kind
    name: str
    account: str
    region: str

    def namespace(self, port: int = _PORT) -> str:
        """Return the namespace by which DataZone knows its tables."""
        service = "redshift" if self.kind == "provisioned" else "redshift-serverless"
        suffix = "amazonaws.com.cn" if self.region.startswith("cn-") else "amazonaws.com"
        return f"redshift://{self.name}.{self.account}.{self.region}.{service}.{suffix}:{port}"


# Returns a warehouse by the host that a producer writes, and by the name and the Region as far as the host contains
# them; None when there is none.
FindWarehouse: TypeAlias = Callable[[str, str | None, str | None], Warehouse | None]


def redshift(in_setting: FindWarehouse, look_up: FindWarehouse) -> Transform:
    """Return a transform that names Redshift tables as DataZone does.

    :param in_setting: finds what the site has set, which comes before what the name itself contains.
    :param look_up: finds what the name itself does not contain.
    """

    def rename(dataset: Dataset) -> Dataset | None:
        match = _NAMESPACE.fullmatch(dataset.namespace)
        warehouse = _warehouse(match["host"].lower(), in_setting, look_up) if match else None
        if match is None or warehouse is None:
            return None
        return Dataset(warehouse.namespace(int(match["port"] or _PORT)), _table(dataset.name))

    return lambda event: renaming(event, rename)


class KnownWarehouses:
    """The setting ``redshift``: hosts, clusters and workgroups that a site has described.

    :param setting: by cluster, workgroup, ``<name>.<region>`` or host: ``account``, ``kind`` (``provisioned`` or
        ``serverless``), and, where the key does not contain them, ``name`` and ``region``.
    :param home: AWS Region where neither the value nor a name contains one; without it such a value is wrong.
    :raises ConfigurationError: when it has the wrong form; the message names the key.
    """

    def __init__(self, setting: Mapping[str, Any], home: str | None = None) -> None:
        self._home = home
        self._by_key = {_host_of(key): _checked(key, value, home) for key, value in setting.items()}

    def find(self, host: str, name: str | None, region: str | None) -> Warehouse | None:
        """Return the warehouse of a host, or of the cluster or workgroup that the host names."""
        keys = [host, *([f"{name}.{region}"] if name and region else []), *([name] if name else [])]
        key = next((key for key in keys if key in self._by_key), None)
        if key is None:
            return None
        value = self._by_key[key]
        where = value.get("region") or region or _region_in(key) or self._home
        kind: Kind = value["kind"]
        # A bare name that stands for a whole host without a Region is all that can be left.
        return Warehouse(kind, value.get("name") or name or key, value["account"], where) if where else None


def _warehouse(host: str, in_setting: FindWarehouse, look_up: FindWarehouse) -> Warehouse | None:
    endpoint = _ENDPOINT.fullmatch(host)
    match = endpoint or _SHORT.fullmatch(host)
    name, region = (match["name"], match["region"]) if match else (None, None)
    if warehouse := in_setting(host, name, region):
        return warehouse
    if endpoint and _ACCOUNT.fullmatch(endpoint["second"]):
        kind: Kind = "provisioned" if endpoint["service"] == "redshift" else "serverless"
        return Warehouse(kind, endpoint["name"], endpoint["second"], endpoint["region"])
    return look_up(host, name, region)


def _table(name: str) -> str:
    """Return ``database.schema.table`` without quotes and in lower case, as Redshift stores names.

    It folds quoted ones too, unless ``enable_case_sensitive_identifier`` is on. Source: "Names and identifiers" in the
    Amazon Redshift database developer guide.
    """
    if not _TABLE.fullmatch(name):
        return name
    parts = [part[1:-1] if part.startswith('"') else part for part in re.findall(_PART, name)]
    # Without its quotes such a part would be several, or another one.
    return name if any(set(part) & set('."') for part in parts) else ".".join(parts).lower()


def _checked(key: str, value: Any, home: str | None) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise _wrong(key, "must be an object")
    if unknown := sorted(value.keys() - _MEMBERS):
        raise _wrong(key, f"has an unknown {unknown[0]!r}; there are {', '.join(sorted(_MEMBERS))}")
    # JSON from environment variables may hold an account as a number.
    account = str(value.get("account", ""))
    if not _ACCOUNT.fullmatch(account):
        raise _wrong(key, "needs an 'account' of twelve digits, as a text")
    if value.get("kind") not in ("provisioned", "serverless"):
        raise _wrong(key, "needs a 'kind', provisioned or serverless")
    for member in ("name", "region"):
        if not isinstance(value.get(member, ""), str):
            raise _wrong(key, f"needs a text as {member!r}")
    if not (value.get("name") or _STARTS_WITH_IDENTIFIER.fullmatch(_host_of(key))):
        raise _wrong(key, "needs a 'name', the identifier of the cluster or workgroup")
    if not (value.get("region") or _IDENTIFIER.fullmatch(_host_of(key)) or _region_in(key) or home):
        raise _wrong(key, "needs a 'region'")
    # Identifiers are lower case, as Redshift stores them.
    return {**value, "account": account} | ({"name": value["name"].lower()} if value.get("name") else {})


def _host_of(key: str) -> str:
    """Return a key as hosts are compared: people copy the whole namespace."""
    return _AROUND_HOST.sub("", key.lower())


def _region_in(name: str) -> str | None:
    match = _REGION_IN_KEY.search(name)
    return match[0] if match else None


def _wrong(key: str, problem: str) -> ConfigurationError:
    return setting_error("redshift", f"{key!r} {problem}")
