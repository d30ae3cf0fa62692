"""The lineage operations of one Amazon DataZone domain, and what its errors mean for an event."""

from __future__ import annotations

import hashlib
import random
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from airflow_provider_dzlineage.aws.clients import client_config, make_client
from airflow_provider_dzlineage.aws.deadline import Deadline, DeadlineExceededError, Jitter
from airflow_provider_dzlineage.aws.error_codes import (
    NO_CREDENTIALS_FIX,
    ErrorKind,
    error_code,
    error_name,
    error_status,
    kind_of_error,
    remedy,
)
from airflow_provider_dzlineage.errors import (
    AccessDeniedError,
    CatalogError,
    NotFoundError,
    RefusedError,
    StopError,
    ThrottledError,
    UnavailableError,
    UnknownError,
)
from airflow_provider_dzlineage.settings.site import Settings

if TYPE_CHECKING:
    from types_boto3_datazone import DataZoneClient

    from airflow_provider_dzlineage.catalog.rate_limiter import RateLimiter

# No retries in botocore: the callers retry, so that their rates and counts are true.
# One connection for each thread that posts, and some more for reading.
CLIENT_CONFIG = client_config(connect_seconds=5, read_seconds=15, connections=40)

_ERRORS: dict[ErrorKind, type[CatalogError]] = {
    ErrorKind.THROTTLED: ThrottledError,
    ErrorKind.UNAVAILABLE: UnavailableError,
    ErrorKind.ACCESS_DENIED: AccessDeniedError,
    ErrorKind.NOT_FOUND: NotFoundError,
    ErrorKind.INVALID: RefusedError,
    ErrorKind.UNKNOWN: UnknownError,
}


class Catalog:
    """The lineage of one domain.

    Every method raises :class:`~airflow_provider_dzlineage.errors.CatalogError` when DataZone does not answer with
    success; its subclass says whether to try again.

    :param client: boto3 DataZone client, best made with :data:`CLIENT_CONFIG` and
        :func:`~airflow_provider_dzlineage.aws.clients.complete_lineage_operations`.
    :param domain_id: the domain's identifier, ``dzd_…`` or ``dzd-…``.
    """

    def __init__(self, client: DataZoneClient, domain_id: str) -> None:
        self._client = client
        self.domain_id = domain_id

    def post_event(self, body: bytes, retry_of: str = "") -> str | None:
        """Post one run event.

        :param body: the event's JSON, UTF-8, at most 300,000 bytes.
        :param retry_of: id that the event had when DataZone failed to process it; empty for a first post.
        :return: the id that DataZone gave it; None from an SDK that does not pass it on.
        """
        response = self._call(
            "post_lineage_event", domainIdentifier=self.domain_id, event=body, clientToken=client_token(body, retry_of)
        )
        return response.get("id")

    def get_event(self, event_id: str) -> dict[str, Any]:
        """Return a posted event with its ``processingStatus``.

        :param event_id: what :meth:`post_event` returned.
        :return: the members of GetLineageEvent's output; ``event`` is read into bytes.
        """
        response = self._call("get_lineage_event", domainIdentifier=self.domain_id, identifier=event_id)
        return {**response, "event": response["event"].read()}

    def list_events(self, **filters: Any) -> Iterator[dict[str, Any]]:
        """Yield the summaries of posted events, all pages.

        :param filters: of ListLineageEvents: ``processingStatus``, ``timestampAfter``, ``timestampBefore``,
            ``sortOrder``.
        """
        return self._pages("list_lineage_events", "items", **filters)

    def get_node(self, identifier: str, **moment: Any) -> dict[str, Any]:
        """Return a lineage node with its neighbours.

        :param identifier: the node's id or its ``sourceIdentifier``.
        :param moment: ``eventTimestamp``, to see the node as it was then.
        """
        return self._call("get_lineage_node", domainIdentifier=self.domain_id, identifier=identifier, **moment)

    def list_node_history(self, identifier: str, **filters: Any) -> Iterator[dict[str, Any]]:
        """Yield the versions of a node, all pages.

        :param identifier: the node's id or its ``sourceIdentifier``.
        :param filters: of ListLineageNodeHistory: ``direction``, ``eventTimestampGTE``, ``eventTimestampLTE``,
            ``sortOrder``.
        """
        return self._pages("list_lineage_node_history", "nodes", identifier=identifier, **filters)

    def portal_url(self) -> str | None:
        """Return the address of the domain's portal."""
        return self._call("get_domain", identifier=self.domain_id).get("portalUrl")

    def domain_status(self) -> str | None:
        """Return the domain's status, such as ``AVAILABLE``; None when the response has none."""
        return self._call("get_domain", identifier=self.domain_id).get("status")

    def _pages(self, method: str, items: str, **parameters: Any) -> Iterator[dict[str, Any]]:
        # Without botocore's paginators: those of older versions do not know these operations.
        token: dict[str, str] = {}
        while True:
            page = self._call(method, domainIdentifier=self.domain_id, **parameters, **token)
            yield from page.get(items, [])
            if not page.get("nextToken"):
                return
            token = {"nextToken": page["nextToken"]}

    def _call(self, method: str, **parameters: Any) -> dict[str, Any]:
        call: Callable[..., dict[str, Any]] = getattr(self._client, method)
        try:
            return call(**parameters)
        except (ClientError, BotoCoreError) as error:
            raise catalog_error(error, self._client.meta.method_to_api_mapping[method]) from error


