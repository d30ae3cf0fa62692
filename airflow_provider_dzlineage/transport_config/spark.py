"""Spark: the configuration of OpenLineage's listener.

Sources: OpenLineage's pages "Spark Config Parameters" and "Transports" of the Java client; its ``ArgumentParser``,
``UrlParser`` and ``HttpTransport``. Written is what 1.12.0 up to 1.53.0 read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from airflow_provider_dzlineage.errors import ConfigurationError
from airflow_provider_dzlineage.transport_config.destinations import DataZone, Destination, Sqs
from airflow_provider_dzlineage.transport_config.keys import KeyInClear

LISTENER = "io.openlineage.spark.agent.OpenLineageSparkListener"
API_KEY = "spark.openlineage.transport.auth.apiKey"
_LISTENERS = "spark.extraListeners"
# Of endpoints, by the beginning of the Region. Source: the endpoint rules of DataZone in botocore.
_DOMAINS = {"cn-": "api.amazonwebservices.com.cn", "eusc-": "amazonaws.eu"}


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
        destination,
        namespace=namespace,
        account_id=account_id,
        environment_variables=environment_variables,
        conf=conf,
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
        destination,
        namespace=namespace,
        account_id=account_id,
        environment_variables=environment_variables,
        conf=conf,
    )
    arguments = ["--jars", ",".join(jars)] if jars else []
    for key, value in settings.items():
        arguments += ["--conf", f"{key}={value}"]
    return arguments


def _transport_keys(destination: Destination) -> dict[str, str]:
    if isinstance(destination, Sqs):
        raise ConfigurationError("Spark has no transport into SQS: send to the HTTP endpoint, or straight to DataZone")
    if isinstance(destination, DataZone):
        keys = {"type": "amazon_datazone_api", "domainId": destination.domain_id}
        if endpoint := destination.endpoint_url or _datazone_url(destination.region_name):
            keys["endpointOverride"] = endpoint
        return keys
    # The path is no part of the URL: the listener would cut it down to what it knows.
    keys = {"type": "http", "url": destination.host_url, "endpoint": destination.path}
    if destination.gzip:
        keys["compression"] = "gzip"
    if destination.timeout is not None:
        keys["timeoutInMillis"] = str(round(destination.timeout * 1000))
    if isinstance(destination.api_key, KeyInClear):
        keys |= {"auth.type": "api_key", "auth.apiKey": destination.api_key.value}
    return keys


def _datazone_url(region: str | None) -> str | None:
    if not region:
        return None
    domain = next((domain for start, domain in _DOMAINS.items() if region.startswith(start)), "api.aws")
    return f"https://datazone.{region}.{domain}"
