"""A sender of events to DataZone for a process that lives for one of them.

``PostLineageEvent`` goes without the SDK's client, whose service model would take such a process longer than the post.
"""

from __future__ import annotations

from functools import cached_property
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import BotoCoreError, ClientError, ConnectTimeoutError
from botocore.loaders import Loader
from botocore.parsers import RestJSONParser
from botocore.utils import get_environ_proxies

from airflow_provider_dzlineage.aws.clients import USER_AGENT
from airflow_provider_dzlineage.aws.deadline import Deadline, DeadlineExceededError
from airflow_provider_dzlineage.buffer.codec import escape_refused
from airflow_provider_dzlineage.catalog.client import catalog_error, client_token
from airflow_provider_dzlineage.catalog.rate_limiter import RateLimiter
from airflow_provider_dzlineage.errors import CatalogError, ThrottledError, UnavailableError
from airflow_provider_dzlineage.lineage.pipeline import Outcome
from airflow_provider_dzlineage.lineage.rules.from_settings import pipeline_of
from airflow_provider_dzlineage.settings.site import DEFAULT_RATE
from airflow_provider_dzlineage.transports.sdk_session import SdkSession, sdk_session
from airflow_provider_dzlineage.transports.signed_http import NO_TIME_LEFT, post, response_object, retry, send

if TYPE_CHECKING:
    from airflow_provider_dzlineage.settings.site import Settings
    from airflow_provider_dzlineage.transports.base import AwsConfig

_OPERATION = "PostLineageEvent"
# Source of these and of the request's form: the service model of DataZone in botocore.
_ENDPOINT_RULES = "datazone/2018-05-10/endpoint-rule-set-1"
_PARTITIONS = "partitions"


class DataZoneSender:
    """Sends events to one domain.

    :param settings: the domain and the rules.
    :param config: how AWS is reached.
    :raises ConfigurationError: when a transform is unknown or set wrongly.
    """

    def __init__(self, settings: Settings, config: AwsConfig) -> None:
        self._config = config
        self._region = config.region_name or settings.domain_region_name
        (self._domain_id,) = settings.required("domain_id")
        # By which look-ups end. Each emission sets its own.
        self.deadline = Deadline(0)
        self._pipeline = pipeline_of(settings, self.lookup_client)
        # Of this process only; it gives way to the others when DataZone throttles.
        self._rate_limiter = RateLimiter(DEFAULT_RATE)

    def send(self, text: str, deadline: Deadline) -> str | None:
        """Repair, trim and post one event, again after a passing failure while there is time.

        :param text: the event's JSON.
        :return: why it is not to be posted; None when it was.
        :raises DzLineageError: when it was not posted, with what to fix where that is known.
        """
        self.deadline = deadline
        # The bytes that the forwarder would receive from a queue.
        decision = self._pipeline.prepare(escape_refused(text).encode("utf-8"))
        if decision.event:
            decision = self._pipeline.encode([decision.event])
        if decision.event:
            self._post(decision.event.body, deadline)
            return None
        if decision.error and decision.outcome is not Outcome.SKIPPED:
            raise decision.error
        return decision.reason

    @cached_property
    def _session(self) -> SdkSession:
        return sdk_session("datazone", self._config, region=self._region, default_endpoint=default_endpoint)

    def _post(self, body: bytes, deadline: Deadline) -> None:
        session = self._session
        try:
            retry(deadline, lambda: self._attempt(session, body, deadline), UnavailableError)
        except DeadlineExceededError as error:
            raise UnavailableError(f"no time was left for the post: {NO_TIME_LEFT}", "NoTimeLeft") from error

    def _attempt(self, session: SdkSession, body: bytes, deadline: Deadline) -> None:
        path = f"/v2/domains/{quote(self._domain_id, safe='')}/lineage/events"
        headers = {
            "Content-Type": "application/octet-stream",
            "Client-Token": client_token(body),
            "User-Agent": USER_AGENT,
        }
        deadline.pause(self._rate_limiter.reserve(deadline.clock.now()))
        started = deadline.clock.now()
        try:
            response = post(session, "datazone", path, body, headers, deadline)
        except BotoCoreError as error:
            raise catalog_error(error, _OPERATION) from error
        if response.status_code != 200:
            refusal = catalog_error(ClientError(_error_response(response), _OPERATION), _OPERATION)
            if isinstance(refusal, ThrottledError):
                self._rate_limiter.back_off(deadline.clock.now(), started)
            raise refusal
        # A 200 of DataZone, which may leave out the event's id, and not of a proxy.
        if response_object(response) is None:
            raise CatalogError(f"{_OPERATION}: the answer does not confirm the event", "Unconfirmed")

    def lookup_client(self, service: str, region: str) -> Any:
        """Make a boto3 client for the look-ups of the rules, with the transport's credentials.

        It sends each request once, by ``deadline``: a client's own time-outs are fixed when it is made, and it
        outlives an emission.

        :param service: as boto3 calls it.
        """
        from botocore.config import Config
        from botocore.session import Session

        session = Session(profile=self._config.profile_name)
        # All that a session wants of its provider of credentials.
        provider = SimpleNamespace(load_credentials=lambda: self._session.credentials)
        session.register_component("credential_provider", provider)
        client = session.create_client(
            service,
            region_name=region,
            config=Config(retries={"total_max_attempts": 1, "mode": "standard"}, user_agent=USER_AGENT),
        )
        client.meta.events.register("before-send", self._send_lookup)  # type: ignore[arg-type]  # it may return an answer
        return client

    def _send_lookup(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        # What a handler of this event returns is the answer. Source: "before-send" in botocore.endpoint.
        proxies = get_environ_proxies(request.url)
        try:
            return send(request, verify=self._session.verify, proxies=proxies, deadline=self.deadline)
        except DeadlineExceededError as error:
            raise ConnectTimeoutError(endpoint_url=request.url) from error


def default_endpoint(region: str, session: Any) -> str:
    """Return DataZone's endpoint by the SDK's own rules.

    :param session: an object with ``get_config_variable``.
    :raises BotoCoreError: when there is none.
    """
    loader = Loader()
    provider = EndpointProvider(loader.load_data(_ENDPOINT_RULES), loader.load_data(_PARTITIONS))
    fips = bool(session.get_config_variable("use_fips_endpoint"))
    return str(provider.resolve_endpoint(Region=region, UseFIPS=fips).url)


def _error_response(response: AWSResponse) -> Any:
    parts = {"status_code": response.status_code, "headers": response.headers, "body": response.content}
    try:
        # Without a shape it reads what all errors have: code, message, request id.
        return RestJSONParser().parse(parts, None)  # type: ignore[arg-type]
    except Exception:
        # Not an answer of AWS, but of something between, whose status says nothing about the domain.
        return {"Error": {"Code": f"HTTP {response.status_code}", "Message": ""}}
