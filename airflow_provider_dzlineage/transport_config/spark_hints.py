"""Hints about Spark's settings and Glue's job parameters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import SplitResult

from airflow_provider_dzlineage.transport_config.spark import API_KEY, LISTENER
from airflow_provider_dzlineage.transport_config.urls import parts_of

_PREFIX = "spark.openlineage."
_TRANSPORT = f"{_PREFIX}transport."
# Those of a transport, and of one inside another, that hold a secret.
_HOLDS_KEY = re.compile(
    r"(?i)spark\.openlineage\.transport\.(?:.*\.)?"
    r"(?:auth\.(?:api_?key|token)|(?:headers|urlParams)\..*(?:auth|key|token|secret|cookie|password).*)"
)
# Those that are often written wrong, as the listener has them.
_KEYS = (
    "spark.extraListeners",
    "spark.glue.accountId",
    API_KEY,
    f"{_TRANSPORT}type",
    f"{_TRANSPORT}url",
    f"{_TRANSPORT}endpoint",
    f"{_TRANSPORT}auth.type",
    f"{_TRANSPORT}compression",
    f"{_TRANSPORT}timeoutInMillis",
    f"{_TRANSPORT}domainId",
    f"{_TRANSPORT}endpointOverride",
    f"{_PREFIX}namespace",
    f"{_PREFIX}appName",
    f"{_PREFIX}parentJobName",
    f"{_PREFIX}parentJobNamespace",
    f"{_PREFIX}parentRunId",
    f"{_PREFIX}facets.custom_environment_variables",
    f"{_PREFIX}facets.disabled",
)
# Names of old listeners, and of other clients.
_MEANT = {
    f"{_TRANSPORT}kind": f"{_TRANSPORT}type",
    f"{_TRANSPORT}apiKey": API_KEY,
    f"{_PREFIX}host": f"{_TRANSPORT}url",
    f"{_PREFIX}url": f"{_TRANSPORT}url",
    f"{_PREFIX}apiKey": API_KEY,
}
_SECRET_MARK = "EMR.secret@"  # noqa: S105


def _plain(key: str) -> str:
    return key.lower().replace("_", "")


_BY_PLAIN_KEY = {_plain(key): meant for key, meant in [*((key, key) for key in _KEYS), *_MEANT.items()]}


def spark_hints(settings: Mapping[str, str], *, on_command_line: bool = False) -> Iterator[str]:
    """Yield what is wrong with Spark's settings.

    :param settings: by key; only those of OpenLineage and Glue count.
    :param on_command_line: whether they are ``--conf`` arguments, which others can read.
    """
    made = {}
    for key, value in settings.items():
        bare = key.removeprefix(_SECRET_MARK)
        meant = _meant(bare)
        if meant != bare:
            yield f"write {meant}, not {bare}"
        made[meant] = value
        if on_command_line and _HOLDS_KEY.fullmatch(meant) and bare == key and not value.startswith(_SECRET_MARK):
            yield (
                "an API key stands on a command line or in a job's parameters, where others read it: put it into a "
                "file for --properties-file (dzlineage config spark --show-secrets), or take it from Secrets Manager "
                "(dzlineage config glue --format script, dzlineage config emr --api-key-secret)"
            )
    if LISTENER not in made.get("spark.extraListeners", ""):
        yield f"without spark.extraListeners={LISTENER} nothing listens"
    yield from _about_transport(made)
    names = made.get(f"{_PREFIX}facets.custom_environment_variables", "[]")
    if not (names.startswith("[") and names.endswith("]")) or "," in names:
        yield "custom_environment_variables is a list in [ ], parted by semicolons: [AWS_DEFAULT_REGION;GLUE_VERSION;]"


def glue_hints(parameters: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the parameters of a Glue job."""
    conf = str(parameters.get("--conf", ""))
    if conf.lstrip().startswith("--conf"):
        yield "the value of Glue's --conf begins with its first setting; only those after it follow a --conf"
    if "--conf" not in conf and conf.count("spark.") > 1 and " spark." in conf:
        yield "each further setting in the value of Glue's --conf follows a --conf of its own"
    if "--extra-jars" in parameters and parameters.get("--user-jars-first") != "true":
        yield 'with --extra-jars, set --user-jars-first to the text "true", or Glue\'s own listener is loaded'


def _meant(key: str) -> str:
    key = key.replace(f"{_PREFIX}aspects.", f"{_PREFIX}facets.")
    return _BY_PLAIN_KEY.get(_plain(key), key)


def _about_transport(made: Mapping[str, str]) -> Iterator[str]:
    kind = made.get(f"{_TRANSPORT}type")
    url = parts_of(made.get(f"{_TRANSPORT}url", ""))
    if kind is None:
        yield f"without {_TRANSPORT}type events go to the log"
    elif kind.lower() in ("sqs", "datazone", "amazon_datazone") or "dzlineage" in kind:
        yield "Spark has the transports http and amazon_datazone_api, and none into SQS"
    if url is None:
        yield f"{_TRANSPORT}url cannot be read: write it as https://lineage.example.com"
    else:
        yield from _about_url(url, made)
    if API_KEY in made and made.get(f"{_TRANSPORT}auth.type") != "api_key":
        yield f"beside {API_KEY} there has to be {_TRANSPORT}auth.type=api_key"
    if kind == "amazon_datazone_api" and f"{_TRANSPORT}domainId" not in made:
        yield f"{_TRANSPORT}domainId is missing"


def _about_url(url: SplitResult, made: Mapping[str, str]) -> Iterator[str]:
    if url.path not in ("", "/"):
        yield f"{_TRANSPORT}url ends in a path: write the host there and the whole path in {_TRANSPORT}endpoint"
    if url.query or url.username:
        yield f"{_TRANSPORT}url holds more than a host: an API key belongs into {API_KEY}"
    has_key = any(_HOLDS_KEY.fullmatch(key) for key in made)
    if has_key and url.scheme == "http" and url.hostname not in ("localhost", "127.0.0.1", "::1"):
        yield "the API key crosses the network in clear: use https"
