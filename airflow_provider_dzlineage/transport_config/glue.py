"""AWS Glue: job parameters.

Sources: AWS Glue's page on job parameters; the parameters that Amazon SageMaker Unified Studio sets for its own jobs
("Automate lineage capture from tools" in its user guide).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from airflow_provider_dzlineage.errors import ConfigurationError
from airflow_provider_dzlineage.transport_config.destinations import Destination, Http
from airflow_provider_dzlineage.transport_config.keys import KeyFromSecret
from airflow_provider_dzlineage.transport_config.spark import API_KEY, spark_conf

# DataZone needs them in an event to see that it is Glue's.
GLUE_ENVIRONMENT = ("AWS_DEFAULT_REGION", "GLUE_VERSION", "GLUE_COMMAND_CRITERIA", "GLUE_PYTHON_VERSION")
_SCRIPT = """\
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
    made = spark_conf(
        destination,
        namespace=namespace,
        account_id=account_id,
        environment_variables=GLUE_ENVIRONMENT,
        conf=({"spark.glue.JOB_NAME": job_name} if job_name else {}) | dict(conf or {}),
    )
    for key, value in made.items():
        if " " in value:
            raise ConfigurationError(f"the value of {key!r} has a blank, at which Glue's --conf ends")
    parameters = {"--conf": " --conf ".join(f"{key}={value}" for key, value in made.items())}
    if jars:
        parameters |= {"--extra-jars": ",".join(jars), "--user-jars-first": "true"}
    return parameters


def glue_script_lines(destination: Destination) -> str:
    """Return the first lines of a job's script, which take the API key from Secrets Manager.

    They stand before anything else makes a ``SparkContext``. The job's role needs ``secretsmanager:GetSecretValue``.

    :param destination: where events go.
    :return: Python; empty where no key comes from Secrets Manager.
    """
    key = destination.api_key if isinstance(destination, Http) else None
    if not isinstance(key, KeyFromSecret):
        return ""
    arn = key.secret_id.split(":")
    region = f', region_name="{arn[3]}"' if len(arn) > 3 else ""
    return _SCRIPT.format(region=region, secret=key.secret_id, key=API_KEY)
