"""The lineage operations of one Amazon DataZone domain."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from airflow_provider_dzlineage.aws import USER_AGENT
from airflow_provider_dzlineage.catalog.answers import understand

if TYPE_CHECKING:
    from types_boto3_datazone import DataZoneClient

# Retries are the forwarder's, so that its pace and its counts are true.
CLIENT_CONFIG = Config(
    connect_timeout=5,
    read_timeout=15,
    retries={"total_max_attempts": 1, "mode": "standard"},
    # One for each thread that posts, and some more for reading.
    max_pool_connections=40,
    user_agent=USER_AGENT,
)


def client_token(body: bytes, retry_of: str = "") -> str:
    """Return the idempotency token of a post: the same body is the same request, however often it is sent.

    :param retry_of: id of the event that DataZone failed to process: under its old token, a new post would only be
        answered with the old event.
    """
    return hashlib.sha256(body + retry_of.encode()).hexdigest()


class Catalog:
    """The lineage of one domain.

    Every method raises :class:`~airflow_provider_dzlineage.errors.CatalogError` when DataZone does not answer with
    success; its subclass says whether to try again.

    :param client: boto3 DataZone client, best made with :data:`CLIENT_CONFIG` and
        :func:`~.service_model.complete_lineage_operations`.
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
            "post_lineage_event",
            domainIdentifier=self.domain_id,
            event=body,
            clientToken=client_token(body, retry_of),
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
        """Return the domain's status, such as ``AVAILABLE``; None when DataZone does not tell it."""
        return self._call("get_domain", identifier=self.domain_id).get("status")

    def _pages(self, method: str, items: str, **parameters: Any) -> Iterator[dict[str, Any]]:
        # By hand: the paginators of older botocores do not know these operations.
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
            raise understand(error, self._client.meta.method_to_api_mapping[method]) from error
