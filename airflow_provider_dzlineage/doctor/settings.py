"""Checks of the settings: of the forwarder and of the HTTP endpoint, and names that are not those of a setting."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from difflib import get_close_matches
from typing import Any
from urllib.parse import urlsplit

from airflow_provider_dzlineage.aws.arns import queue_region
from airflow_provider_dzlineage.doctor.finding import Finding, failed, failed_with, passed, warned
from airflow_provider_dzlineage.errors import ConfigurationError
from airflow_provider_dzlineage.receiver.keys import keyring_of
from airflow_provider_dzlineage.receiver.options import ReceiverOptions, receiver_options
from airflow_provider_dzlineage.settings.loader import ENVIRONMENT_PREFIX, variable_of
from airflow_provider_dzlineage.settings.site import Settings

# Source: the pattern of DomainId in the service model of DataZone in botocore.
_DOMAIN_ID = re.compile(r"dzd[-_][a-zA-Z0-9_-]{1,36}")
_KEYS_FIX = "correct it where it is set, or put the file where the endpoint reads it"


def check_settings(
    settings: Settings, problems: Mapping[str, ConfigurationError], environment: Mapping[str, str] = os.environ
) -> Iterator[Finding]:
    """Check the settings by themselves.

    :param settings: the valid ones.
    :param problems: errors of the others, by name.
    :param environment: variables, of which those of AWS's Region count.
    """
    for name, problem in problems.items():
        yield failed_with(f"setting {name}", problem)
    if "queue_url" not in problems:
        yield from _check_queue_url(settings)
    yield _check_domain_id(settings.domain_id)
    yield from _check_schedule(settings.schedule)
    yield from _check_regions(settings, environment)


def _check_queue_url(settings: Settings) -> Iterator[Finding]:
    url = settings.queue_url
    if not url:
        yield failed("setting queue_url", "is missing", "set DZLINEAGE_QUEUE_URL, or [dzlineage] queue_url in Airflow")
        return
    yield passed("setting queue_url", url)
    region = queue_region(url)
    if region and settings.region_name and region != settings.region_name:
        yield failed(
            "Region of the queue",
            f"the URL says {region}, the setting 'region_name' {settings.region_name}",
            "remove the setting 'region_name'; the URL has the Region",
        )
    dlq_url = settings.dead_letter_queue_url or ""
    dlq_region = queue_region(dlq_url)
    if _queue_identity(dlq_url) == _queue_identity(url):
        yield failed(
            "setting dead_letter_queue_url",
            "it is the queue itself: what cannot be published circles in it",
            "set it to another queue, or remove it where the queue has a redrive policy",
        )
    if region and dlq_region and region != dlq_region:
        yield failed(
            "Region of the dead-letter queue",
            f"it is in {dlq_region}, the queue in {region}",
            "set 'dead_letter_queue_url' to a queue in the queue's Region: one client serves both",
        )


def _queue_identity(url: str) -> tuple[str, str]:
    """Return what is the same in all URLs of a queue, since its host has an old and a new form."""
    parts = urlsplit(url)
    return queue_region(url) or parts.netloc, parts.path.rstrip("/")


def _check_domain_id(domain_id: str | None) -> Finding:
    check = "setting domain_id"
    if not domain_id:
        return failed(check, "is missing", "set DZLINEAGE_DOMAIN_ID, or [dzlineage] domain_id in Airflow")
    if not _DOMAIN_ID.fullmatch(domain_id):
        detail = f"{domain_id!r} is not the identifier of a domain"
        return failed(check, detail, "it begins with dzd_ or dzd-, as in the portal's URL")
    return passed(check, domain_id)


def _check_schedule(schedule: str) -> Iterator[Finding]:
    try:
        # Airflow brings it; where there is no Airflow, no forwarding DAG has a schedule.
        from croniter import croniter
    except ImportError:
        return
    if not croniter.is_valid(schedule):
        yield failed(
            "setting schedule",
            f"{schedule!r} is not a cron expression, and the forwarding DAG cannot be imported with it",
            "correct it where it is set, for example '*/5 * * * *'",
        )


def _check_regions(settings: Settings, environment: Mapping[str, str]) -> Iterator[Finding]:
    region = queue_region(settings.queue_url or "")
    domain_region = settings.domain_region_name
    default_region = environment.get("AWS_DEFAULT_REGION") or environment.get("AWS_REGION")
    if not (region and settings.domain_id):
        return
    if domain_region and domain_region != region:
        yield warned(
            "Regions",
            f"the queue is in {region}, the domain in {domain_region}",
            "nothing, if that is intended: each event then crosses Regions once",
        )
    elif not domain_region and default_region and default_region != region:
        yield warned(
            "Regions",
            f"the queue is in {region}, and the domain is expected in the environment's Region, {default_region}",
            "set 'domain_region_name' to the Region of the domain",
        )


def check_names(variables: Iterable[str], options: Iterable[str] = ()) -> Iterator[Finding]:
    """Check for misspelt names of settings, which nothing reads.

    :param variables: names of environment variables.
    :param options: names in the section ``[dzlineage]`` of the Airflow configuration.
    """
    settings = [setting.name for setting in fields(Settings)]
    receiver = [option.name for option in fields(ReceiverOptions)]
    known = [variable_of(name) for name in (*settings, *receiver)]
    for variable in sorted(variables):
        if variable.startswith(ENVIRONMENT_PREFIX) and variable not in known:
            yield _unknown_name(variable, variable, known)
    for option in sorted(options):
        # With these endings Airflow reads the option's value from a command or a secret.
        if not {option, option.removesuffix("_cmd"), option.removesuffix("_secret")} & set(settings):
            yield _unknown_name(f"[dzlineage] {option}", option, settings)


def _unknown_name(check: str, name: str, known: list[str]) -> Finding:
    nearest = get_close_matches(name, known, 1, 0.8)
    fix = f"if {nearest[0]} is meant, rename it" if nearest else "remove it; the documentation lists the settings"
    return warned(check, "nothing reads a setting of this name", fix)


def check_receiver_settings(settings: Settings, environment: Mapping[str, str]) -> Iterator[Finding]:
    """Check the settings of the HTTP endpoint that are set; an invalid one keeps it from starting.

    A secret is not read, since that needs a permission that whoever runs the doctor need not have.

    :param settings: of which those with API keys count.
    :param environment: variables, of which the endpoint's options count.
    """
    for option in fields(ReceiverOptions):
        variable = variable_of(option.name)
        if not environment.get(variable):
            continue
        try:
            receiver_options({}, {variable: environment[variable]})
        except ConfigurationError as error:
            yield failed_with(variable, error)
    for name in ("api_keys", "api_keys_file"):
        source: dict[str, Any] = {name: getattr(settings, name)}
        if not source[name]:
            continue
        try:
            # One source at a time, so that each has a finding of its own.
            keys = keyring_of(Settings(**source)).keys()
        except ConfigurationError as error:
            yield failed_with(f"setting {name}", error, _KEYS_FIX)
        else:
            yield passed(f"setting {name}", f"{len(keys)} keys" if len(keys) > 1 else "1 key")
