"""Tables of the Glue catalog under other names: by database and table only, as S3 Tables, or by Athena's own service.

Sources: dbt-glue names a table ``<db>.<table>`` in the namespace ``arn:aws:glue:<region>:<account>``. The OpenLineage
Spark integration names one in an S3 table bucket ``<Spark catalog>.<db>.<table>`` in the namespace
``arn:aws:s3tables:<region>:<account>:bucket/<bucket>``. The Glue catalog holds such a bucket as
``s3tablescatalog/<bucket>`` (user guides of Amazon S3 and of Amazon SageMaker Unified Studio). dbt-athena and Airflow's
Athena operator follow the OpenLineage naming of Athena: the namespace ``awsathena://athena.<region>.amazonaws.com`` and
the name ``<catalog>.<database>.<table>``. Its default catalog, ``AwsDataCatalog``, is the Glue catalog of the account.
"""

from __future__ import annotations

import re

from airflow_provider_dzlineage.aws.arns import partition_of
from airflow_provider_dzlineage.lineage.datasets import Dataset
from airflow_provider_dzlineage.lineage.transform import Event, Transform, renaming

CATALOG = re.compile(r"arn:aws[a-z-]*:glue:[a-z0-9-]+:\d{12}")
DATABASE_AND_TABLE = re.compile(r"(?:awsdatacatalog\.)?(?P<database>[^./]+)\.(?P<table>[^./]+)", re.IGNORECASE)
_TABLE_BUCKET = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):s3tables:(?P<home>[a-z0-9-]+:\d{12}):bucket/(?P<bucket>[^/]+)"
)
_TABLE_IN_BUCKET = re.compile(r"[^.]+\.(?P<database>[^./]+)\.(?P<table>[^./]+)")
_ATHENA = re.compile(r"awsathena://athena\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?(:\d+)?/?")
_ATHENA_TABLE = re.compile(r"(?P<catalog>[^.]+)\.(?P<database>[^.]+)\.(?P<table>.+)")
_DEFAULT_CATALOG = "awsdatacatalog"


def glue(event: Event) -> Event:
    """Name Glue tables ``table/<database>/<table>``; a catalog that is not the default one precedes the database."""
    return renaming(event, _glue_name)


def athena(account: str | None) -> Transform:
    """Return a transform that names Athena's tables as Glue does.

    :param account: the AWS account of the Glue catalog; None leaves the names, since they do not contain it.
    """

    def rename(dataset: Dataset) -> Dataset | None:
        namespace, name = _ATHENA.fullmatch(dataset.namespace), _ATHENA_TABLE.fullmatch(_as_stored(dataset.name))
        if account is None or namespace is None or name is None:
            return None
        region = namespace["region"]
        catalog = "" if name["catalog"] == _DEFAULT_CATALOG else name["catalog"]
        table = f"table/{catalog}{name['database']}/{name['table']}"
        return Dataset(f"arn:{partition_of(region)}:glue:{region}:{account}", table)

    return lambda event: renaming(event, rename)


def _glue_name(dataset: Dataset) -> Dataset | None:
    if bucket := _TABLE_BUCKET.fullmatch(dataset.namespace):
        table = _TABLE_IN_BUCKET.fullmatch(dataset.name)
        catalog = f"arn:{bucket['partition']}:glue:{bucket['home']}"
        place = f"table/s3tablescatalog/{bucket['bucket']}"
        return Dataset(catalog, f"{place}{table['database']}/{table['table']}") if table else None
    match = DATABASE_AND_TABLE.fullmatch(_as_stored(dataset.name))
    if match is None or not CATALOG.fullmatch(dataset.namespace):
        return None
    return Dataset(dataset.namespace, f"table/{match['database']}/{match['table']}")


def _as_stored(name: str) -> str:
    """Return a name as the Glue catalog holds it: in lower case, without the quotes of SQL.

    Sources: "Name databases, tables, and columns" in the Amazon Athena user guide; ``TableInput`` in the API reference
    of AWS Glue.
    """
    return name.replace('"', "").replace("`", "").lower()
