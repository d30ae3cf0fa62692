"""How the endpoint behaves. What it shares with the other parts of the package are settings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from airflow_provider_dzlineage.errors import ConfigurationError
from airflow_provider_dzlineage.settings.kinds import one_of, seconds, setting, texts, whole_number

_MIB = 1024 * 1024
_PREFIX = re.compile(r"(/[A-Za-z0-9._~-]+)*")
_HEADER = re.compile(r"[A-Za-z0-9-]{1,64}")

# The clients of OpenLineage wait five seconds for an answer.
ANSWER_SECONDS = 4.0


def _prefixes(value: object) -> tuple[str, ...]:
    found = tuple(prefix.rstrip("/") for prefix in texts(value))
    if not found or not all(_PREFIX.fullmatch(prefix) for prefix in found):
        raise ValueError("must be paths such as /api/v1")
    return found


def _headers(value: object) -> tuple[str, ...]:
    found = texts(value)
    if not all(_HEADER.fullmatch(name) for name in found):
        raise ValueError("must be names of headers")
    return tuple(name.lower() for name in found)


@dataclass(frozen=True, kw_only=True)
class ReceiverOptions:
    """What a user can choose. Each field's metadata describes it; the environment's names are ``DZLINEAGE_<FIELD>``."""

    auth: str = setting(
        "keys",
        one_of("keys", "iam", "jwt", "none"),
        "string",
        "iam",
        "Who lets a request in: ``keys`` (the API keys); on AWS Lambda also ``iam`` or ``jwt``, the authorizer of the "
        "API Gateway route or of the function's URL; ``none`` lets everybody in.",
    )
    key_headers: tuple[str, ...] = setting(
        (),
        _headers,
        "string",
        "x-api-key",
        "Further headers in which a client may send its key, beside Authorization.",
    )
    prefixes: tuple[str, ...] = setting(
        ("/api/v1",), _prefixes, "string", "/api/v1,/openlineage/v1", "What comes before /lineage and /lineage/batch."
    )
    max_body_bytes: int = setting(10 * _MIB, whole_number, "integer", "6000000", "Size of a body as it is sent.")
    max_decoded_bytes: int = setting(16 * _MIB, whole_number, "integer", "8000000", "Size of a body when decompressed.")
    max_depth: int = setting(
        # Python 3.10 reads and writes JSON about 900 levels deep, and the forwarder walks through events besides.
        200,
        whole_number,
        "integer",
        "100",
        "How deep arrays and objects may be nested.",
    )
    max_batch_events: int = setting(1000, whole_number, "integer", "100", "Events in a batch.")
    max_requests: int = setting(256, whole_number, "integer", "64", "Requests that are worked on at the same time.")
    max_connections: int = setting(2000, whole_number, "integer", "500", "Open connections; the idlest one goes first.")
    max_held_bytes: int = setting(
        128 * _MIB, whole_number, "integer", "64000000", "Bodies in memory at the same time, in all, decompressed."
    )
    head_seconds: float = setting(10.0, seconds, "float", "5", "Time for a request's line and headers to arrive.")
    body_seconds: float = setting(10.0, seconds, "float", "5", "Time for a body to arrive.")


def receiver_options(explicit: Mapping[str, object], environment: Mapping[str, str]) -> ReceiverOptions:
    """Gather the options; for each, the first source that has it wins.

    :param explicit: flags of the command line; None values count as not given.
    :param environment: variables, of which those named ``DZLINEAGE_<OPTION>`` count.
    :raises ConfigurationError: when a value has the wrong form; the message names it and shows a right one.
    """
    values: dict[str, Any] = {}
    for option in fields(ReceiverOptions):
        value = explicit.get(option.name)
        if value is None:
            value = environment.get(f"DZLINEAGE_{option.name.upper()}")
        if value in (None, ""):
            continue
        try:
            values[option.name] = option.metadata["parse"](value)
        except ValueError as error:
            example = option.metadata["example"]
            raise ConfigurationError(f"option {option.name!r}: {error}; a right example is {example!r}") from None
    return ReceiverOptions(**values)
