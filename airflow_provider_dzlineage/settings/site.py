"""The settings: one frozen value, the same names in Airflow, the environment and on the command line.

Imports the standard library only, since the provider's information is derived from it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from airflow_provider_dzlineage.errors import ConfigurationError
from airflow_provider_dzlineage.settings import parsers
from airflow_provider_dzlineage.settings.loader import (
    from_environment,
    joined,
    read_settings,
    setting,
    variable_of,
    wrong_value,
)

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


def _globs(verb: str, what: str, example: str) -> Any:
    return setting(default=(), parse=parsers.texts, example=example, help=f"Globs of {what} whose events are {verb}.")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of a drain, its DAG and the HTTP endpoint's API keys."""

    queue_url: str | None = setting(
        parse=parsers.sqs_queue_url,
        example="https://sqs.us-east-1.amazonaws.com/123456789012/openlineage",
        help="URL of the SQS queue that buffers the events.",
    )
    dead_letter_queue_url: str | None = setting(
        parse=parsers.sqs_queue_url,
        example="https://sqs.us-east-1.amazonaws.com/123456789012/openlineage-dead",
        help="URL of the SQS queue for events that cannot be published. "
        "Without it, the queue that the buffer's redrive policy names.",
    )
    domain_id: str | None = setting(
        example="dzd_4xkb1c3v5n7m9q", help="Identifier of the Amazon DataZone or SageMaker Unified Studio domain."
    )
    region_name: str | None = setting(
        example="us-east-1", help="Region of the queue. Without it, that of the queue's URL, or else the environment's."
    )
    domain_region_name: str | None = setting(
        example="eu-west-1", help="Region of the domain. Without it, the environment's."
    )
    sqs_conn_id: str = setting(
        default="aws_default", example="aws_lineage_buffer", help="Airflow connection for the queue."
    )
    datazone_conn_id: str = setting(
        default="aws_default", example="aws_catalog", help="Airflow connection for the domain."
    )
    rate: float = setting(
        default=DEFAULT_RATE,
        parse=parsers.rate,
        example="40",
        help="Posts a second, or ``unlimited``. The default is just under the default quota of an account and Region.",
    )
    schedule: str = setting(default="*/5 * * * *", example="*/2 * * * *", help="Cron schedule of the forwarding DAG.")
    max_seconds: float | None = setting(
        parse=parsers.seconds,
        example="240",
        help="Deadline of a drain in seconds; what is then left waits for the next one. "
        "Without it, the forwarding DAG takes seven tenths of its schedule's shortest interval.",
    )
    max_receives: int = setting(
        default=10,
        parse=parsers.whole_number,
        example="5",
        help="After so many receives of a message an unknown error of DataZone counts as permanent.",
    )
    # As a drain does: an event that is dead-lettered and counted is no reason to fail a whole run.
    on_processing_failed: str = setting(
        default="warn",
        parse=parsers.one_of("warn", "fail", "ignore"),
        example="fail",
        help="What the forwarding DAG does when DataZone failed to process an event that it had accepted: ``warn`` or "
        "``fail``, after it was written to the dead-letter queue; ``ignore`` does not look for such events.",
    )

    merge: str = setting(
        default="backlog",
        parse=parsers.one_of("never", "backlog", "always"),
        example="always",
        help="Whether events of one run that are in flight together are posted as one: ``never``, ``always``, or "
        "``backlog``: when the backlog would outlast the drain at the present rate.",
    )
    skip_empty: bool = setting(
        default=True,
        parse=parsers.flag,
        example="false",
        help="Whether events that draw nothing are skipped: those without datasets that do not say FAIL or ABORT.",
    )
    transforms: tuple[str, ...] = setting(
        default=DEFAULT_TRANSFORMS,
        parse=parsers.texts,
        example="redact,symlinks,glue,athena,redshift,s3_paths,my_module.my_transform",
        help="Transforms of an event, in this order: names of built-in transforms and of ``dzlineage.transforms`` "
        "entry points, and dotted paths. There are redact, symlinks, glue, athena, redshift, s3_paths, job_names, "
        "namespaces and facets; the last three come at the end where their own settings are set.",
    )
    redshift: Mapping[str, Any] = setting(
        default={},
        parse=parsers.json_object,
        example='{"analytics.eu-west-1": {"account": "123456789012", "kind": "provisioned", "name": "analytics"}}',
        help="What Redshift hosts, clusters and workgroups are, as JSON; what it does not name is looked up.",
    )
    account_id: str | None = setting(
        parse=parsers.account,
        example="123456789012",
        help="AWS account whose Glue catalog holds Athena's tables. Without it, the account in the URL of the queue.",
    )
    job_names: tuple[str, ...] = setting(
        default=(),
        parse=parsers.patterns,
        example=r'["_\\d{8}$", "-[0-9a-f]{32}$"]',
        help="What is cut from job names: a regular expression, or several as JSON.",
    )
    namespaces: Mapping[str, Any] = setting(
        default={},
        parse=parsers.json_object,
        example='{"jobs": {"default": "airflow-prod"}, '
        '"datasets": {"postgres://10.0.0.5:5432": "postgres://orders:5432"}}',
        help="New namespaces of jobs and datasets by the old ones, as JSON. A key between slashes is a regular "
        "expression.",
    )
    facets: Mapping[str, Any] = setting(
        default={},
        parse=parsers.json_object,
        example='{"drop": ["spark.logicalPlan", "debug"]}',
        help="Globs of the facets to ``drop``, or the only ones to ``keep``, as JSON.",
    )
    redact: tuple[str, ...] = setting(
        default=(),
        parse=parsers.patterns,
        example=r'["token=(\\w+)"]',
        help="What else ``redact`` redacts: a regular expression, or several as JSON; its groups, or the whole match.",
    )
    include_jobs: tuple[str, ...] = _globs("included", "jobs, by name or <namespace>.<name>", "etl_*,finance.*")
    exclude_jobs: tuple[str, ...] = _globs("excluded", "jobs, by name or <namespace>.<name>", "*_test,scratch.*")
    include_job_namespaces: tuple[str, ...] = _globs("included", "job namespaces", "prod-*")
    exclude_job_namespaces: tuple[str, ...] = _globs("excluded", "job namespaces", "dev-*")
    include_producers: tuple[str, ...] = _globs("included", "producers", "*/integration/spark")
    exclude_producers: tuple[str, ...] = _globs("excluded", "producers", "*/integration/dbt")
    include_dataset_namespaces: tuple[str, ...] = _globs(
        "included", "dataset namespaces (one of the event's must match)", "arn:aws:glue:*,redshift://*"
    )
    exclude_dataset_namespaces: tuple[str, ...] = _globs(
        "excluded", "dataset namespaces (each of the event's must match)", "file*"
    )

    api_keys: str | None = setting(
        example="spark=sha256:<64 hexadecimal digits>,dbt=<a key of 16 characters or more>",
        help="Keys that the HTTP endpoint takes: ``name=key`` or ``name=sha256:<digest>`` between commas, or a JSON "
        "object of them, which can limit a key to globs of job namespaces. Without any key the endpoint does not "
        "start.",
    )
    api_keys_file: str | None = setting(
        example="/run/secrets/lineage-keys", help="A file that holds such keys; it is read again when running."
    )
    api_keys_secret: str | None = setting(
        example="arn:aws:secretsmanager:us-east-1:123456789012:secret:lineage-keys-AbCdEf",
        help="A secret of AWS Secrets Manager, by ARN or name, that holds such keys; it is read again when running.",
    )

    def required(self, *names: str) -> list[str]:
        """Return the values of settings that have no default.

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
    """Return the settings; for each, the first source that has it wins.

    :param explicit: arguments of an operator or flags of the command line; None values count as not set.
    :param airflow: the ``[dzlineage]`` section of the Airflow configuration.
    :param environment: variables, of which those named ``DZLINEAGE_<SETTING>`` count.
    :raises ConfigurationError: when a name is unknown or a value has the wrong form.
    """
    settings, errors = readable_settings(explicit, airflow, environment)
    if errors:
        raise joined({f"setting {name!r}": error for name, error in errors.items()})
    return settings


def readable_settings(
    explicit: Mapping[str, object] | None = None,
    airflow: Mapping[str, str] | None = None,
    environment: Mapping[str, str] = os.environ,
) -> tuple[Settings, dict[str, ConfigurationError]]:
    """Return the settings, of which those that are wrong count as not set, and by name what is wrong with them."""
    values, errors = read_settings(Settings, explicit or {}, airflow or {}, from_environment(Settings, environment))
    if values.get("queue_url") and values.get("queue_url") == values.get("dead_letter_queue_url"):
        # What cannot be published would be drained again, and dead-lettered again, without an end.
        del values["dead_letter_queue_url"]
        problem = "must be another queue than 'queue_url'"
        errors["dead_letter_queue_url"] = wrong_value(Settings, "dead_letter_queue_url", problem)
    return Settings(**values), errors


def setting_error(name: str, problem: str) -> ConfigurationError:
    """Return the error about a setting whose value has the right type and means nothing, with the setting's example."""
    return ConfigurationError(f"setting {name!r}: {problem}", example=_example(name))


def _example(name: str) -> str:
    return str(Settings.__dataclass_fields__[name].metadata["example"])


def _how_to_set(name: str) -> str:
    example = _example(name)
    return (
        f"setting {name!r} is missing. Set one of:\n"
        f"  airflow.cfg:             [dzlineage] {name} = {example}\n"
        f"  Amazon MWAA:             configuration option dzlineage.{name} = {example}\n"
        f"  environment of Airflow:  AIRFLOW__DZLINEAGE__{name.upper()}={example}\n"
        f"  environment:             {variable_of(name)}={example}"
    )
