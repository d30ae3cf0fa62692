"""Names that no catalogued asset can have, and what would repair them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow_provider_dzlineage.lineage.datasets import dataset_of
from airflow_provider_dzlineage.lineage.identifiers import dataset_identifier

# By the start of a namespace: what to do when its datasets do not become an ARN.
_REPAIRS = {
    "redshift://": "say in the setting 'redshift' which cluster or workgroup this is, name tables "
    "<database>.<schema>.<table>, and keep 'redshift' among the transforms",
    "awsathena://": "set 'account_id', the account of the Glue catalog, name tables <catalog>.<database>.<table>, and "
    "keep 'athena' among the transforms",
    "arn:aws:glue:": "name tables <database>.<table>, with 'glue' among the transforms, or table/<database>/<table>",
    "arn:aws:s3tables:": "name tables <catalog>.<database>.<table>, and keep 'glue' among the transforms",
}


def naming_hints(event: Mapping[str, Any]) -> list[str]:
    """Say of an event's datasets which ones DataZone cannot know by an ARN although their kind has one.

    :param event: a valid run event, as it is to be posted.
    :return: a sentence for each such dataset, in the event's order.
    """
    hints: dict[str, None] = {}
    for side in ("inputs", "outputs"):
        for dataset in event.get(side) or ():
            namespace, name = dataset_of(dataset)
            repair = next((repair for start, repair in _REPAIRS.items() if namespace.startswith(start)), None)
            if repair and ":table/" not in dataset_identifier(dataset, event["run"]):
                hints[f"{namespace}  {name} links to no asset: {repair}"] = None
    return list(hints)
