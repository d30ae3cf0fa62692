"""Hints about Spark's settings and Glue's job parameters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import SplitResult

from airflow_provider_dzlineage.transport_config.destinations import split_url
from airflow_provider_dzlineage.transport_config.spark import API_KEY, LISTENER

_PREFIX = "spark.openlineage."
_TRANSPORT = f"{_PREFIX}transport."
# The settings of a transport, and of one inside another, that hold a secret.
_HOLDS_KEY = re.compile(
    r"(?i)spark\.openlineage\.transport\.(?:.*\.)?"
    r"(?:auth\.(?:api_?key|token)|(?:headers|urlParams)\..*(?:auth|key|token|secret|cookie|password).*)"
)
# The settings that are often written wrong, as the listener has them.
_KEYS = (
    *("spark.extraListeners", "spark.glue.accountId", API_KEY),
    *(f"{_TRANSPORT}{key}" for key in ("type", "url", "endpoint", "auth.type", "compression", "timeoutInMillis")),
    *(f"{_TRANSPORT}{key}" for key in ("domainId", "endpointOverride")),
    *(f"{_PREFIX}{key}" for key in ("namespace", "appName", "parentJobName", "parentJobNamespace", "parentRunId")),
    *(f"{_PREFIX}facets.{key}" for key in ("custom_environment_variables", "disabled")),
)
# The right names for those of old listeners and of other clients.
_OTHER_NAMES = {
    f"{_TRANSPORT}kind": f"{_TRANSPORT}type",
    f"{_TRANSPORT}apiKey": API_KEY,
    f"{_PREFIX}host": f"{_TRANSPORT}url",
    f"{_PREFIX}url": f"{_TRANSPORT}url",
    f"{_PREFIX}apiKey": API_KEY,
}
_SECRET_MARK = "EMR.secret@"  # noqa: S105


def plain_name(key: str) -> str:
    """Return a name without what users write in more than one way: capitals and underscores."""
    return key.lower().replace("_", "")


_RIGHT_NAMES = {plain_name(key): right for key, right in [*((key, key) for key in _KEYS), *_OTHER_NAMES.items()]}


def spark_hints(settings: Mapping[str, str], *, on_command_line: bool = False) -> Iterator[str]:
    """Yield the known mistakes in Spark's settings.

    :param settings: by key; only those of OpenLineage and Glue count.
    :param on_command_line: whether they are ``--conf`` arguments, which others can read.
    """
    by_right_name = {}
    for key, value in settings.items():
        bare = key.removeprefix(_SECRET_MARK)
        right = _right_name(bare)
        if right != bare:
            yield f"write {right}, not {bare}"
        by_right_name[right] = value
        if on_command_line and _HOLDS_KEY.fullmatch(right) and bare == key and not value.startswith(_SECRET_MARK):
            yield (
                "an API key stands on a command line or in a job's parameters, where others read it: put it into a "
                "file for --properties-file (dzlineage config spark --show-secrets), or take it from Secrets Manager "
                "(dzlineage config glue --format script, dzlineage config emr --api-key-secret)"
            )
    if LISTENER not in by_right_name.get("spark.extraListeners", ""):
        yield f"without spark.extraListeners={LISTENER} nothing listens"
    yield from _transport_hints(by_right_name)
    names = by_right_name.get(f"{_PREFIX}facets.custom_environment_variables", "[]")
    if not (names.startswith("[") and names.endswith("]")) or "," in names:
        yield "custom_environment_variables is a list in [ ] with semicolons: [AWS_DEFAULT_REGION;GLUE_VERSION;]"


def glue_hints(parameters: Mapping[str, Any]) -> Iterator[str]:
    """Yield the known mistakes in the parameters of a Glue job."""
    conf = str(parameters.get("--conf", ""))
    if conf.lstrip().startswith("--conf"):
        yield "the value of Glue's --conf begins with its first setting; only those after it follow a --conf"
    if "--conf" not in conf and conf.count("spark.") > 1 and " spark." in conf:
        yield "each further setting in the value of Glue's --conf follows a --conf of its own"
    if "--extra-jars" in parameters and parameters.get("--user-jars-first") != "true":
        yield 'with --extra-jars, set --user-jars-first to the text "true", or Glue\'s own listener is loaded'


def _right_name(key: str) -> str:
    key = key.replace(f"{_PREFIX}aspects.", f"{_PREFIX}facets.")
    return _RIGHT_NAMES.get(plain_name(key), key)


def _transport_hints(settings: Mapping[str, str]) -> Iterator[str]:
    kind = settings.get(f"{_TRANSPORT}type")
    if kind is None:
        yield f"without {_TRANSPORT}type events go to the log"
    elif kind.lower() in ("sqs", "datazone", "amazon_datazone") or "dzlineage" in kind:
        yield "Spark has the transports http and amazon_datazone_api, and none into SQS"
    url = split_url(settings.get(f"{_TRANSPORT}url", ""))
    if url is None:
        yield f"{_TRANSPORT}url cannot be read: write it as https://lineage.example.com"
    else:
        yield from _url_hints(url, has_key=any(_HOLDS_KEY.fullmatch(key) for key in settings))
    if API_KEY in settings and settings.get(f"{_TRANSPORT}auth.type") != "api_key":
        yield f"beside {API_KEY} there has to be {_TRANSPORT}auth.type=api_key"
    if kind == "amazon_datazone_api" and f"{_TRANSPORT}domainId" not in settings:
        yield f"{_TRANSPORT}domainId is missing"


def _url_hints(url: SplitResult, *, has_key: bool) -> Iterator[str]:
    if url.path not in ("", "/"):
        yield f"{_TRANSPORT}url ends in a path: write the host there and the whole path in {_TRANSPORT}endpoint"
    if url.query or url.username:
        yield f"{_TRANSPORT}url holds more than a host: an API key belongs into {API_KEY}"
    if has_key and url.scheme == "http" and url.hostname not in ("localhost", "127.0.0.1", "::1"):
        yield "the API key crosses the network in clear: use https"
