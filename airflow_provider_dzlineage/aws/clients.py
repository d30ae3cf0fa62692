"""botocore clients: what those of all services share.

Imports of botocore what is cheap: the transports' hot path imports modules that declare a client's configuration.
"""

from __future__ import annotations

from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, NoRegionError

from airflow_provider_dzlineage import __version__
from airflow_provider_dzlineage.aws.botocore_models import complete_lineage_operations
from airflow_provider_dzlineage.errors import ConfigurationError

# Passed as a whole: botocore would build its own anew for each request, which is a fifth of what a request costs.
USER_AGENT = f"airflow-provider-dzlineage/{__version__}"

# Settings that hold the Region of a service.
_REGION_SETTINGS = {"sqs": ("'region_name'",), "datazone": ("'domain_region_name'",)}


def client_config(
    *,
    connect_seconds: float,
    read_seconds: float,
    attempts: int = 1,
    connections: int = 10,
    validates_parameters: bool = True,
) -> Config:
    """Return the configuration of a client.

    :param connect_seconds: time-out of connecting, for each address of the endpoint.
    :param read_seconds: time-out of each wait for a part of the response.
    :param attempts: how often botocore sends a request; 1 where callers retry, so that their rates and counts are true.
    :param connections: that are kept open at most.
    :param validates_parameters: whether botocore checks what it sends, which takes a tenth of a call's time.
    """
    return Config(
        connect_timeout=connect_seconds,
        read_timeout=read_seconds,
        retries={"total_max_attempts": attempts, "mode": "standard"},
        max_pool_connections=connections,
        parameter_validation=validates_parameters,
        tcp_keepalive=True,
        user_agent=USER_AGENT,
    )


def make_client(service: str, region: str | None, config: Config) -> Any:
    """Return a client with the credentials of the environment; one of DataZone knows every lineage operation.

    :param service: as botocore calls it, for example ``redshift-serverless``.
    :param region: AWS Region; None for that of the environment or the AWS profile.
    :raises ConfigurationError: when the Region is not known, or the AWS profile or the endpoint is wrong.
    """
    import botocore.session

    try:
        session = botocore.session.get_session()
        if service == "datazone":
            complete_lineage_operations(session)
        return session.create_client(service, region_name=region, config=config)
    except NoRegionError:
        places = [*_REGION_SETTINGS.get(service, ()), "AWS_DEFAULT_REGION"]
        fix = f"set {', '.join(places)} or the Region of the AWS profile"
        raise ConfigurationError("the Region is not known", fix=fix) from None
    except (BotoCoreError, ValueError) as error:
        raise ConfigurationError(f"no client for {service}: {error}") from error
