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
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from airflow_provider_dzlineage.lineage.datasets import Dataset
from airflow_provider_dzlineage.lineage.transform import Event, Transform, renaming

_PORT = 5439
_NAMESPACE = re.compile(r"redshift://(?P<host>[^/:]+)(?::(?P<port>\d+))?/?")
_ENDPOINT = re.compile(
    r"(?P<name>[a-z0-9-]+)\.(?P<second>[a-z0-9-]+)\.(?P<region>[a-z]{2}(?:-[a-z]+)+-\d)"
    r"\.(?P<service>redshift|redshift-serverless)\.(?P<suffix>amazonaws\.com(?:\.cn)?)"
)
_SHORT = re.compile(r"(?P<name>[a-z0-9-]+)\.(?P<region>[a-z]{2}(?:-[a-z]+)+-\d)")
_ACCOUNT = re.compile(r"\d{12}")
_PART = r'(?:"(?:[^"]|"")+"|[^."]+)'
_TABLE = re.compile(rf"{_PART}(?:\.{_PART})*")

Kind: TypeAlias = Literal["provisioned", "serverless"]


@dataclass(frozen=True)
class Warehouse:
    """A cluster or a workgroup.

    :param name: its identifier.
    :param account: AWS account.
    :param region: AWS Region.
    """

    kind: Kind
    name: str
    account: str
    region: str

    def namespace(self, port: int = _PORT) -> str:
        """Return the namespace by which DataZone knows its tables."""
        service = "redshift" if self.kind == "provisioned" else "redshift-serverless"
        suffix = "amazonaws.com.cn" if self.region.startswith("cn-") else "amazonaws.com"
        return f"redshift://{self.name}.{self.account}.{self.region}.{service}.{suffix}:{port}"


# Finds a warehouse by what a producer calls it: the host as it is written, and the name and the Region as far as the
# host tells them. Returns None when there is none.
FindWarehouse: TypeAlias = Callable[[str, str | None, str | None], Warehouse | None]


def redshift(known: FindWarehouse, find: FindWarehouse) -> Transform:
    """Make a transform that names Redshift tables as DataZone does.

    :param known: tells what the site has set, which comes before what the name itself tells.
    :param find: looks up what the name itself does not tell.
    """

    def rename(dataset: Dataset) -> Dataset | None:
        match = _NAMESPACE.fullmatch(dataset.namespace)
        if match is None:
            return None
        warehouse = _warehouse(match["host"].lower(), known, find)
        if warehouse is None:
            return None
        return Dataset(warehouse.namespace(int(match["port"] or _PORT)), _table(dataset.name))

    def transform(event: Event) -> Event:
        return renaming(event, rename)

    return transform


def _warehouse(host: str, known: FindWarehouse, find: FindWarehouse) -> Warehouse | None:
    endpoint = _ENDPOINT.fullmatch(host)
    told = endpoint or _SHORT.fullmatch(host)
    name, region = (told["name"], told["region"]) if told else (None, None)
    if warehouse := known(host, name, region):
        return warehouse
    if endpoint and _ACCOUNT.fullmatch(endpoint["second"]):
        kind: Kind = "provisioned" if endpoint["service"] == "redshift" else "serverless"
        return Warehouse(kind, endpoint["name"], endpoint["second"], endpoint["region"])
    return find(host, name, region)


def _table(name: str) -> str:
    """Write ``database.schema.table`` without quotes and in lower case, as Redshift stores names.

    It folds quoted ones too, unless ``enable_case_sensitive_identifier`` is on. Source: "Names and identifiers" in the
    Amazon Redshift database developer guide.
    """
    if not _TABLE.fullmatch(name):
        return name
    parts = [part[1:-1] if part.startswith('"') else part for part in re.findall(_PART, name)]
    # Without its quotes such a part would be several, or another one.
    return name if any(set(part) & set('."') for part in parts) else ".".join(parts).lower()
