"""The settings: one frozen value, the same names in Airflow, the environment and on the command line.

Imports the standard library only, since the provider's information is derived from it.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from airflow_provider_dzlineage.errors import ConfigurationError

ENVIRONMENT_PREFIX = "DZLINEAGE_"

# Source: the lineage quotas of Amazon DataZone, 20 PostLineageEvent requests a second per account and Region.
# Just under it, so that clocks that differ never add up to a throttled request.
DEFAULT_RATE = 19.8


def _text(value: object) -> str:
    return str(value)


def _whole_number(value: object) -> int:
    number = int(str(value))
    if number < 1:
        raise ValueError("must be 1 or more")
    return number


def _seconds(value: object) -> float:
    number = float(str(value))
    if not 0 < number < math.inf:
        raise ValueError("must be more than 0")
    return number


def _rate(value: object) -> float:
    if str(value).strip().lower() == "unlimited":
        return math.inf
    number = float(str(value))
    if not number > 0:
        raise ValueError("must be more than 0")
    return number


def _on_processing_failed(value: object) -> str:
    word = str(value).strip().lower()
    if word not in ("warn", "fail", "ignore"):
        raise ValueError("must be warn, fail or ignore")
    return word


def _setting(default: object, parse: Callable[[object], Any], kind: str, example: str, description: str) -> Any:
    metadata = {"parse": parse, "kind": kind, "example": example, "description": description}
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a drain and its DAG need to know. Each field's metadata describes it for Airflow and for people."""

    queue_url: str | None = _setting(
        None,
        _text,
        "string",
        "https://sqs.us-east-1.amazonaws.com/123456789012/openlineage",
        "URL of the SQS queue that buffers the events.",
    )
    dead_letter_queue_url: str | None = _setting(
        None,
        _text,
        "string",
        "https://sqs.us-east-1.amazonaws.com/123456789012/openlineage-dead",
        "URL of the SQS queue for events that cannot be published. "
        "Without it, the queue that the buffer's redrive policy names.",
    )
    domain_id: str | None = _setting(
        None,
        _text,
        "string",
        "dzd_4xkb1c3v5n7m9q",
        "Identifier of the Amazon DataZone or SageMaker Unified Studio domain.",
    )
    region_name: str | None = _setting(
        None, _text, "string", "us-east-1", "Region of the queue. Without it, the environment's."
    )
    domain_region_name: str | None = _setting(
        None, _text, "string", "eu-west-1", "Region of the domain. Without it, the environment's."
    )
    sqs_conn_id: str = _setting(
        "aws_default", _text, "string", "aws_lineage_buffer", "Airflow connection for the queue."
    )
    datazone_conn_id: str = _setting(
        "aws_default", _text, "string", "aws_catalog", "Airflow connection for the domain."
    )
    rate: float = _setting(
        DEFAULT_RATE,
        _rate,
        "string",
        "40",
        "Posts a second, or ``unlimited``. The default is just under the default quota of an account and Region.",
    )
    schedule: str = _setting("*/5 * * * *", _text, "string", "*/2 * * * *", "Cron schedule of the forwarding DAG.")
    max_seconds: float | None = _setting(
        None,
        _seconds,
        "float",
        "240",
        "Deadline of a drain in seconds; what is then left waits for the next one. "
        "Without it, the forwarding DAG takes seven tenths of its schedule's shortest interval.",
    )
    max_receives: int = _setting(
        10,
        _whole_number,
        "integer",
        "5",
        "After so many receives of a message an unknown error of DataZone counts as permanent.",
    )
    on_processing_failed: str = _setting(
        # As the drain: an event that lies in the dead-letter queue and is counted is no reason to fail a whole run.
        "warn",
        _on_processing_failed,
        "string",
        "fail",
        "What the forwarding DAG does when DataZone failed to process an event that it had accepted: ``warn`` or "
        "``fail``, after it was written to the dead-letter queue; ``ignore`` does not look for such events.",
    )

    def required(self, *names: str) -> list[str]:
        """Return settings that have no default.

        :param names: names of fields.
        :return: their values, in the same order.
        :raises ConfigurationError: when one is not set; the message says where to set each that is missing.
        """
        values = [getattr(self, name) for name in names]
        missing = [name for name, value in zip(names, values, strict=True) if not value]
        if missing:
            raise ConfigurationError("\n".join(map(_how_to_set, missing)))
        return values


def load_settings(
    explicit: Mapping[str, object] | None = None,
    airflow: Mapping[str, str] | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Settings:
    """Gather the settings; for each, the first source that has it wins.

    :param explicit: arguments of an operator or flags of the command line; None values count as not given.
    :param airflow: the ``[dzlineage]`` section of the Airflow configuration.
    :param environment: variables, of which those named ``DZLINEAGE_<SETTING>`` count.
    :return: the settings, each parsed to its type.
    :raises ConfigurationError: when a name is unknown or a value has the wrong form.
    """
    known = {setting.name: setting for setting in fields(Settings)}
    unknown = sorted({*(explicit or ()), *(airflow or ())} - known.keys())
    if unknown:
        raise ConfigurationError(f"unknown setting {unknown[0]!r}; there are: {', '.join(known)}")
    values = {}
    for name, setting in known.items():
        candidates = (
            (explicit or {}).get(name),
            (airflow or {}).get(name),
            environment.get(ENVIRONMENT_PREFIX + name.upper()),
        )
        value = next((candidate for candidate in candidates if candidate not in (None, "")), None)
        if value is None:
            continue
        try:
            values[name] = setting.metadata["parse"](value)
        except ValueError as error:
            example = setting.metadata["example"]
            raise ConfigurationError(f"setting {name!r}: {error}; a right example is {example!r}") from None
    return Settings(**values)


def _how_to_set(name: str) -> str:
    example = Settings.__dataclass_fields__[name].metadata["example"]
    return (
        f"setting {name!r} is missing. Set one of:\n"
        f"  airflow.cfg:             [dzlineage] {name} = {example}\n"
        f"  Amazon MWAA:             configuration option dzlineage.{name} = {example}\n"
        f"  environment of Airflow:  AIRFLOW__DZLINEAGE__{name.upper()}={example}\n"
        f"  environment:             {ENVIRONMENT_PREFIX}{name.upper()}={example}"
    )