class RateLimitedCatalog(Catalog):
    """A domain whose every request keeps to a rate, and is retried with backoff until a deadline.

    Safe to share between threads. When the deadline has passed, a request raises the last error.

    :param catalog: the domain.
    :param rate_limiter: says when requests may start.
    :param deadline: until when requests are sent and retried.
    :param jitter: returns a random number between two.
    """

    def __init__(
        self, catalog: Catalog, rate_limiter: RateLimiter, deadline: Deadline, *, jitter: Jitter = random.uniform
    ) -> None:
        super().__init__(catalog._client, catalog.domain_id)
        self._rate_limiter = rate_limiter
        self._deadline = deadline
        self._jitter = jitter
        self._lock = threading.Lock()
        self.requests = 0
        self.throttled = 0

    def _call(self, method: str, **parameters: Any) -> dict[str, Any]:
        try:
            return self._deadline.retry(
                lambda: self._attempt(method, parameters),
                is_retryable=lambda error: isinstance(error, UnavailableError),
                jitter=self._jitter,
            )
        except DeadlineExceededError:
            raise UnavailableError("no time is left to ask DataZone", "NoTimeLeft") from None

    def _attempt(self, method: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        clock = self._deadline.clock
        self._deadline.pause(self._rate_limiter.reserve(clock.now()))
        if self._deadline.passed():
            raise DeadlineExceededError
        started = clock.now()
        with self._lock:
            self.requests += 1
        try:
            return super()._call(method, **parameters)
        except ThrottledError:
            self._rate_limiter.back_off(clock.now(), started)
            with self._lock:
                self.throttled += 1
            raise


def client_token(body: bytes, retry_of: str = "") -> str:
    """Return the idempotency token of a post: the same body is the same request, however often it is sent.

    :param retry_of: id of the event that DataZone failed to process: under its old token, a new post would only be
        answered with the old event.
    """
    return hashlib.sha256(body + retry_of.encode()).hexdigest()


def catalog_error(error: BotoCoreError | ClientError, operation: str) -> CatalogError:
    """Return the error to raise in place of one of botocore; its type says what to do with the event.

    :param error: what the boto3 client raised.
    :param operation: name of the API operation, for example ``PostLineageEvent``.
    """
    code, status, kind = error_code(error), error_status(error), kind_of_error(error)
    if not isinstance(error, ClientError):
        if kind.is_retryable:
            return UnavailableError(f"DataZone cannot be reached: {code}", code)
        fix = NO_CREDENTIALS_FIX if kind is ErrorKind.CREDENTIALS else ""
        return StopError(f"{operation} cannot be sent: {error}", code, fix=fix)
    fix = remedy(
        code,
        status,
        action=f"datazone:{operation}",
        resource="the domain",
        not_found="check the setting 'domain_id' and the Region of the domain",
    )
    if error_name(code) == "Unauthorized":
        fix = "add the role that runs this to the domain"
    message = f"{operation}: {code}: {error.response['Error'].get('Message', '')}"
    request_id = str(error.response.get("ResponseMetadata", {}).get("RequestId", ""))
    return _ERRORS.get(kind, StopError)(message, code, request_id, fix=fix)


def catalog_of(settings: Settings, config: Config = CLIENT_CONFIG) -> Catalog:
    """Return the domain that the settings name.

    :param config: of the client.
    :raises ConfigurationError: when they name none, or there is no client for it.
    """
    (domain_id,) = settings.required("domain_id")
    return Catalog(make_client("datazone", settings.domain_region_name, config), domain_id)
