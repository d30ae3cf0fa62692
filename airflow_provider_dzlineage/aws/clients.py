"""botocore clients: what those of all services share.

Imports of botocore what is cheap: the transports' hot path imports modules that declare a client's configuration.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, NoRegionError
from botocore.loaders import Loader

from airflow_provider_dzlineage import __version__
from airflow_provider_dzlineage.errors import ConfigurationError

# Passed as a whole: botocore would build its own anew for each request, which is a fifth of what a request costs.
USER_AGENT = f"airflow-provider-dzlineage/{__version__}"

_EXTRAS = str(Path(__file__).parent / "botocore_extras")

# Settings that hold the Region of a service.
_REGION_SETTINGS = {"sqs": "'region_name', ", "datazone": "'domain_region_name', "}


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
        fix = f"set {_REGION_SETTINGS.get(service, '')}AWS_DEFAULT_REGION or the Region of the AWS profile"
        raise ConfigurationError("the Region is not known", fix=fix) from None
    except (BotoCoreError, ValueError) as error:
        raise ConfigurationError(f"no client for {service}: {error}") from error


def complete_lineage_operations(session: Any) -> None:
    """Add every lineage operation to the DataZone clients of a session, for an older botocore that does not know them.

    Amazon MWAA 2.10.3 pins botocore 1.35.36, which has no ``GetLineageEvent`` and no ``ListLineageEvents``, hides the
    id that ``PostLineageEvent`` answers, and sends the idempotency token where DataZone does not look for it. botocore
    merges ``*.sdk-extras.json`` files of its search path into a service model (see ``botocore.loaders``); ours
    describes all this as the service model of botocore 1.43 does.

    :param session: a ``boto3.Session`` or botocore session that has not made a DataZone client yet.
    """
    if _botocore_is_complete():
        return
    loader = getattr(session, "_session", session).get_component("data_loader")
    if _EXTRAS not in loader.search_paths:
        loader.search_paths.append(_EXTRAS)


@cache
def _botocore_is_complete() -> bool:
    model = Loader().load_service_model("datazone", "service-2")
    token = model["shapes"]["PostLineageEventInput"]["members"]["clientToken"]
    return "ListLineageEvents" in model["operations"] and token["location"] == "header"
