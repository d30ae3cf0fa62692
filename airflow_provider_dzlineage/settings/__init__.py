"""The settings: one frozen value, the same names in Airflow, the environment and on the command line.

Imports the standard library only, since the provider's information is derived from it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from airflow_provider_dzlineage.errors import ConfigurationError
from airflow_provider_dzlineage.settings.kinds import (
    account,
    flag,
    globs,
    json_object,
    one_of,
    patterns,
    rate,
    seconds,
    setting,
    sqs_queue_url,
    text,
    texts,
    whole_number,
)

ENVIRONMENT_PREFIX = "DZLINEAGE_"

# Source: the lineage quotas of Amazon DataZone, 20 PostLineageEvent requests a second per account and Region.
# Just under it, so that clocks that differ never add up to a throttled request.
DEFAULT_RATE = 19.8

# Those that say which events are posted and what is repaired in them.
RULES = (
    *("transforms", "redshift", "account_id", "job_names", "namespaces", "facets", "redact", "skip_empty"),
    *("include_jobs", "exclude_jobs", "include_job_namespaces", "exclude_job_namespaces"),
    *("include_producers", "exclude_producers", "include_dataset_namespaces", "exclude_dataset_namespaces"),
)

# Those that are safe anywhere.
DEFAULT_TRANSFORMS = ("redact", "symlinks", "glue", "athena", "redshift", "s3_paths")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a drain and its DAG need to know. Each field's metadata describes it for Airflow and for people."""

    queue_url: str | None = setting(
        None,
        sqs_queue_url,
        "string",
        "https://sqs.us-east-1.amazonaws.com/123456789012/openlineage",
        "URL of the SQS queue that buffers the events.",
    )
    dead_letter_queue_url: str | None = setting(
        None,
        sqs_queue_url,
        "string",
        "https://sqs.us-east-1.amazonaws.com/123456789012/openlineage-dead",
        "URL of the SQS queue for events that cannot be published. "
        "Without it, the queue that the buffer's redrive policy names.",
    )
    domain_id: str | None = setting(
        None,
        text,
        "string",
        "dzd_4xkb1c3v5n7m9q",
        "Identifier of the Amazon DataZone or SageMaker Unified Studio domain.",
    )
    region_name: str | None = setting(
        None,
        text,
        "string",
        "us-east-1",
        "Region of the queue. Without it, that of the queue's URL, or else the environment's.",
    )
    domain_region_name: str | None = setting(
        None, text, "string", "eu-west-1", "Region of the domain. Without it, the environment's."
    )
    sqs_conn_id: str = setting("aws_default", text, "string", "aws_lineage_buffer", "Airflow connection for the queue.")
    datazone_conn_id: str = setting("aws_default", text, "string", "aws_catalog", "Airflow connection for the domain.")
    rate: float = setting(
        DEFAULT_RATE,
        rate,
        "string",
        "40",
        "Posts a second, or ``unlimited``. The default is just under the default quota of an account and Region.",
    )
    schedule: str = setting("*/5 * * * *", text, "string", "*/2 * * * *", "Cron schedule of the forwarding DAG.")
    max_seconds: float | None = setting(
        None,
        seconds,
        "float",
        "240",
        "Deadline of a drain in seconds; what is then left waits for the next one. "
        "Without it, the forwarding DAG takes seven tenths of its schedule's shortest interval.",
    )
    max_receives: int = setting(
        10,
        whole_number,
        "integer",
        "5",
        "After so many receives of a message an unknown error of DataZone counts as permanent.",
    )
    on_processing_failed: str = setting(
        # As the drain: an event that lies in the dead-letter queue and is counted is no reason to fail a whole run.
        "warn",
        one_of("warn", "fail", "ignore"),
        "string",
        "fail",
        "What the forwarding DAG does when DataZone failed to process an event that it had accepted: ``warn`` or "
        "``fail``, after it was written to the dead-letter queue; ``ignore`` does not look for such events.",
    )

    merge: str = setting(
        "backlog",
        one_of("never", "backlog", "always"),
        "string",
        "always",
        "Whether events of one run that are in hand together are posted as one: ``never``, ``always``, or ``backlog``: "
        "when the backlog at the present pace would outlast the drain.",
    )
    skip_empty: bool = setting(
        True,
        flag,
        "boolean",
        "false",
        "Whether events that draw nothing are skipped: those without datasets that do not say FAIL or ABORT.",
    )
    transforms: tuple[str, ...] = setting(
        DEFAULT_TRANSFORMS,
        texts,
        "string",
        "redact,symlinks,glue,athena,redshift,s3_paths,my_module.my_transform",
        "What repairs an event, in this order: names of built-in transforms and of ``dzlineage.transforms`` entry "
        "points, and dotted paths. There are redact, symlinks, glue, athena, redshift, s3_paths, job_names, namespaces "
        "and facets; the last three come at the end where their own settings are set.",
    )
    redshift: Mapping[str, Any] = setting(
        {},
        json_object,
        "string",
        '{"analytics.eu-west-1": {"account": "123456789012", "kind": "provisioned", "name": "analytics"}}',
        "What Redshift hosts, clusters and workgroups are, as JSON; what it does not name is looked up.",
    )
    account_id: str | None = setting(
        None,
        account,
        "string",
        "123456789012",
        "AWS account whose Glue catalog holds Athena's tables. Without it, the account in the URL of the queue.",
    )
    job_names: tuple[str, ...] = setting(
        (),
        patterns,
        "string",
        r'["_\\d{8}$", "-[0-9a-f]{32}$"]',
        "What is cut from job names: a regular expression, or several as JSON.",
    )
    namespaces: Mapping[str, Any] = setting(
        {},
        json_object,
        "string",
        '{"jobs": {"default": "airflow-prod"}, "datasets": {"postgres://10.0.0.5:5432": "postgres://orders:5432"}}',
        "New namespaces of jobs and datasets by the old ones, as JSON. A key between slashes is a regular expression.",
    )
    facets: Mapping[str, Any] = setting(
        {},
        json_object,
        "string",
        '{"drop": ["spark.logicalPlan", "debug"]}',
        "Globs of the facets to ``drop``, or the only ones to ``keep``, as JSON.",
    )
    redact: tuple[str, ...] = setting(
        (),
        patterns,
        "string",
        r'["token=(\\w+)"]',
        "What else ``redact`` redacts: a regular expression, or several as JSON; its groups, or the whole match.",
    )
    include_jobs: tuple[str, ...] = globs("included", "jobs, by name or <namespace>.<name>", "etl_*,finance.*")
    exclude_jobs: tuple[str, ...] = globs("excluded", "jobs, by name or <namespace>.<name>", "*_test,scratch.*")
    include_job_namespaces: tuple[str, ...] = globs("included", "job namespaces", "prod-*")
    exclude_job_namespaces: tuple[str, ...] = globs("excluded", "job namespaces", "dev-*")
    include_producers: tuple[str, ...] = globs("included", "producers", "*/integration/spark")
    exclude_producers: tuple[str, ...] = globs("excluded", "producers", "*/integration/dbt")
    include_dataset_namespaces: tuple[str, ...] = globs(
        "included", "dataset namespaces (one of the event's must match)", "arn:aws:glue:*,redshift://*"
    )
    exclude_dataset_namespaces: tuple[str, ...] = globs(
        "excluded", "dataset namespaces (each of the event's must match)", "file*"
    )

    api_keys: str | None = setting(
        None,
        text,
        "string",
        "spark=sha256:<64 hexadecimal digits>,dbt=<a key of 16 characters or more>",
        "Keys that the HTTP endpoint takes: ``name=key`` or ``name=sha256:<digest>`` between commas, or a JSON object "
        "of them, which can limit a key to globs of job namespaces. Without any key the endpoint does not start.",
    )
    api_keys_file: str | None = setting(
        None, text, "string", "/run/secrets/lineage-keys", "A file that holds such keys; it is read again when running."
    )
    api_keys_secret: str | None = setting(
        None,
        text,
        "string",
        "arn:aws:secretsmanager:us-east-1:123456789012:secret:lineage-keys-AbCdEf",
        "A secret of AWS Secrets Manager, by ARN or name, that holds such keys; it is read again when running.",
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
    settings, problems = readable_settings(explicit, airflow, environment)
    if problems:
        raise ConfigurationError("\n".join(f"setting {name!r}: {problem}" for name, problem in problems.items()))
    return settings


def readable_settings(
    explicit: Mapping[str, object] | None = None,
    airflow: Mapping[str, str] | None = None,
    environment: Mapping[str, str] = os.environ,
) -> tuple[Settings, dict[str, str]]:
    """Gather the settings as :func:`load_settings` does, of which those that are wrong count as not set.

    :return: the settings, and by name what is wrong with the others.
    """
    known = {found.name: found for found in fields(Settings)}
    unknown = sorted({*(explicit or ()), *(airflow or ())} - known.keys())
    problems = {name: f"is unknown; there are: {', '.join(known)}" for name in unknown}
    values = {}
    for name, described in known.items():
        candidates = (
            (explicit or {}).get(name),
            (airflow or {}).get(name),
            environment.get(ENVIRONMENT_PREFIX + name.upper()),
        )
        value = next((candidate for candidate in candidates if candidate not in (None, "")), None)
        if value is None:
            continue
        try:
            values[name] = described.metadata["parse"](value)
        except ValueError as error:
            problems[name] = _problem(name, str(error))
    if values.get("queue_url") and values.get("queue_url") == values.get("dead_letter_queue_url"):
        # What cannot be published would be drained again, and dead-lettered again, without an end.
        del values["dead_letter_queue_url"]
        problems["dead_letter_queue_url"] = _problem("dead_letter_queue_url", "must be another queue than 'queue_url'")
    return Settings(**values), problems


def _problem(name: str, told: str) -> str:
    return f"{told}; a right example is {Settings.__dataclass_fields__[name].metadata['example']!r}"


def _how_to_set(name: str) -> str:
    example = Settings.__dataclass_fields__[name].metadata["example"]
    return (
        f"setting {name!r} is missing. Set one of:\n"
        f"  airflow.cfg:             [dzlineage] {name} = {example}\n"
        f"  Amazon MWAA:             configuration option dzlineage.{name} = {example}\n"
        f"  environment of Airflow:  AIRFLOW__DZLINEAGE__{name.upper()}={example}\n"
        f"  environment:             {ENVIRONMENT_PREFIX}{name.upper()}={example}"
    )
