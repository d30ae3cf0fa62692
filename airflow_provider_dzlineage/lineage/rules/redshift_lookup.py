"""What a Redshift host, cluster or workgroup is: from the settings, else from AWS.

Sources: the API references of Amazon Redshift (DescribeClusters) and Redshift Serverless (GetWorkgroup), whose answers
carry the account in ``ClusterNamespaceArn`` and ``workgroupArn``.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any, TypeAlias

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

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
from airflow_provider_dzlineage.lineage.rules.redshift_setting import KnownWarehouses
from airflow_provider_dzlineage.lineage.transforms.redshift import Kind, Warehouse

log = logging.getLogger(__name__)

# Makes a boto3 client of a service, such as ``redshift-serverless``, in a Region.
ClientFor: TypeAlias = Callable[[str, str], Any]

# An answer is worth a moment; a message waits for it.
CLIENT_CONFIG = Config(connect_timeout=3, read_timeout=5, retries={"total_max_attempts": 3, "mode": "standard"})
# For so long a name that could not be asked is not asked again.
_FAILURE_SECONDS = 60.0
_ARN = re.compile(r"arn:[a-z-]+:[a-z-]+:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):")
_REACHABLE = "make the service reachable"
_ALTERNATIVE = "or name it in the setting 'redshift'"


class _Answer:
    """What AWS says about one name; others who ask meanwhile wait for it."""

    def __init__(self) -> None:
        self.future: Future[Warehouse | None] = Future()
        self._asked = time.monotonic()

    def is_stale(self) -> bool:
        """Tell whether it is a failure of some time ago."""
        is_old = time.monotonic() - self._asked > _FAILURE_SECONDS
        return is_old and self.future.done() and self.future.exception() is not None


class RedshiftLookup:
    """Finds out what a name means, once for each name. Safe to share between threads.

    :param static: the setting ``redshift``.
    :param client_for: makes the clients with which AWS is asked.
    :param home: AWS Region of what the setting names without one.
    :raises ConfigurationError: when the setting has the wrong form.
    """

    def __init__(self, static: Mapping[str, Any], client_for: ClientFor, home: str | None = None) -> None:
        self._known = KnownWarehouses(static, home)
        self._client_for = client_for
        self._lock = threading.Lock()
        self._answers: dict[str, _Answer] = {}
        self._unknown: set[str] = set()

    def known(self, host: str, name: str | None, region: str | None) -> Warehouse | None:
        """Return what the setting tells; see :meth:`find`."""
        return self._known.find(host, name, region)

    def find(self, host: str, name: str | None, region: str | None) -> Warehouse | None:
        """Return the cluster or workgroup that a producer means.

        :param host: as the producer writes it, lower case.
        :param name: identifier of the cluster or workgroup, as far as the host tells it.
        :param region: AWS Region, as far as the host tells it.
        :return: None when there is none of this name, or the host tells no name.
        :raises LookupFailedError: when AWS did not answer, or may not be asked.
        """
        if known := self._known.find(host, name, region):
            return known
        if name is None or region is None:
            self._tell_unknown(host)
            return None
        with self._lock:
            answer = self._answers.get(host)
            is_mine = answer is None or answer.is_stale()
            if answer is None or is_mine:
                answer = self._answers[host] = _Answer()
        if is_mine:
            self._ask(answer, host, name, region)
        return answer.future.result()

    def _ask(self, answer: _Answer, host: str, name: str, region: str) -> None:
        # A whole host says which of both it is.
        is_cluster, is_workgroup = ".redshift." in host, ".redshift-serverless." in host
        try:
            found = None if is_workgroup else self._cluster(host, name, region)
            found = found or (None if is_cluster else self._workgroup(host, name, region))
            answer.future.set_result(found)
        except BaseException as error:
            answer.future.set_exception(error)

    def _cluster(self, host: str, name: str, region: str) -> Warehouse | None:
        answer = self._call("redshift", region, "DescribeClusters", ClusterIdentifier=name) or {}
        cluster = next(iter(answer.get("Clusters") or ()), None)
        if cluster is None or _is_of_another_account(host, (cluster.get("Endpoint") or {}).get("Address")):
            return None
        return _warehouse("provisioned", name, region, cluster.get("ClusterNamespaceArn"), "DescribeClusters")

    def _workgroup(self, host: str, name: str, region: str) -> Warehouse | None:
        answer = self._call("redshift-serverless", region, "GetWorkgroup", workgroupName=name) or {}
        workgroup = answer.get("workgroup")
        if workgroup is None or _is_of_another_account(host, (workgroup.get("endpoint") or {}).get("address")):
            return None
        return _warehouse("serverless", name, region, workgroup.get("workgroupArn"), "GetWorkgroup")

    def _call(self, service: str, region: str, operation: str, **parameters: str) -> Any:
        """Ask AWS; return None when there is no such thing."""
        try:
            client = self._client_for(service, region)
            return getattr(client, _method(operation))(**parameters)
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

    def _tell_unknown(self, host: str) -> None:
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


def _warehouse(kind: Kind, name: str, region: str, arn: str | None, operation: str) -> Warehouse:
    match = _ARN.match(arn or "")
    if match is None:
        raise _failed(operation, region, "the answer has no ARN")
    return Warehouse(kind, name, match["account"], match["region"])


def _is_of_another_account(host: str, address: str | None) -> bool:
    """Tell whether a whole host is not the one that AWS tells of its name, which another account may use as well."""
    return ".redshift" in host and address is not None and address.lower() != host


def _method(operation: str) -> str:
    return {"DescribeClusters": "describe_clusters", "GetWorkgroup": "get_workgroup"}[operation]
