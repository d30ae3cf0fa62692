"""The AWS SDK's configuration of requests to a service: credentials, Region, endpoint, TLS and proxies."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from botocore.configprovider import ConfiguredEndpointProvider, ConfigValueStore, create_botocore_default_config_mapping
from botocore.credentials import (
    AssumeRoleCredentialFetcher,
    Credentials,
    DeferredRefreshableCredentials,
    EnvProvider,
    ReadOnlyCredentials,
    create_credential_resolver,
)
from botocore.exceptions import BotoCoreError, CredentialRetrievalError
from botocore.utils import get_environ_proxies

from airflow_provider_dzlineage.aws.error_codes import NO_CREDENTIALS_FIX
from airflow_provider_dzlineage.errors import ConfigurationError

if TYPE_CHECKING:
    from botocore.session import Session

    from airflow_provider_dzlineage.transports.base import AwsConfig


class CredentialsError(CredentialRetrievalError):
    """The source of credentials did not give any."""

    fmt = "cannot get AWS credentials: {error}"


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
    proxies: Mapping[str, str]

    def frozen_credentials(self) -> ReadOnlyCredentials:
        """Return the credentials to sign a request with.

        :raises CredentialsError: when their source does not give any.
        """
        try:
            return self.credentials.get_frozen_credentials()
        # Each source of credentials fails in words of its own: BotoCoreError, ClientError, RuntimeError, ...
        except Exception as error:
            raise CredentialsError(error=error) from error


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
        session = botocore_session(config.profile_name, request_seconds=config.timeout / 2)
        region = region or session.get_config_variable("region")
        if not region:
            fix = "set the key 'region_name', for example \"us-east-1\""
            raise ConfigurationError(f"{config.TRANSPORT}: the Region is not known", fix=fix)
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
        raise ConfigurationError(f"{config.TRANSPORT}: there are no AWS credentials", fix=NO_CREDENTIALS_FIX)
    if config.role_arn is None:
        return credentials
    fetcher = AssumeRoleCredentialFetcher(
        client_creator=session.create_client,
        source_credentials=credentials,
        role_arn=config.role_arn,
        extra_args={"RoleSessionName": "dzlineage"},
    )
    return DeferredRefreshableCredentials(refresh_using=fetcher.fetch_credentials, method="assume-role")


def botocore_session(profile_name: str | None, *, request_seconds: float) -> Any:
    """Return a session of botocore, or :class:`LightSession` where that answers as the full one would.

    :param profile_name: AWS profile; None for the default rules.
    :param request_seconds: how long a request for credentials may take at most, seconds.
    """
    if profile_name or os.environ.get("AWS_PROFILE") or os.environ.get("AWS_DEFAULT_PROFILE") or _has_files():
        return _full_session(profile_name, request_seconds)
    return LightSession(request_seconds)


class LightSession:
    """A session of botocore for a process without AWS configuration files, as in a container or a Lambda function.

    Importing ``botocore.session`` brings the machinery of clients, which costs a process that lives for one request
    about as much as all else that it does. Without configuration files, the rules that remain (environment variables,
    web identity, container and instance credentials) are all in ``botocore.configprovider`` and
    ``botocore.credentials``, which work on any object with these methods.

    :param request_seconds: how long a request for credentials may take at most, seconds.
    """

    full_config: Mapping[str, Any] = {"profiles": {}}

    def __init__(self, request_seconds: float) -> None:
        self._request_seconds = request_seconds
        self._variables = ConfigValueStore(mapping=create_botocore_default_config_mapping(self))

    def get_config_variable(self, name: str) -> Any:
        """Return a variable of the SDK's configuration."""
        return self._variables.get_config_variable(name)

    def set_config_variable(self, name: str, value: Any) -> None:
        """Set a variable of the SDK's configuration, above the environment's."""
        self._variables.set_config_variable(name, value)

    def instance_variables(self) -> dict[str, Any]:
        """Return what was set on the session itself."""
        return {}

    def get_scoped_config(self) -> dict[str, Any]:
        """Return the profile's section of the configuration file."""
        return {}

    def user_agent(self) -> str:
        """Return the user agent for the instance metadata service."""
        return "dzlineage"

    def create_client(self, *args: Any, **kwargs: Any) -> Any:
        """Make a client, for those credentials that need one."""
        session = _full_session(None, self._request_seconds)
        session.set_config_variable("region", self.get_config_variable("region"))
        return session.create_client(*args, **kwargs)

    def get_credentials(self) -> Credentials | None:
        """Return the credentials that the chain finds."""
        # The environment is the chain's first link; the rest of it takes more time to set up than to ask.
        credentials: Credentials | None = EnvProvider().load()
        return credentials or create_credential_resolver(cast("Session", self)).load_credentials()


def _has_files() -> bool:
    # Source: "Configuration and credential file settings" in the AWS SDKs and Tools Reference Guide.
    places = {"AWS_CONFIG_FILE": "~/.aws/config", "AWS_SHARED_CREDENTIALS_FILE": "~/.aws/credentials"}
    return any(Path(os.environ.get(name, default)).expanduser().is_file() for name, default in places.items())


def _full_session(profile_name: str | None, request_seconds: float) -> Any:
    from botocore.config import Config
    from botocore.session import Session

    session = Session(profile=profile_name)
    # Its clients only fetch credentials; by default they would wait for minutes.
    half = request_seconds / 2
    session.set_default_client_config(
        Config(connect_timeout=half, read_timeout=half, retries={"total_max_attempts": 1})
    )
    return session
