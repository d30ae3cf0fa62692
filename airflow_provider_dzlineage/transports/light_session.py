"""A botocore session for a process that has no AWS configuration files, as in a container or a Lambda function.

Importing ``botocore.session`` brings the machinery of clients, which costs a process that lives for one request about
as much as all else that it does. Without configuration files, the rules that remain (environment variables, web
identity, container and instance credentials) are all in ``botocore.configprovider`` and ``botocore.credentials``, which
work on any object that answers these few questions.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from botocore.configprovider import ConfigValueStore, create_botocore_default_config_mapping
from botocore.credentials import Credentials, EnvProvider, create_credential_resolver

if TYPE_CHECKING:
    from botocore.session import Session


def session_of(profile_name: str | None, *, request_seconds: float) -> Any:
    """Return a session: the light one where it answers as the full one would.

    :param profile_name: AWS profile that was asked for; None for the default rules.
    :param request_seconds: how long a request for credentials may take at most, seconds.
    """
    if profile_name or os.environ.get("AWS_PROFILE") or os.environ.get("AWS_DEFAULT_PROFILE") or _has_files():
        return _full_session(profile_name, request_seconds)
    return LightSession(request_seconds)


class LightSession:
    """Answers what the credential chain and the configuration variables ask of a session, as without any file.

    :param request_seconds: how long a request for credentials may take at most, seconds.
    """

    full_config: dict[str, Any] = {"profiles": {}}  # noqa: RUF012

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
        """Return what the instance metadata service is told."""
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
