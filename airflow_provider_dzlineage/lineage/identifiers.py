"""The names that Amazon DataZone gives to the nodes that it makes of an event, and those that link to no asset.

Source: "The importance of the sourceIdentifier attribute to lineage nodes" in the user guide of Amazon SageMaker
Unified Studio.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from airflow_provider_dzlineage.aws.arns import partition_of
from airflow_provider_dzlineage.lineage.datasets import dataset_of, inputs_and_outputs

_GLUE_NAMESPACE = re.compile(r"arn:aws[\w-]*:glue:[\w-]+:\d{12}")
_REDSHIFT_HOST = re.compile(
    r"redshift://(?P<name>[^.:/]+)\.(?P<account>\d{12})\.(?P<region>[a-z0-9-]+)"
    r"\.(?P<service>redshift|redshift-serverless)\.amazonaws\.com(?:\.cn)?(?::\d+)?/?"
)

# By the start of a namespace: what to do when its datasets do not become an ARN.
_REPAIRS = {
    "redshift://": "say in the setting 'redshift' which cluster or workgroup this is, name tables "
    "<database>.<schema>.<table>, and keep 'redshift' among the transforms",
    "awsathena://": "set 'account_id', the account of the Glue catalog, name tables <catalog>.<database>.<table>, and "
    "keep 'athena' among the transforms",
    "arn:aws:glue:": "name tables <database>.<table>, with 'glue' among the transforms, or table/<database>/<table>",
    "arn:aws:s3tables:": "name tables <catalog>.<database>.<table>, and keep 'glue' among the transforms",
}


def job_identifier(job: Mapping[str, Any]) -> str:
    """Return the identifier of a job: ``<namespace>.<name>``."""
    return f"{job['namespace']}.{job['name']}"


def run_identifier(job: Mapping[str, Any], run: Mapping[str, Any]) -> str:
    """Return the identifier of a job run: ``<job namespace>.<job name>/<runId>``."""
    return f"{job_identifier(job)}/{run['runId']}"


def runs_on_glue(run: Mapping[str, Any]) -> bool:
    """Return whether a run carries the environment properties of AWS Glue, such as ``GLUE_VERSION``.

    OpenLineage's Spark listener reports them in the facet ``environment-properties`` when it is configured to.
    """
    facet = _mapping(_mapping(run.get("facets")).get("environment-properties"))
    return any(name.startswith("GLUE_") for name in _mapping(facet.get("environment-properties")))


def dataset_identifier(dataset: Mapping[str, Any], run: Mapping[str, Any]) -> str:
    """Return the identifier of a dataset.

    :param dataset: an input or output of an event; ``namespace``, ``name`` and the facet ``symlinks`` count.
    :param run: the event's run: only on AWS Glue do symlinks count.
    :return: the ARN of a Glue table (from the dataset's own name or a symlink), the ARN of a Redshift table, else
        ``<namespace>/<name>``.
    """
    symlinks = _mapping(_mapping(dataset.get("facets")).get("symlinks")).get("identifiers")
    names = [dataset, *(symlinks if isinstance(symlinks, list) and runs_on_glue(run) else [])]
    glue_table = next(filter(None, (_glue_table(_mapping(name)) for name in names)), None)
    return glue_table or _redshift_table(dataset) or f"{dataset['namespace']}/{dataset['name']}"


def naming_hints(event: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each dataset that DataZone cannot know by an ARN although its kind has one."""
    hints: dict[str, None] = {}
    for dataset in inputs_and_outputs(event):
        namespace, name = dataset_of(dataset)
        repair = next((repair for start, repair in _REPAIRS.items() if namespace.startswith(start)), None)
        if repair and ":table/" not in dataset_identifier(dataset, event["run"]):
            hints[f"{namespace}  {name} links to no asset: {repair}"] = None
    return list(hints)


def _glue_table(dataset: Mapping[str, Any]) -> str | None:
    namespace, name = str(dataset.get("namespace")), str(dataset.get("name"))
    if _GLUE_NAMESPACE.fullmatch(namespace) and name.startswith("table/"):
        return f"{namespace}:{name}"
    return None


def _redshift_table(dataset: Mapping[str, Any]) -> str | None:
    host = _REDSHIFT_HOST.fullmatch(dataset["namespace"])
    table = dataset["name"].split(".")
    if host is None or len(table) != 3:
        return None
    arn = f"arn:{partition_of(host['region'])}:{host['service']}:{host['region']}:{host['account']}"
    return f"{arn}:table/{host['name']}/{'/'.join(table)}"


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
