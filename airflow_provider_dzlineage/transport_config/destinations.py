"""Where a producer's events go, and the API key that they carry: by reference where the producer can resolve one."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import ClassVar, TypeAlias
from urllib.parse import SplitResult, urlsplit

from airflow_provider_dzlineage.aws.arns import Arn
from airflow_provider_dzlineage.errors import ConfigurationError
from airflow_provider_dzlineage.settings.parsers import sqs_queue_url

DEFAULT_VARIABLE = "OPENLINEAGE_API_KEY"
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# What an HTTP header carries as a bearer token; anything else is a slip of copying. Source: RFC 6750, section 2.1.
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]+")
_SECRET_ID = re.compile(r"[A-Za-z0-9/_+=.@:-]+")
# Source: the OpenLineage specification's OpenAPI, and the default of its Python and Java clients.
_LINEAGE_PATH = "/api/v1/lineage"
_QUEUE_URL = "https://sqs.us-east-1.amazonaws.com/123456789012/lineage"


@dataclass(frozen=True)
class KeyFromVariable:
    """A key that an environment variable of the producer holds.

    :param variable: name of the environment variable.
    """

    variable: str = DEFAULT_VARIABLE

    def __post_init__(self) -> None:
        _check_variable(self.variable)


@dataclass(frozen=True)
class KeyFromSecret:
    """A key that is a plain-text secret in AWS Secrets Manager.

    :param secret_id: ARN or name of the secret. The bare key is the secret's text, not JSON.
    :param variable: environment variable that carries the key where a producer cannot ask Secrets Manager itself.
    """

    secret_id: str
    variable: str = DEFAULT_VARIABLE

    def __post_init__(self) -> None:
        _check_variable(self.variable)
        if not _SECRET_ID.fullmatch(self.secret_id):
            raise ConfigurationError(
                "a secret is named by its ARN or name",
                example="arn:aws:secretsmanager:eu-west-1:123456789012:secret:openlineage-key-AbCdEf",
            )

    @property
    def region_name(self) -> str | None:
        """The Region that the ARN names; None for a name."""
        arn = Arn.parse(self.secret_id)
        return arn.region if arn else None


@dataclass(frozen=True)
class KeyInClear:
    """The key itself. Whoever reads the configuration reads it.

    :param value: the key, without ``Bearer``.
    """

    value: str = field(repr=False)

    def __post_init__(self) -> None:
        if not _TOKEN.fullmatch(self.value):
            raise ConfigurationError(
                "an API key is one word of letters, digits and . _ ~ + / = -, without the word Bearer"
            )


ApiKey: TypeAlias = KeyFromVariable | KeyFromSecret | KeyInClear


def key_text(key: ApiKey) -> str:
    """Return the text for a key where the reader expands environment variables, as Airflow and shells do.

    :return: ``${VARIABLE}`` for a key by reference.
    """
    return key.value if isinstance(key, KeyInClear) else f"${{{key.variable}}}"


def fetch_expression(key: KeyFromSecret) -> str:
    """Return a Python expression, in single quotes, that takes a key from Secrets Manager where ``boto3`` is there."""
    region = f", region_name='{key.region_name}'" if key.region_name is not None else ""
    return f"boto3.client('secretsmanager'{region}).get_secret_value(SecretId='{key.secret_id}')['SecretString']"


def _check_variable(name: str) -> None:
    if not _VARIABLE.fullmatch(name):
        raise ConfigurationError(f"{name!r} is not the name of an environment variable", example=DEFAULT_VARIABLE)


def split_url(url: str) -> SplitResult | None:
    """Return the parts of a URL that a user wrote; None where host or port cannot be read."""
    try:
        parts = urlsplit(url)
        return parts if parts.port != 0 else None
    except ValueError:
        return None


def events_path(path: str) -> str:
    """Return the path to which events are posted, with its leading slash.

    :param path: of a URL: empty, a prefix such as an API Gateway stage, with or without ``/api/v1``, or all of it.
    """
    path = path.rstrip("/")
    return path if path.endswith("/lineage") else path.removesuffix("/api/v1") + _LINEAGE_PATH


@dataclass(frozen=True, kw_only=True)
class Sqs:
    """The buffer, reached directly. For producers with the OpenLineage Python client and this package.

    :param queue_url: URL of the queue.
    :param region_name: Region of the queue, where its URL does not name it.
    :param role_arn: role to assume for sending.
    :param endpoint_url: endpoint of SQS, for one that is not the URL's host.
    :raises ConfigurationError: when the URL is not that of a queue.
    """

    api_key: ClassVar[None] = None
    queue_url: str
    region_name: str | None = None
    role_arn: str | None = None
    endpoint_url: str | None = None

    def __post_init__(self) -> None:
        try:
            sqs_queue_url(self.queue_url)
        except ValueError as error:
            raise ConfigurationError(f"queue_url {error}", example=_QUEUE_URL) from None


@dataclass(frozen=True, kw_only=True)
class Http:
    """The HTTP endpoint. For every producer.

    :param url: URL of the endpoint: host alone, with a prefix such as an API Gateway stage, or in full up to
        ``/api/v1/lineage``; all three mean the same. A path that ends in ``/lineage`` is taken as it is.
    :param api_key: the key, by reference; None where the endpoint asks for none.
    :param gzip: whether bodies are compressed. None: yes for Python clients, no for Spark, whose listener knows it from
        1.13 on and whose Glue 4.0 jars are often older.
    :param timeout: seconds for connecting, and again for the answer; None: the client's own 5.
    :raises ConfigurationError: when the URL cannot be read or holds more than a host and a path.
    """

    url: str
    api_key: ApiKey | None = None
    gzip: bool | None = None
    timeout: float | None = None

    def __post_init__(self) -> None:
        parts = split_url(self.url)
        if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigurationError("url is where the endpoint listens", example="https://lineage.example.com")
        if parts.query or parts.fragment or parts.username:
            raise ConfigurationError("url holds a host and a path only", fix="put a key into api_key")
        if self.timeout is not None and not 0 < self.timeout < math.inf:
            raise ConfigurationError("timeout is a number of seconds above 0")

    @property
    def host_url(self) -> str:
        """Scheme, host and port.

        Without a path, since the Python client drops the last part of one and the Java client refuses to have both
        a path here and an endpoint.
        """
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def path(self) -> str:
        """The path of events, with its leading slash."""
        return events_path(urlsplit(self.url).path)


@dataclass(frozen=True, kw_only=True)
class DataZone:
    """DataZone itself, without a buffer.

    :param domain_id: identifier of the domain.
    :param region_name: Region of the domain, where it is not the producer's.
    :param endpoint_url: endpoint of DataZone, as for AWS PrivateLink.
    :param native: whether OpenLineage's own transport ``amazon_datazone_api`` posts instead of this package's, which
        repairs names and sizes. Spark has no other.
    :raises ConfigurationError: when the identifier is not that of a domain.
    """

    api_key: ClassVar[None] = None
    domain_id: str
    region_name: str | None = None
    endpoint_url: str | None = None
    native: bool = False

    def __post_init__(self) -> None:
        if not self.domain_id.startswith(("dzd_", "dzd-")):
            raise ConfigurationError("domain_id is the identifier of a domain", example="dzd_4xkb1c3v5n7m9q")


Destination: TypeAlias = Sqs | Http | DataZone
