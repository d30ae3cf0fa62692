"""Datasets whose catalogued name is among their symlinks, as Spark with the Glue catalog sends them.

Source: the OpenLineage Spark integration names such a dataset by its S3 path and puts its table into the ``symlinks``
facet, as ``{namespace: arn:aws:glue:<region>:<account>, name: table/<db>/<table>}``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from airflow_provider_dzlineage.lineage.datasets import Dataset, dataset_of, datasets_in, rename_datasets
from airflow_provider_dzlineage.lineage.transform import Event
from airflow_provider_dzlineage.lineage.transforms.glue import CATALOG, DATABASE_AND_TABLE
from airflow_provider_dzlineage.lineage.transforms.s3_paths import folder_of


def symlinks(event: Event) -> Event:
    """Name a dataset by its Glue table, and keep its former name as a symlink."""
    sides = {side: event[side] for side in ("inputs", "outputs") if event.get(side)}
    tables = _tables_of([dataset for side in sides.values() for dataset in side])
    if not tables:
        return event
    renamed = rename_datasets(event, {**_in_their_folders(event, tables), **tables})
    for side, before in sides.items():
        renamed[side] = [
            _with_former_name(after, dataset) if dataset_of(dataset) in tables and _identifiers(after) else after
            for dataset, after in zip(before, renamed[side], strict=True)
        ]
    return renamed


def _tables_of(datasets: list[dict[str, Any]]) -> dict[Dataset, Dataset]:
    """Return the tables by the present identities of their datasets."""
    # Where several tables lie in one place, references to it mean the first; each dataset gets the name of its own.
    tables: dict[Dataset, Dataset] = {}
    for dataset in datasets:
        if table := _table_of(dataset):
            tables.setdefault(dataset_of(dataset), table)
    # A dataset with a symlink to one of these is the same table.
    while more := {own: table for own, table in _linked(datasets, tables) if own not in tables}:
        tables |= more
    return tables


def _in_their_folders(event: Event, tables: Mapping[Dataset, Dataset]) -> dict[Dataset, Dataset]:
    """Return the tables by other spellings of their folders, and by their other partitions."""
    by_folder: dict[Dataset, set[Dataset]] = {}
    for dataset, table in tables.items():
        if folder := folder_of(dataset):
            by_folder.setdefault(folder, set()).add(table)
    named = {dataset: folder_of(dataset) for dataset in datasets_in(event)} if by_folder else {}
    # Of several tables in one folder it is unknown which one is meant.
    return {
        dataset: next(iter(found))
        for dataset, folder in named.items()
        if folder and len(found := by_folder.get(folder, ())) == 1
    }


def _linked(datasets: list[dict[str, Any]], tables: Mapping[Dataset, Dataset]) -> Iterator[tuple[Dataset, Dataset]]:
    for dataset in datasets:
        if not CATALOG.fullmatch(dataset["namespace"]):
            names = (_name_of(link) for link in _identifiers(dataset))
            yield from ((dataset_of(dataset), tables[name]) for name in names if name and name in tables)


def _table_of(dataset: dict[str, Any]) -> Dataset | None:
    if CATALOG.fullmatch(dataset["namespace"]):
        return None
    names = (_name_of(link) for link in _identifiers(dataset))
    return next((name for name in names if name and _is_glue_table(name)), None)


def _with_former_name(dataset: dict[str, Any], former: dict[str, Any]) -> dict[str, Any]:
    """Name a dataset by its own table, and put the former name in the place of the symlink that is the name now."""
    if table := _table_of(former):
        dataset = {**dataset, **table._asdict()}
    others = [link for link in _identifiers(dataset) if _name_of(link) != dataset_of(dataset)]
    identifiers = [*others, {**dataset_of(former)._asdict(), "type": "LOCATION"}]
    facets = dataset["facets"]
    return {**dataset, "facets": {**facets, "symlinks": {**facets["symlinks"], "identifiers": identifiers}}}


def _identifiers(dataset: dict[str, Any]) -> list[Any]:
    facet = (dataset.get("facets") or {}).get("symlinks")
    identifiers = facet.get("identifiers") if isinstance(facet, dict) else None
    return identifiers if isinstance(identifiers, list) else []


def _name_of(link: Any) -> Dataset | None:
    if not isinstance(link, dict):
        return None
    namespace, name = link.get("namespace"), link.get("name")
    return Dataset(namespace, name) if isinstance(namespace, str) and isinstance(name, str) else None


def _is_glue_table(name: Dataset) -> bool:
    # Of the second form the transform glue makes the first one; it comes after this one.
    is_table = name.name.startswith("table/") or DATABASE_AND_TABLE.fullmatch(name.name)
    return bool(CATALOG.fullmatch(name.namespace) and is_table)
