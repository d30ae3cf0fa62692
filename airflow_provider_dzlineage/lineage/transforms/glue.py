"""Glue tables that are named by database and table only, as dbt-glue does.

Source: the naming of dbt-glue in OpenLineage, namespace ``arn:aws:glue:<region>:<account>``, name ``<db>.<table>``.
"""

from __future__ import annotations

import re

from airflow_provider_dzlineage.lineage.datasets import Dataset
from airflow_provider_dzlineage.lineage.transform import Event, renaming

_CATALOG = re.compile(r"arn:aws[a-z-]*:glue:[a-z0-9-]+:\d{12}")
_DATABASE_AND_TABLE = re.compile(r"(?P<database>[^./]+)\.(?P<table>[^/]+)")


def glue(event: Event) -> Event:
    """Name Glue tables ``table/<database>/<table>``."""
    return renaming(event, _rename)


def _rename(dataset: Dataset) -> Dataset | None:
    match = _DATABASE_AND_TABLE.fullmatch(dataset.name)
    if match is None or not _CATALOG.fullmatch(dataset.namespace):
        return None
    return Dataset(dataset.namespace, f"table/{match['database']}/{match['table']}")
