"""Spark: the configuration of OpenLineage's listener, and what AWS Glue and Amazon EMR take.

Sources: OpenLineage's pages "Spark Config Parameters" and "Transports" of the Java client; its ``ArgumentParser``,
``UrlParser`` and ``HttpTransport``. Written is what 1.12.0 up to 1.53.0 read. AWS Glue's page on job parameters; the
parameters that Amazon SageMaker Unified Studio sets for its own jobs ("Automate lineage capture from tools" in its user
guide); "Configure applications" and "Store sensitive configuration data in AWS Secrets Manager" in the EMR Release
Guide; "Secrets Manager for data protection" in the EMR Serverless User Guide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from airflow_provider_dzlineage.errors import ConfigurationError
from airflow_provider_dzlineage.transport_config.destinations import (
    DataZone,
    Destination,
    KeyFromSecret,
    KeyInClear,
    Sqs,
    fetch_expression,
)

LISTENER = "io.openlineage.spark.agent.OpenLineageSparkListener"
API_KEY = "spark.openlineage.transport.auth.apiKey"
_LISTENERS = "spark.extraListeners"
# Of endpoints, by the beginning of the Region. Source: the endpoint rules of DataZone in botocore.
_DOMAINS = {"cn-": "api.amazonwebservices.com.cn", "eusc-": "amazonaws.eu"}
# DataZone needs them in an event to see that it is Glue's.
GLUE_ENVIRONMENT = ("AWS_DEFAULT_REGION", "GLUE_VERSION", "GLUE_COMMAND_CRITERIA", "GLUE_PYTHON_VERSION")
_GLUE_SCRIPT = """\
import boto3
from pyspark import SparkConf
from pyspark.context import SparkContext

api_key = {fetch}
conf = SparkConf().set("spark.openlineage.transport.auth.type", "api_key").set("{key}", api_key)
sc = SparkContext.getOrCreate(conf)
"""


def spark_conf(
    destination: Destination,
    *,
    namespace: str | None = None,
    account_id: str | None = None,
    environment_variables: Sequence[str] = (),
    conf: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Return Spark's configuration, as ``SparkConf.setAll`` and ``SparkSubmitOperator(conf=…)`` take it.

    A key by reference is not in it, since Spark expands nothing: the key comes from a property file, Secrets Manager or
    the program itself, as :data:`API_KEY` beside ``spark.openlineage.transport.auth.type=api_key``.

    :param destination: :class:`Http` or :class:`DataZone`; Spark has no transport into SQS.
    :param namespace: of the jobs; the listener's own default is ``default``.
    :param account_id: AWS account of the Glue catalog, from which the listener makes the names of its tables.
    :param environment_variables: names of environment variables that events carry.
    :param conf: further settings; listeners in it stay beside OpenLineage's.
    :return: texts by key.
    :raises ConfigurationError: when Spark cannot reach the destination, or a value cannot stand in its configuration.
    """
    further = dict(conf or {})
    listeners = [name for name in further.pop(_LISTENERS, "").split(",") if name and name != LISTENER]
    settings = {_LISTENERS: ",".join([LISTENER, *listeners])}
    settings |= {f"spark.openlineage.transport.{key}": value for key, value in _transport_keys(destination).items()}
    if namespace:
        settings["spark.openlineage.namespace"] = namespace
    if environment_variables:
        # The trailing semicolon is how DataZone's user guide writes it; the listener skips what is blank.
        settings["spark.openlineage.facets.custom_environment_variables"] = f"[{';'.join(environment_variables)};]"
    if account_id:
        settings["spark.glue.accountId"] = account_id
    settings |= further
    for key, value in settings.items():
        if not value.isprintable() or not value or not key.isprintable() or set(key) & set(" =:#"):
            raise ConfigurationError(f"the value of {key!r} cannot stand in a Spark configuration")
    return settings


def spark_defaults(
    destination: Destination,
    *,
    namespace: str | None = None,
    account_id: str | None = None,
    environment_variables: Sequence[str] = (),
    conf: Mapping[str, str] | None = None,
) -> str:
    """Return lines for ``spark-defaults.conf``, or a file for ``--properties-file``; parameters as :func:`spark_conf`.

    A file that only the job's user reads is the place for a key in clear.
    """
    settings = spark_conf(
        destination, namespace=namespace, account_id=account_id, environment_variables=environment_variables, conf=conf
    )
    # As java.util.Properties reads it, with which Spark does.
    return "".join(f"{key} {value}\n".replace("\\", "\\\\") for key, value in settings.items())


def spark_submit_arguments(
    destination: Destination,
    *,
    namespace: str | None = None,
    account_id: str | None = None,
    environment_variables: Sequence[str] = (),
    jars: Sequence[str] = (),
    conf: Mapping[str, str] | None = None,
) -> list[str]:
    """Return arguments for ``spark-submit``; parameters as :func:`spark_conf`.

    Whoever lists a machine's processes reads them: a key in clear belongs into :func:`spark_defaults`.

    :param jars: paths or URLs of the listener's jars; none where Spark has them.
    :return: ``--jars`` and a ``--conf`` for each setting, each argument in one text.
    """
    settings = spark_conf(
        destination, namespace=namespace, account_id=account_id, environment_variables=environment_variables, conf=conf
    )
    arguments = ["--jars", ",".join(jars)] if jars else []
    for key, value in settings.items():
        arguments += ["--conf", f"{key}={value}"]
    return arguments


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
    if not isinstance(destination.api_key, KeyFromSecret):
        return ""
    return _GLUE_SCRIPT.format(fetch=fetch_expression(destination.api_key).replace("'", '"'), key=API_KEY)


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
    key = destination.api_key
    if isinstance(key, KeyFromSecret):
        properties["spark.openlineage.transport.auth.type"] = "api_key"
        # A cluster marks the property, Serverless the value.
        marked = (API_KEY, f"EMR.secret@{key.secret_id}") if serverless else (f"EMR.secret@{API_KEY}", key.secret_id)
        properties.update([marked])
    if serverless:
        return [{"classification": "spark-defaults", "properties": properties}]
    return [{"Classification": "spark-defaults", "Properties": properties}]


def _transport_keys(destination: Destination) -> dict[str, str]:
    if isinstance(destination, Sqs):
        raise ConfigurationError("Spark has no transport into SQS: send to the HTTP endpoint, or straight to DataZone")
    if isinstance(destination, DataZone):
        keys = {"type": "amazon_datazone_api", "domainId": destination.domain_id}
        region, endpoint = destination.region_name, destination.endpoint_url
        if region and not endpoint:
            domain = next((domain for start, domain in _DOMAINS.items() if region.startswith(start)), "api.aws")
            endpoint = f"https://datazone.{region}.{domain}"
        return keys | ({"endpointOverride": endpoint} if endpoint else {})
    # The path is no part of the URL: the listener would cut it down to what it knows.
    keys = {"type": "http", "url": destination.host_url, "endpoint": destination.path}
    if destination.gzip:
        keys["compression"] = "gzip"
    if destination.timeout is not None:
        keys["timeoutInMillis"] = str(round(destination.timeout * 1000))
    if isinstance(destination.api_key, KeyInClear):
        keys |= {"auth.type": "api_key", "auth.apiKey": destination.api_key.value}
    return keys
