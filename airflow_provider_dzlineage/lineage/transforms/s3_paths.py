"""S3 paths that name a partition or carry stray slashes."""

from __future__ import annotations

import re

from airflow_provider_dzlineage.lineage.datasets import Dataset
from airflow_provider_dzlineage.lineage.transform import Event, renaming

_BUCKET = re.compile(r"s3[an]?://[^/]+/?")
# Hive's way to name partitions; everything from the first one on is below the dataset. A file is none.
_PARTITIONS = re.compile(r"/[^/=]+=(?:[^/]*/.*|(?![^/]*\.[A-Za-z][A-Za-z0-9]{1,9}$)[^/]*)$")


def s3_paths(event: Event) -> Event:
    """Name a dataset on S3 by its bucket and its path without slashes around it and without partitions."""
    return renaming(event, folder_of)


def folder_of(dataset: Dataset) -> Dataset | None:
    """Return the folder that holds a dataset; None for one that is not on S3."""
    if not _BUCKET.fullmatch(dataset.namespace):
        return None
    bucket = dataset.namespace.rstrip("/").replace("s3a://", "s3://").replace("s3n://", "s3://")
    path = _PARTITIONS.sub("", f"/{dataset.name.strip('/')}").strip("/")
    # A bucket as a whole, or a table whose first folder is a partition already: there is nothing shorter to name.
    return Dataset(bucket, path or dataset.name.strip("/") or "/")
