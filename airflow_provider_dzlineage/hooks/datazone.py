"""Hook for the lineage of Amazon DataZone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from airflow.providers.amazon.aws.hooks.base_aws import AwsBaseHook

from airflow_provider_dzlineage.aws.clients import complete_lineage_operations
from airflow_provider_dzlineage.catalog.client import CLIENT_CONFIG, Catalog

if TYPE_CHECKING:
    from boto3.session import Session
    from botocore.config import Config
    from types_boto3_datazone import DataZoneClient


class DataZoneLineageHook(AwsBaseHook):
    """Interact with the lineage of Amazon DataZone, which is the lineage of Amazon SageMaker Catalog.

    Connections, roles, Regions and endpoints work as in every hook of the Amazon provider. Every operation raises a
    :class:`~airflow_provider_dzlineage.errors.CatalogError` that says whether to try again and what to fix.

    :param aws_conn_id: The Airflow connection for AWS credentials; None for those of the environment.
    :param verify: Whether to verify TLS certificates, or the path of a CA bundle; default from the connection.
    :param region_name: AWS Region of the domain; default from the connection or the environment.
    :param config: Configuration of the botocore client; by default one that leaves retries to the caller.
    """

    def __init__(
        self,
        aws_conn_id: str | None = AwsBaseHook.default_conn_name,
        verify: bool | str | None = None,
        region_name: str | None = None,
        config: Config | dict[str, Any] | None = None,
    ) -> None:
        super().__init__(aws_conn_id, verify, region_name, client_type="datazone", config=config or CLIENT_CONFIG)

    def get_session(self, *args: Any, **kwargs: Any) -> Session:
        """Return the session of the connection; its clients know every lineage operation."""
        session = super().get_session(*args, **kwargs)
        complete_lineage_operations(session)
        return session

    def catalog(self, domain_id: str) -> Catalog:
        """Return the lineage of one domain.

        :param domain_id: The domain's identifier, ``dzd_…`` or ``dzd-…``.
        """
        return Catalog(self.conn, domain_id)

    def post_lineage_event(self, domain_id: str, event: bytes | str | Mapping[str, Any]) -> str | None:
        """Post one OpenLineage run event; posting the same bytes again is the same request.

        :param domain_id: The domain's identifier.
        :param event: The event: JSON text, its UTF-8 bytes, or the parsed object.
        :return: The event's id; None from an SDK that does not pass it on.
        """
        if isinstance(event, Mapping):
            event = json.dumps(event, separators=(",", ":"))
        body = event.encode("utf-8") if isinstance(event, str) else event
        return self.catalog(domain_id).post_event(body)

    def get_lineage_event(self, domain_id: str, event_id: str) -> dict[str, Any]:
        """Return a posted event (``event``, bytes) and its ``processingStatus``.

        :param domain_id: The domain's identifier.
        :param event_id: The id that posting it returned.
        """
        return self.catalog(domain_id).get_event(event_id)

    def list_lineage_events(self, domain_id: str, **filters: Any) -> Iterator[dict[str, Any]]:
        """Yield the summaries of posted events, all pages.

        :param domain_id: The domain's identifier.
        :param filters: Of ListLineageEvents: ``processingStatus``, ``timestampAfter``, ``timestampBefore``,
            ``sortOrder``.
        """
        return self.catalog(domain_id).list_events(**filters)

    def get_lineage_node(self, domain_id: str, identifier: str, **moment: Any) -> dict[str, Any]:
        """Return a lineage node with its neighbours.

        :param domain_id: The domain's identifier.
        :param identifier: The node's id or its ``sourceIdentifier``.
        :param moment: ``eventTimestamp``, to see the node as it was then.
        """
        return self.catalog(domain_id).get_node(identifier, **moment)

    def list_lineage_node_history(self, domain_id: str, identifier: str, **filters: Any) -> Iterator[dict[str, Any]]:
        """Yield the versions of a lineage node, all pages.

        :param domain_id: The domain's identifier.
        :param identifier: The node's id or its ``sourceIdentifier``.
        :param filters: Of ListLineageNodeHistory: ``direction``, ``eventTimestampGTE``, ``eventTimestampLTE``,
            ``sortOrder``.
        """
        return self.catalog(domain_id).list_node_history(identifier, **filters)

    def test_connection(self) -> tuple[bool, str]:
        """Test the connection by listing a domain.

        :return: Whether DataZone answered, and a message for a person.
        """
        try:
            client: DataZoneClient = self.conn
            domains = client.list_domains(maxResults=1)["items"]
        except Exception as error:
            return False, f"{type(error).__name__}: {error}"
        visible = f"domain {domains[0]['id']} is visible" if domains else "no domain is visible"
        return True, f"Amazon DataZone answers in {client.meta.region_name}; {visible}"
