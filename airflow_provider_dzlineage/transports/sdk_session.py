"""What the AWS SDK's configuration says about requests to a service: credentials, Region, endpoint, TLS and proxies."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.configprovider import ConfiguredEndpointProvider
from botocore.credentials import AssumeRoleCredentialFetcher, Credentials, DeferredRefreshableCredentials
from botocore.exceptions import BotoCoreError
from botocore.utils import get_environ_proxies

from airflow_provider_dzlineage.errors import ConfigurationError
from airflow_provider_dzlineage.transports.light_session import session_of

if TYPE_CHECKING:
    from airflow_provider_dzlineage.transports.base import AwsConfig


@dataclass(frozen=True)
class SdkSession:
    """The outcome of the SDK's rules for one service.

    :param credentials: they refresh themselves where their source can.
    :param region: for the signature.
    :param endpoint: URL that requests go to.
    :param verify: whether, or with which bundle of certificates, TLS is verified.
    :param proxies: scheme to URL.
    """

    credentials: Credentials
    region: str
    endpoint: str
    verify: bool | str
    proxies: dict[str, str]


def sdk_session(
    service: str, config: AwsConfig, *, region: str | None, default_endpoint: Callable[[str, Any], str]
) -> SdkSession:
    """Apply the SDK's rules for a service, with the transport's own options first.

    :param service: as the SDK calls it.
    :param region: what is known of the Region before the SDK is asked.
    :param default_endpoint: returns the service's endpoint when none is configured, from the Region and an object with
        ``get_config_variable``.
    :raises ConfigurationError: when there are no credentials or no Region, or the profile does not exist.
    """
    try:
        # Credentials may take half of the time-out, so that the other half is left for sending.
        session = session_of(config.profile_name, request_seconds=config.timeout / 2)
        region = region or session.get_config_variable("region")
        if not region:
            raise ConfigurationError(
                f"{config.TRANSPORT}: the Region is not known; set the key 'region_name', for example \"us-east-1\""
            )
        # STS and SSO are asked in the same Region, as by an SDK client of the service.
        session.set_config_variable("region", region)
        endpoint = config.endpoint_url or _configured_endpoint(service, session) or default_endpoint(region, session)
        return SdkSession(
            credentials=_credentials(session, config),
            region=region,
            endpoint=endpoint,
            verify=session.get_config_variable("ca_bundle") or os.environ.get("REQUESTS_CA_BUNDLE", True),
            proxies=get_environ_proxies(endpoint),
        )
    except BotoCoreError as error:
        raise ConfigurationError(f"{config.TRANSPORT}: {error}") from error


def _configured_endpoint(service: str, session: Any) -> str | None:
    if session.get_config_variable("ignore_configured_endpoint_urls"):
        return None
    endpoint: str | None = ConfiguredEndpointProvider(
        full_config=session.full_config, scoped_config=session.get_scoped_config(), client_name=service
    ).provide()
    return endpoint


def _credentials(session: Any, config: AwsConfig) -> Credentials:
    credentials: Credentials | None = session.get_credentials()
    if credentials is None:
        raise ConfigurationError(
            f"{config.TRANSPORT}: there are no AWS credentials; give the process a role, a profile or keys"
        )
    if config.role_arn is None:
        return credentials
    fetcher = AssumeRoleCredentialFetcher(
        client_creator=session.create_client,
        source_credentials=credentials,
        role_arn=config.role_arn,
        extra_args={"RoleSessionName": "dzlineage"},
    )
    return DeferredRefreshableCredentials(refresh_using=fetcher.fetch_credentials, method="assume-role")
