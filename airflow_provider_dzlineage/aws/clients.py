"""boto3 clients with the environment's credentials, every lineage operation, and errors that say what to set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_provider_dzlineage.aws.botocore_models import complete_lineage_operations
from airflow_provider_dzlineage.errors import ConfigurationError

if TYPE_CHECKING:
    from botocore.config import Config


def boto3_client(service: str, region: str | None, config: Config) -> Any:
    """Return a client.

    :param service: as boto3 calls it, for example ``sqs``.
    :param region: AWS Region; None for that of the environment.
    :raises ConfigurationError: when the Region, the profile or an endpoint URL is missing or wrong.
    """
    # Imported here, since modules that only may need a client are imported where every millisecond counts.
    import boto3
    from botocore.exceptions import BotoCoreError, NoRegionError

    try:
        session = boto3.Session(region_name=region)
        complete_lineage_operations(session)
        return session.client(service, config=config)
    except NoRegionError:
        setting = "region_name" if service == "sqs" else "domain_region_name"
        fix = f"set {setting!r}, AWS_DEFAULT_REGION or the Region of the AWS profile"
        raise ConfigurationError("the Region is not known", fix=fix) from None
    except (BotoCoreError, ValueError) as error:
        raise ConfigurationError(f"no client for {service}: {error}") from error
