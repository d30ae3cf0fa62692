"""The site of the story: its settings, and a transform of its own as a user would write it."""

from __future__ import annotations

import json
from typing import Any

from airflow_provider_dzlineage.lineage.datasets import Dataset
from airflow_provider_dzlineage.lineage.transform import renaming
from airflow_provider_dzlineage.settings.site import DEFAULT_TRANSFORMS

_GLUE = "arn:aws:glue:us-east-1:123456789012"
GLUE_TABLES = f"{_GLUE}:table"
FINAL_TABLE = "arn:aws:redshift:us-east-1:123456789012:table/analytics/dev/reports/customers"
TRANSFORMS = ",".join((*DEFAULT_TRANSFORMS, "tools.story.site.duckdb_as_glue"))
# What a look-up would find in an account with Amazon Redshift.
REDSHIFT = json.dumps({"analytics.us-east-1": {"account": "123456789012", "kind": "provisioned"}})


def duckdb_as_glue(event: dict[str, Any]) -> dict[str, Any]:
    """Return the event with the tables of DuckDB, which stands in for Athena, named as in the Glue catalog."""
    return renaming(event, _rename)


def _rename(dataset: Dataset) -> Dataset | None:
    parts = dataset.name.split(".")
    if not dataset.namespace.startswith("duckdb://") or len(parts) != 3:
        return None
    return Dataset(_GLUE, f"table/{parts[1]}/{parts[2]}")
