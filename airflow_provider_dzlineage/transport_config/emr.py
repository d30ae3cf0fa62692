"""Amazon EMR: configuration JSON.

Sources: "Configure applications" and "Store sensitive configuration data in AWS Secrets Manager" in the EMR Release
Guide; "Secrets Manager for data protection" in the EMR Serverless User Guide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from airflow_provider_dzlineage.transport_config.destinations import Destination, Http
from airflow_provider_dzlineage.transport_config.keys import KeyFromSecret
from airflow_provider_dzlineage.transport_config.spark import API_KEY, spark_conf


def emr_configuration(
    destination: Destination,
    *,
    serverless: bool = False,
    jars: Sequence[str] = (),
    account_id: str | None = None,
    namespace: str | None = None,
    conf: Mapping[str, str] | None = None,
) -> list[dict[str, Any]]:
    """Return configuration classifications.

    A key in Secrets Manager is referred to as EMR has it, and fetched by EMR itself: the cluster's service role, or
    the job's role, needs ``secretsmanager:GetSecretValue``. A key from an environment variable is not in it.

    :param destination: :class:`Http` or :class:`DataZone`.
    :param serverless: whether it is for EMR Serverless and not for a cluster on EC2.
    :param jars: URLs of the listener's jars; none where the release has them.
    :param account_id: AWS account of the Glue catalog.
    :param namespace: of the jobs.
    :param conf: further settings of Spark.
    :return: one classification, ``spark-defaults``; for boto3's ``Configurations`` (EC2), or for
        ``runtimeConfiguration`` and ``applicationConfiguration`` (Serverless).
    :raises ConfigurationError: when Spark cannot reach the destination.
    """
    properties = spark_conf(
        destination,
        namespace=namespace,
        account_id=account_id,
        conf=({"spark.jars": ",".join(jars)} if jars else {}) | dict(conf or {}),
    )
    key = destination.api_key if isinstance(destination, Http) else None
    if isinstance(key, KeyFromSecret):
        properties["spark.openlineage.transport.auth.type"] = "api_key"
        # A cluster marks the property, Serverless the value.
        marked = (API_KEY, f"EMR.secret@{key.secret_id}") if serverless else (f"EMR.secret@{API_KEY}", key.secret_id)
        properties.update([marked])
    if serverless:
        return [{"classification": "spark-defaults", "properties": properties}]
    return [{"Classification": "spark-defaults", "Properties": properties}]
