"""Looks up at AWS what a Redshift host, cluster or workgroup is.

Sources: the API references of Amazon Redshift (DescribeClusters) and Redshift Serverless (GetWorkgroup), whose answers
carry the account in ``ClusterNamespaceArn`` and ``workgroupArn``.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeAlias

from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError

from airflow_provider_dzlineage.aws.arns import Arn
from airflow_provider_dzlineage.aws.clients import client_config, make_client
from airflow_provider_dzlineage.aws.error_codes import (
    NO_CREDENTIALS_FIX,
    ErrorKind,
    error_code,
    error_kind,
    error_status,
    kind_of_error,
    remedy,
)
from airflow_provider_dzlineage.errors import DzLineageError, LookupFailedError
from airflow_provider_dzlineage.lineage.transforms.redshift import Kind, Warehouse

log = logging.getLogger(__name__)

# Makes a boto3 client of a service, such as ``redshift-serverless``, in a Region.
ClientFor: TypeAlias = Callable[[str, str], Any]

# A message waits for the response.
LOOKUP_CONFIG = client_config(connect_seconds=3, read_seconds=5, attempts=3)
# So long after a failure a name is not looked up again.
_FAILURE_SECONDS = 60.0
_REACHABLE = "make the service reachable"
_ALTERNATIVE = "or name it in the setting 'redshift'"


def lookup_client(service: str, region: str) -> Any:
    """Return a client for look-ups, with the environment's credentials; a :data:`ClientFor`."""
    return make_client(service, region, LOOKUP_CONFIG)


class RedshiftLookup:
    """Looks up each name once. Safe to share between threads."""

    def __init__(self, client_for: ClientFor) -> None:
        self._client_for = client_for
        self._lock = threading.Lock()
        # By host: when its look-up began, monotonic seconds, and its result, for which other threads wait meanwhile.
        self._lookups: dict[str, tuple[float, Future[Warehouse | None]]] = {}
        self._unknown: set[str] = set()

    def find(self, host: str, name: str | None, region: str | None) -> Warehouse | None:
        """Return the cluster or workgroup that a producer means; a :data:`FindWarehouse`.

        :return: None when there is none of this name, or the host contains no name.
        :raises LookupFailedError: when AWS did not answer, or denied access.
        """
        if name is None or region is None:
            self._log_unknown(host)
            return None
        now = time.monotonic()
        with self._lock:
            started, known = self._lookups.get(host, (now, None))
            has_failed = known is not None and known.done() and known.exception() is not None
            is_new = known is None or (has_failed and now - started > _FAILURE_SECONDS)
            result = Future() if known is None or is_new else known
            self._lookups[host] = (now if is_new else started, result)
        if is_new:
            try:
                result.set_result(self._warehouse(host, name, region))
            except BaseException as error:
                result.set_exception(error)
        return result.result()

    def _warehouse(self, host: str, name: str, region: str) -> Warehouse | None:
        # A whole host is either a cluster's or a workgroup's.
        is_cluster, is_workgroup = ".redshift." in host, ".redshift-serverless." in host
        found = None if is_workgroup else self._cluster(host, name, region)
        return found or (None if is_cluster else self._workgroup(host, name, region))

    def _cluster(self, host: str, name: str, region: str) -> Warehouse | None:
        response = self._call("redshift", region, "DescribeClusters", ClusterIdentifier=name) or {}
        cluster = next(iter(response.get("Clusters") or ()), None)
        if cluster is None or _is_of_another_account(host, (cluster.get("Endpoint") or {}).get("Address")):
            return None
        return _from_arn("provisioned", name, region, cluster.get("ClusterNamespaceArn"), "DescribeClusters")

    def _workgroup(self, host: str, name: str, region: str) -> Warehouse | None:
        response = self._call("redshift-serverless", region, "GetWorkgroup", workgroupName=name) or {}
        workgroup = response.get("workgroup")
        if workgroup is None or _is_of_another_account(host, (workgroup.get("endpoint") or {}).get("address")):
            return None
        return _from_arn("serverless", name, region, workgroup.get("workgroupArn"), "GetWorkgroup")

    def _call(self, service: str, region: str, operation: str, **parameters: str) -> Any:
        """Call an operation of AWS; return None when there is no such cluster or workgroup."""
        try:
            client = self._client_for(service, region)
            return getattr(client, xform_name(operation))(**parameters)
        except ClientError as error:
            if error_kind(error_code(error)) is ErrorKind.NOT_FOUND:
                return None
            raise _refused(error, service, region, operation) from error
        except DzLineageError as error:
            raise _failed(operation, region, error.message, error.fix or _REACHABLE) from error
        except BotoCoreError as error:
            kind = kind_of_error(error)
            if kind is ErrorKind.INVALID:
                # No cluster or workgroup can have such a name.
                return None
            fix = NO_CREDENTIALS_FIX if kind is ErrorKind.CREDENTIALS else _REACHABLE
            raise _failed(operation, region, str(error), fix) from error
        # What cannot be parsed is none of these, for example a proxy's page: ResponseParserError and others.
        except Exception as error:
            raise _failed(operation, region, type(error).__name__) from error

    def _log_unknown(self, host: str) -> None:
        with self._lock:
            if host in self._unknown:
                return
            self._unknown.add(host)
        log.info("Redshift tables on %s keep their names: the setting 'redshift' does not say what it is.", host)


def _refused(error: ClientError, service: str, region: str, operation: str) -> LookupFailedError:
    kind, code = kind_of_error(error), error_code(error)
    action = f"{service}:{operation}"
    fix = remedy(code, error_status(error), action=action, resource="the warehouse", not_found=_REACHABLE)
    if kind is ErrorKind.ACCESS_DENIED:
        return _failed(operation, region, f"access denied ({code})", fix, "redshift_lookup_denied")
    if kind is ErrorKind.THROTTLED:
        fix = "wait, it is looked up again later"
    return _failed(operation, region, code, fix or _REACHABLE)


def _failed(
    operation: str, region: str, why: str, fix: str = _REACHABLE, reason: str = "redshift_lookup_failed"
) -> LookupFailedError:
    return LookupFailedError(f"{operation} in {region} failed: {why}", reason, fix=f"{fix}, {_ALTERNATIVE}")


def _from_arn(kind: Kind, name: str, region: str, arn: str | None, operation: str) -> Warehouse:
    found = Arn.parse(arn or "")
    if found is None:
        raise _failed(operation, region, "the response has no ARN")
    return Warehouse(kind, name, found.account, found.region)


def _is_of_another_account(host: str, address: str | None) -> bool:
    """Return whether a whole host is not the address that AWS returned for its name, which other accounts may use."""
    return ".redshift" in host and address is not None and address.lower() != host
