"""boto3 clients for the look-ups of the rules, whose requests end when the emission has to."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.credentials import CredentialProvider, CredentialResolver, Credentials
from botocore.exceptions import ConnectTimeoutError
from botocore.utils import get_environ_proxies

from airflow_provider_dzlineage.aws.clients import USER_AGENT
from airflow_provider_dzlineage.aws.deadline import Deadline, DeadlineExceededError
from airflow_provider_dzlineage.transports.signed_http import send

if TYPE_CHECKING:
    from airflow_provider_dzlineage.transports.sdk_session import SdkSession


class LookupClients:
    """Makes clients with the credentials of a transport.

    A client's own time-outs are fixed when it is made, and it outlives an emission, so its requests are sent here.

    :param profile_name: AWS profile, for what else its section configures.
    :param get_session: returns the transport's own session.
    """

    def __init__(self, profile_name: str | None, get_session: Callable[[], SdkSession]) -> None:
        self._profile_name = profile_name
        self._get_session = get_session
        # Each emission sets its own.
        self.deadline = Deadline(0)

    def client_for(self, service: str, region: str) -> Any:
        """Make a client that sends each request once.

        :param service: as boto3 calls it.
        """
        from botocore.config import Config
        from botocore.session import Session

        session = Session(profile=self._profile_name)
        session.register_component(
            "credential_provider", CredentialResolver([_KnownCredentials(self._get_session().credentials)])
        )
        client = session.create_client(
            service,
            region_name=region,
            config=Config(retries={"total_max_attempts": 1, "mode": "standard"}, user_agent=USER_AGENT),
        )
        client.meta.events.register("before-send", self._send)  # type: ignore[arg-type]  # it may return an answer
        return client

    def _send(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        # What a handler of this event returns is the answer. Source: "before-send" in botocore.endpoint.
        proxies = get_environ_proxies(request.url)
        try:
            return send(request, verify=self._get_session().verify, proxies=proxies, deadline=self.deadline)
        except DeadlineExceededError as error:
            raise ConnectTimeoutError(endpoint_url=request.url) from error


class _KnownCredentials(CredentialProvider):
    """A source of credentials that were found already."""

    METHOD = "dzlineage"

    def __init__(self, credentials: Credentials) -> None:
        super().__init__()
        self._credentials = credentials

    def load(self) -> Credentials:
        return self._credentials
