"""``PostLineageEvent`` without the SDK's client.

Its service model would take a short-lived process longer than the post.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from botocore.awsrequest import AWSResponse
from botocore.credentials import ReadOnlyCredentials
from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import BotoCoreError, ClientError
from botocore.loaders import Loader
from botocore.parsers import RestJSONParser

from airflow_provider_dzlineage.aws import USER_AGENT
from airflow_provider_dzlineage.catalog.client import catalog_error, client_token
from airflow_provider_dzlineage.errors import CatalogError
from airflow_provider_dzlineage.transports.timed_http import NoTimeLeftError, post

if TYPE_CHECKING:
    from airflow_provider_dzlineage.transports.sdk_session import SdkSession

_OPERATION = "PostLineageEvent"
# Source of these and of the request's form: the service model of DataZone in botocore.
_RULES_OF_ENDPOINTS = "datazone/2018-05-10/endpoint-rule-set-1"
_PARTITIONS = "partitions"


def default_endpoint(region: str, session: Any) -> str:
    """Return DataZone's endpoint by the SDK's own rules.

    :param session: answers ``get_config_variable``.
    :raises BotoCoreError: when there is none.
    """
    loader = Loader()
    provider = EndpointProvider(loader.load_data(_RULES_OF_ENDPOINTS), loader.load_data(_PARTITIONS))
    fips = bool(session.get_config_variable("use_fips_endpoint"))
    return str(provider.resolve_endpoint(Region=region, UseFIPS=fips).url)


def post_lineage_event(
    sdk: SdkSession, credentials: ReadOnlyCredentials, domain_id: str, body: bytes, *, give_up: float
) -> None:
    """Post one run event, once.

    :param body: the event's JSON, UTF-8, at most 300,000 bytes.
    :param give_up: when to have ended, on the clock of ``time.monotonic``, seconds.
    :raises CatalogError: when DataZone does not answer with success; its subclass says whether to try again.
    :raises NoTimeLeftError: when nothing was sent for lack of time.
    """
    path = f"/v2/domains/{quote(domain_id, safe='')}/lineage/events"
    headers = {
        "Content-Type": "application/octet-stream",
        "Client-Token": client_token(body),
        "User-Agent": USER_AGENT,
    }
    try:
        response = post(sdk, "datazone", path, body, headers, credentials, give_up=give_up)
    except NoTimeLeftError:
        raise
    except BotoCoreError as error:
        raise catalog_error(error, _OPERATION) from error
    if response.status_code != 200:
        raise catalog_error(ClientError(_error_in(response), _OPERATION), _OPERATION)
    if not _is_confirmed(response.content):
        raise CatalogError(f"{_OPERATION}: the answer does not confirm the event", "Unconfirmed")


def _error_in(response: AWSResponse) -> Any:
    parts = {"status_code": response.status_code, "headers": response.headers, "body": response.content}
    try:
        # Without a shape it reads what all errors have: code, message, request id.
        return RestJSONParser().parse(parts, None)  # type: ignore[arg-type]
    except Exception:
        # Not an answer of AWS, but of something between.
        return {
            "Error": {"Code": f"HTTP {response.status_code}", "Message": ""},
            "ResponseMetadata": {"HTTPStatusCode": response.status_code},
        }


def _is_confirmed(content: bytes) -> bool:
    """Tell whether a 200 comes from DataZone, which may leave out the event's id, and not from a proxy."""
    try:
        return isinstance(json.loads(content), dict)
    except ValueError:
        return False
