"""Tables that Athena names by its own service, as dbt-athena and Airflow's Athena operator do.

Source: the OpenLineage naming of Athena, namespace ``awsathena://athena.<region>.amazonaws.com`` and name
``<catalog>.<database>.<table>``. Athena's default catalog, ``AwsDataCatalog``, is the Glue catalog of the account.
"""

from __future__ import annotations

import re

from airflow_provider_dzlineage.aws.arns import partition_of
from airflow_provider_dzlineage.lineage.datasets import Dataset
from airflow_provider_dzlineage.lineage.transform import Event, Transform, renaming
from airflow_provider_dzlineage.lineage.transforms.glue import as_stored

_NAMESPACE = re.compile(r"awsathena://athena\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?(:\d+)?/?")
_NAME = re.compile(r"(?P<catalog>[^.]+)\.(?P<database>[^.]+)\.(?P<table>.+)")
_DEFAULT_CATALOG = "awsdatacatalog"


def athena(account: str | None) -> Transform:
    """Make a transform that names tables as Glue does.

    :param account: the AWS account of the Glue catalog; None leaves the names, since they do not tell it.
    """

    def rename(dataset: Dataset) -> Dataset | None:
        namespace, name = _NAMESPACE.fullmatch(dataset.namespace), _NAME.fullmatch(as_stored(dataset.name))
        if account is None or namespace is None or name is None:
            return None
        region = namespace["region"]
        catalog = "" if name["catalog"] == _DEFAULT_CATALOG else name["catalog"]
        table = f"table/{catalog}{name['database']}/{name['table']}"
        return Dataset(f"arn:{partition_of(region)}:glue:{region}:{account}", table)

    def transform(event: Event) -> Event:
        return renaming(event, rename)

    return transform
