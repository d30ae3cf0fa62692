"""Findings: what a check reports, with what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from enum import Enum
from typing import TypeAlias

from airflow_provider_dzlineage.errors import (
    CatalogError,
    ConfigurationError,
    DzLineageError,
    QueueError,
    QueueUnavailableError,
    ThrottledError,
    UnavailableError,
    UnknownError,
    mask_urls,
)


class CheckVerdict(str, Enum):
    """The severity of a finding."""

    PASS = "pass"  # noqa: S105
    WARN = "warn"
    FAIL = "fail"
    SKIP = "skip"


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's report.

    :param check: the subject, in a few words.
    :param detail: what was found; contains no secret.
    :param fix: what to do about it, in one line; empty when there is nothing to do.
    """

    check: str
    verdict: CheckVerdict
    detail: str = ""
    fix: str = ""

    def log_line(self) -> str:
        """Return the finding as one line of a log."""
        fix = f" -- to fix: {self.fix}" if self.fix else ""
        return f"{self.verdict.value} {self.check}: {self.detail}{fix}"

    def to_dict(self) -> dict[str, str]:
        """Return the finding as a JSON object."""
        return {**asdict(self), "verdict": self.verdict.value}


Check: TypeAlias = Callable[[], Iterable[Finding]]


def passed(check: str, detail: str = "") -> Finding:
    """Return a finding that something is as it should be."""
    return Finding(check, CheckVerdict.PASS, _one_line(detail))


def warned(check: str, detail: str, fix: str) -> Finding:
    """Return a finding that something may go wrong."""
    return Finding(check, CheckVerdict.WARN, _one_line(detail), _one_line(fix))


def failed(check: str, detail: str, fix: str) -> Finding:
    """Return a finding that something does not work."""
    return Finding(check, CheckVerdict.FAIL, _one_line(detail), _one_line(fix))


def skipped(check: str, reason: str) -> Finding:
    """Return a finding that something was not checked."""
    return Finding(check, CheckVerdict.SKIP, _one_line(reason))


def failed_with(check: str, error: DzLineageError, default_fix: str = "") -> Finding:
    """Return a finding of an error of this package.

    :param default_fix: for an error without a fix of its own; by default what is usual for such an error.
    """
    return failed(check, error.message, error.fix or default_fix or usual_fix(error))


def _one_line(text: str) -> str:
    return mask_urls(" ".join(text.split()))


_CREDENTIALS = "give the process a role, a profile or keys; aws sts get-caller-identity shows which it has"
_NETWORK = "check network, proxy and security groups, and that the Region has the service or the VPC an endpoint of it"
_SIGN_IN = "sign in again, with aws sso login"
_REGION = "set AWS_DEFAULT_REGION, the Region of the AWS profile, or the settings region_name and domain_region_name"
# By the names of exceptions of botocore and Airflow, which this package does not import here.
_FIX_BY_NAME = {
    "NoRegionError": _REGION,
    "NoCredentialsError": _CREDENTIALS,
    "PartialCredentialsError": "set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or neither",
    "CredentialRetrievalError": "check the role or credential_process of the AWS profile",
    "ProfileNotFound": "set AWS_PROFILE to a profile that aws configure list-profiles names, or remove it",
    "SSOTokenLoadError": _SIGN_IN,
    "UnauthorizedSSOTokenError": _SIGN_IN,
    "TokenRetrievalError": _SIGN_IN,
    "SSLError": "set AWS_CA_BUNDLE to the certificates of the proxy in between",
    "ProxyConnectionError": "check HTTPS_PROXY and NO_PROXY",
    "EndpointConnectionError": _NETWORK,
    "ConnectTimeoutError": _NETWORK,
    "ConnectionClosedError": _NETWORK,
    "ReadTimeoutError": _NETWORK,
    "AirflowNotFoundException": "create the Airflow connections that sqs_conn_id and datazone_conn_id name",
}
# The first that an error is an instance of counts.
_FIX_BY_TYPE: dict[type[DzLineageError], str] = {
    ConfigurationError: "correct the setting that the message names",
    ThrottledError: "run it again in a minute; the account's quota is used up for the moment",
    UnknownError: "look the code up in the API reference of Amazon DataZone; it is not a usual one",
    UnavailableError: "run it again in some minutes; the AWS Health Dashboard shows outages",
    QueueUnavailableError: "run it again in some minutes; the AWS Health Dashboard shows outages",
    CatalogError: "check the setting 'domain_id', the Region of the domain and the AWS credentials",
    QueueError: "check the setting 'queue_url', its Region and the AWS credentials",
}


def usual_fix(error: BaseException) -> str:
    """Return what usually helps against an error; empty for an unexpected one.

    :param error: of this package, or an exception of a client.
    """
    names = (type(error).__name__, getattr(error, "code", ""), type(error.__cause__).__name__)
    by_type = (fix for kind, fix in _FIX_BY_TYPE.items() if isinstance(error, kind))
    return next((_FIX_BY_NAME[name] for name in names if name in _FIX_BY_NAME), "") or next(by_type, "")
