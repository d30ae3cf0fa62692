"""The queue, the catalog and other AWS clients that the settings name."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, NoRegionError

from airflow_provider_dzlineage.aws.arns import region_of
from airflow_provider_dzlineage.aws.botocore_models import complete_lineage_operations
from airflow_provider_dzlineage.buffer.queue import CLIENT_CONFIG as SQS_CONFIG
from airflow_provider_dzlineage.buffer.queue import Queue
from airflow_provider_dzlineage.catalog.client import Catalog
from airflow_provider_dzlineage.errors import ConfigurationError
from airflow_provider_dzlineage.lineage.rules.redshift_lookup import CLIENT_CONFIG as LOOKUP_CONFIG
from airflow_provider_dzlineage.settings import Settings


def queue_of(settings: Settings) -> Queue:
    """Return the buffer that the settings name."""
    (url,) = settings.required("queue_url")
    return Queue(_client("sqs", settings.region_name or region_of(url), SQS_CONFIG), url)


def catalog_of(settings: Settings, config: Config) -> Catalog:
    """Return the domain that the settings name.

    :param config: for the boto3 client.
    """
    (domain_id,) = settings.required("domain_id")
    return Catalog(_client("datazone", settings.domain_region_name, config), domain_id)


def client_for(service: str, region: str) -> Any:
    """Return a boto3 client with which names are looked up."""
    return _client(service, region, LOOKUP_CONFIG)


def _client(service: str, region: str | None, config: Config) -> Any:
    try:
        session = boto3.Session(region_name=region)
        complete_lineage_operations(session)
        return session.client(service, config=config)
    except NoRegionError:
        name = "region_name" if service == "sqs" else "domain_region_name"
        fix = f"set {name!r}, AWS_DEFAULT_REGION or the Region of the AWS profile"
        raise ConfigurationError("the Region is not known", fix=fix) from None
    except (BotoCoreError, ValueError) as error:
        raise ConfigurationError(f"no client for {service}: {error}") from error
