"""A transform of one's own, as a user would write it."""

from __future__ import annotations

from typing import Any

from airflow_provider_dzlineage.lineage.datasets import Dataset
from airflow_provider_dzlineage.lineage.transform import renaming

_GLUE = "arn:aws:glue:us-east-1:123456789012"


def duckdb_as_glue(event: dict[str, Any]) -> dict[str, Any]:
    """Name the tables of DuckDB, which stands for dbt's Athena here, as the Glue catalog names them."""
    return renaming(event, _rename)


def _rename(dataset: Dataset) -> Dataset | None:
    parts = dataset.name.split(".")
    if not dataset.namespace.startswith("duckdb://") or len(parts) != 3:
        return None
    return Dataset(_GLUE, f"table/{parts[1]}/{parts[2]}")
