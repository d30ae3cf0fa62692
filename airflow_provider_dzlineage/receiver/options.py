"""Options of the endpoint. Those that it shares with other parts of the package are settings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from airflow_provider_dzlineage.settings.loader import from_environment, joined, read_settings, setting
from airflow_provider_dzlineage.settings.parsers import one_of, seconds, texts, whole_number

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
    """The endpoint's options. Each field's metadata describes it; the environment's names are ``DZLINEAGE_<FIELD>``."""

    auth: str = setting(
        default="keys",
        parse=one_of("keys", "iam", "jwt", "none"),
        example="iam",
        help="Authentication: ``keys`` (the API keys); on AWS Lambda also ``iam`` or ``jwt``, the authorizer of the "
        "API Gateway route or of the function's URL; ``none`` accepts every request.",
    )
    key_headers: tuple[str, ...] = setting(
        default=(),
        parse=_headers,
        example="x-api-key",
        help="Further headers in which a client may send its key, beside Authorization.",
    )
    prefixes: tuple[str, ...] = setting(
        default=("/api/v1",),
        parse=_prefixes,
        example="/api/v1,/openlineage/v1",
        help="What comes before /lineage and /lineage/batch.",
    )
    max_body_bytes: int = setting(
        default=10 * _MIB, parse=whole_number, example="6000000", help="Size of a body as it is sent."
    )
    max_decoded_bytes: int = setting(
        default=16 * _MIB, parse=whole_number, example="8000000", help="Size of a body when decompressed."
    )
    # Python 3.10 reads and writes JSON about 900 levels deep, and the forwarder walks through events besides.
    max_depth: int = setting(
        default=200, parse=whole_number, example="100", help="How deep arrays and objects may be nested."
    )
    max_batch_events: int = setting(default=1000, parse=whole_number, example="100", help="Events in a batch.")
    max_requests: int = setting(
        default=256, parse=whole_number, example="64", help="Requests that are worked on at the same time."
    )
    max_held_bytes: int = setting(
        default=128 * _MIB,
        parse=whole_number,
        example="64000000",
        help="Bodies in memory at the same time, in all, decompressed.",
    )
    body_seconds: float = setting(default=10.0, parse=seconds, example="5", help="Time for a body to arrive.")


def receiver_options(explicit: Mapping[str, object], environment: Mapping[str, str]) -> ReceiverOptions:
    """Return the options; for each, the first source that has it wins.

    :param explicit: flags of the command line; None values count as not set.
    :param environment: variables, of which those named ``DZLINEAGE_<OPTION>`` count.
    :raises ConfigurationError: when a value has the wrong form; the message names it and shows a right one.
    """
    values, errors = read_settings(ReceiverOptions, explicit, from_environment(ReceiverOptions, environment))
    if errors:
        raise joined({f"option {name!r}": error for name, error in errors.items()})
    return ReceiverOptions(**values)
