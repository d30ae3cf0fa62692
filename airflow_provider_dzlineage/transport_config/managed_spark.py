"""Spark that AWS runs: job parameters for AWS Glue, configuration JSON for Amazon EMR.

Sources: AWS Glue's page on job parameters; the parameters that Amazon SageMaker Unified Studio sets for its own jobs
("Automate lineage capture from tools" in its user guide); "Configure applications" and "Store sensitive configuration
data in AWS Secrets Manager" in the EMR Release Guide; "Secrets Manager for data protection" in the EMR Serverless User
Guide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from airflow_provider_dzlineage.errors import ConfigurationError
from airflow_provider_dzlineage.transport_config.destinations import Destination, api_key_of
from airflow_provider_dzlineage.transport_config.keys import KeyFromSecret
from airflow_provider_dzlineage.transport_config.spark import API_KEY, spark_conf

# DataZone needs them in an event to see that it is Glue's.
GLUE_ENVIRONMENT = ("AWS_DEFAULT_REGION", "GLUE_VERSION", "GLUE_COMMAND_CRITERIA", "GLUE_PYTHON_VERSION")
_GLUE_SCRIPT = """\
import boto3
from pyspark import SparkConf
from pyspark.context import SparkContext

api_key = boto3.client("secretsmanager"{region}).get_secret_value(SecretId="{secret}")["SecretString"]
conf = SparkConf().set("spark.openlineage.transport.auth.type", "api_key").set("{key}", api_key)
sc = SparkContext.getOrCreate(conf)
"""


def glue_job_parameters(
    destination: Destination,
    *,
    jars: Sequence[str] = (),
    account_id: str | None = None,
    job_name: str | None = None,
    namespace: str | None = None,
    conf: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Return the parameters of a Glue job that make it send lineage.

    A key by reference is not among them: who may call ``glue:GetJob`` reads them. :func:`glue_script_lines` are the
    script's first lines, with which it takes the key from Secrets Manager.

    :param destination: :class:`Http` or :class:`DataZone`.
    :param jars: S3 URLs of the listener's jars. Glue 4.0 has none of its own; Glue 5.0 and later do.
    :param account_id: AWS account of the Glue catalog.
    :param job_name: name of the job, as DataZone shows it.
    :param namespace: of the job.
    :param conf: further settings of Spark, since a job has one ``--conf`` only.
    :return: texts by parameter, for boto3's ``DefaultArguments`` and for ``GlueJobOperator``'s
        ``create_job_kwargs={"DefaultArguments": …}`` and ``script_args``.
    :raises ConfigurationError: when Spark cannot reach the destination, or a value has a blank.
    """
    settings = spark_conf(
        destination,
        namespace=namespace,
        account_id=account_id,
        environment_variables=GLUE_ENVIRONMENT,
        conf=({"spark.glue.JOB_NAME": job_name} if job_name else {}) | dict(conf or {}),
    )
    for key, value in settings.items():
        if " " in value:
            raise ConfigurationError(f"the value of {key!r} has a blank, at which Glue's --conf ends")
    parameters = {"--conf": " --conf ".join(f"{key}={value}" for key, value in settings.items())}
    if jars:
        parameters |= {"--extra-jars": ",".join(jars), "--user-jars-first": "true"}
    return parameters


def glue_script_lines(destination: Destination) -> str:
    """Return the first lines of a Glue job's script, which take the API key from Secrets Manager.

    They stand before anything else makes a ``SparkContext``. The job's role needs ``secretsmanager:GetSecretValue``.

    :param destination: where events go.
    :return: Python; empty where no key comes from Secrets Manager.
    """
    key = api_key_of(destination)
    if not isinstance(key, KeyFromSecret):
        return ""
    region = f', region_name="{key.region_name}"' if key.region_name is not None else ""
    return _GLUE_SCRIPT.format(region=region, secret=key.secret_id, key=API_KEY)


def emr_configuration(
    destination: Destination,
    *,
    serverless: bool = False,
    jars: Sequence[str] = (),
    account_id: str | None = None,
    namespace: str | None = None,
    conf: Mapping[str, str] | None = None,
) -> list[dict[str, Any]]:
    """Return configuration classifications of EMR; parameters as :func:`glue_job_parameters`.

    A key in Secrets Manager is referred to as EMR has it, and fetched by EMR itself: the cluster's service role, or
    the job's role, needs ``secretsmanager:GetSecretValue``. A key from an environment variable is not in it.

    :param serverless: whether it is for EMR Serverless and not for a cluster on EC2.
    :param jars: URLs of the listener's jars; none where the release has them.
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
    key = api_key_of(destination)
    if isinstance(key, KeyFromSecret):
        properties["spark.openlineage.transport.auth.type"] = "api_key"
        # A cluster marks the property, Serverless the value.
        marked = (API_KEY, f"EMR.secret@{key.secret_id}") if serverless else (f"EMR.secret@{API_KEY}", key.secret_id)
        properties.update([marked])
    if serverless:
        return [{"classification": "spark-defaults", "properties": properties}]
    return [{"Classification": "spark-defaults", "Properties": properties}]
