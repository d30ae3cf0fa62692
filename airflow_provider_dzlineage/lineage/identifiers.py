"""How Amazon DataZone names the nodes that it makes of an event.

Source: "The importance of the sourceIdentifier attribute to lineage nodes" in the user guide of Amazon SageMaker
Unified Studio.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from airflow_provider_dzlineage.aws.arns import partition_of

_GLUE_NAMESPACE = re.compile(r"arn:aws[\w-]*:glue:[\w-]+:\d{12}")
_REDSHIFT_HOST = re.compile(
    r"redshift://(?P<name>[^.:/]+)\.(?P<account>\d{12})\.(?P<region>[a-z0-9-]+)"
    r"\.(?P<service>redshift|redshift-serverless)\.amazonaws\.com(?:\.cn)?(?::\d+)?/?"
)


def job_identifier(job: Mapping[str, Any]) -> str:
    """Return the identifier of a job: ``<namespace>.<name>``."""
    return f"{job['namespace']}.{job['name']}"


def run_identifier(job: Mapping[str, Any], run: Mapping[str, Any]) -> str:
    """Return the identifier of a job run: ``<job namespace>.<job name>/<runId>``."""
    return f"{job_identifier(job)}/{run['runId']}"


def runs_on_glue(run: Mapping[str, Any]) -> bool:
    """Tell whether a run carries the environment properties of AWS Glue, such as ``GLUE_VERSION``.

    OpenLineage's Spark listener reports them in the facet ``environment-properties`` when it is told to.

    :param run: the ``run`` of an event.
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
    for name in names:
        identifier = _glue_table(_mapping(name))
        if identifier:
            return identifier
    return _redshift_table(dataset) or f"{dataset['namespace']}/{dataset['name']}"


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
