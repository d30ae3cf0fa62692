"""What to do about an error whose text does not say so."""

from __future__ import annotations

from airflow_provider_dzlineage.errors import (
    CatalogError,
    ConfigurationError,
    QueueError,
    QueueUnavailableError,
    ThrottledError,
    UnavailableError,
    UnknownError,
)

_CREDENTIALS = "give the process a role, a profile or keys; aws sts get-caller-identity tells which it has"
_NETWORK = "check network, proxy and security groups, and that the Region has the service or the VPC an endpoint of it"
_SIGN_IN = "sign in again, with aws sso login"
_REGION = "set AWS_DEFAULT_REGION, the Region of the AWS profile, or the settings region_name and domain_region_name"
# By the names of exceptions of botocore and Airflow, which this package does not import here.
_BY_NAME = {
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
_LATER = "run it again in some minutes; the AWS Health Dashboard tells of trouble"


def fix_of(error: BaseException) -> str:
    """Say what to do; empty for an error that nobody has foreseen.

    :param error: one of ours, or whatever a client raised.
    """
    cause = error.__cause__
    names = [type(error).__name__, getattr(error, "code", ""), type(cause).__name__ if cause else ""]
    known = next((_BY_NAME[name] for name in names if name in _BY_NAME), "")
    return known or _by_kind(error)


def _by_kind(error: BaseException) -> str:
    if isinstance(error, ConfigurationError):
        return _REGION if "Region is not known" in str(error) else "correct the setting that the message names"
    if isinstance(error, ThrottledError):
        return "run it again in a minute; the account's quota is used up for the moment"
    if isinstance(error, UnknownError):
        return "look the code up in the API reference of Amazon DataZone; it is none that is usual"
    if isinstance(error, UnavailableError | QueueUnavailableError):
        return _LATER
    if isinstance(error, CatalogError):
        return "check the setting 'domain_id', the Region of the domain and the AWS credentials"
    if isinstance(error, QueueError):
        return "check the setting 'queue_url', its Region and the AWS credentials"
    return ""
