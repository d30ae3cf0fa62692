"""Whether the settings are there and belong together."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from airflow_provider_dzlineage.aws.arns import region_of
from airflow_provider_dzlineage.doctor.finding import Finding, failed, passed, warned, wrong
from airflow_provider_dzlineage.settings import Settings

# Source: the pattern of DomainId in the service model of DataZone in botocore.
_DOMAIN_ID = re.compile(r"dzd[-_][a-zA-Z0-9_-]{1,36}")


def check_settings(
    settings: Settings, problems: Mapping[str, str], environment: Mapping[str, str] = os.environ
) -> Iterator[Finding]:
    """Look at the settings alone.

    :param settings: those that can be read.
    :param problems: by name, what is wrong with the others.
    :param environment: variables, of which those of AWS's Region count.
    """
    for name, problem in problems.items():
        yield wrong(f"setting {name}", problem)
    if "queue_url" not in problems:
        yield from _queue(settings)
    yield from _domain(settings)
    yield from _schedule(settings.schedule)
    yield from _regions(settings, environment)


def _queue(settings: Settings) -> Iterator[Finding]:
    url = settings.queue_url
    if not url:
        yield failed("setting queue_url", "is missing", "set DZLINEAGE_QUEUE_URL, or [dzlineage] queue_url in Airflow")
        return
    yield passed("setting queue_url", url)
    told = region_of(url)
    if told and settings.region_name and told != settings.region_name:
        yield failed(
            "Region of the queue",
            f"the URL says {told}, the setting 'region_name' {settings.region_name}",
            "remove the setting 'region_name'; the URL tells the Region",
        )
    dead_url = settings.dead_letter_queue_url or ""
    dead = region_of(dead_url)
    if _queue_of(dead_url) == _queue_of(url):
        yield failed(
            "setting dead_letter_queue_url",
            "it is the queue itself: what cannot be published circles in it",
            "set it to another queue, or remove it where the queue has a redrive policy",
        )
    if told and dead and told != dead:
        yield failed(
            "Region of the dead-letter queue",
            f"it is in {dead}, the queue in {told}",
            "set 'dead_letter_queue_url' to a queue in the queue's Region: one client serves both",
        )


def _queue_of(url: str) -> tuple[str, str]:
    """Return what two URLs of one queue have in common, as its host has an old and a new form."""
    parts = urlsplit(url)
    return region_of(url) or parts.netloc, parts.path.rstrip("/")


def _domain(settings: Settings) -> Iterator[Finding]:
    domain_id = settings.domain_id
    if not domain_id:
        yield failed("setting domain_id", "is missing", "set DZLINEAGE_DOMAIN_ID, or [dzlineage] domain_id in Airflow")
        return
    if not _DOMAIN_ID.fullmatch(domain_id):
        yield failed(
            "setting domain_id",
            f"{domain_id!r} is no identifier",
            "it begins with dzd_ or dzd-, as in the portal's URL",
        )
        return
    yield passed("setting domain_id", domain_id)


def _schedule(schedule: str) -> Iterator[Finding]:
    try:
        # Airflow brings it; where there is no Airflow, no forwarding DAG has a schedule.
        from croniter import croniter
    except ImportError:
        return
    if not croniter.is_valid(schedule):
        yield failed(
            "setting schedule",
            f"{schedule!r} is no cron expression, and the forwarding DAG cannot be imported with it",
            "correct it where it is set; a right example is '*/5 * * * *'",
        )


def _regions(settings: Settings, environment: Mapping[str, str]) -> Iterator[Finding]:
    queue = region_of(settings.queue_url or "")
    domain = settings.domain_region_name
    told = environment.get("AWS_DEFAULT_REGION") or environment.get("AWS_REGION")
    if not (queue and settings.domain_id):
        return
    if domain and domain != queue:
        yield warned(
            "Regions",
            f"the queue is in {queue}, the domain in {domain}",
            "nothing, if that is meant: each event then crosses Regions once",
        )
    elif not domain and told and told != queue:
        yield warned(
            "Regions",
            f"the queue is in {queue}, and the domain is looked for in the Region of the environment, {told}",
            "set 'domain_region_name' to the Region of the domain",
        )
