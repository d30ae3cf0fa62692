"""Which checks a site gets."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

from airflow_provider_dzlineage.buffer.queue import Queue
from airflow_provider_dzlineage.catalog.client import Catalog
from airflow_provider_dzlineage.doctor.canary import check_canary
from airflow_provider_dzlineage.doctor.clock_checks import check_clock
from airflow_provider_dzlineage.doctor.domain_checks import check_domain
from airflow_provider_dzlineage.doctor.endpoint_checks import check_endpoint
from airflow_provider_dzlineage.doctor.examination import examine
from airflow_provider_dzlineage.doctor.finding import Check, Finding, passed, skipped
from airflow_provider_dzlineage.doctor.name_checks import check_names
from airflow_provider_dzlineage.doctor.openlineage_checks import OpenLineageOptions, check_openlineage
from airflow_provider_dzlineage.doctor.queue_checks import check_queue
from airflow_provider_dzlineage.doctor.receiver_checks import check_receiver
from airflow_provider_dzlineage.doctor.settings_checks import check_settings
from airflow_provider_dzlineage.doctor.version_checks import check_versions
from airflow_provider_dzlineage.errors import ConfigurationError
from airflow_provider_dzlineage.lineage.pipeline import Pipeline
from airflow_provider_dzlineage.settings import Settings


@dataclass(frozen=True)
class Site:
    """What is examined.

    :param settings: those that can be read.
    :param problems: by name, what is wrong with the other settings.
    :param pipeline: makes what repairs events, of the settings.
    :param queue: makes the buffer; is called only when its setting is there. So is ``catalog``.
    :param dead_letters: makes the dead-letter queue of a URL.
    :param openlineage: reads what Airflow has in effect; None where there is no Airflow.
    :param endpoint_url: the HTTP endpoint; None when there is none to look at.
    :param canary_seconds: how long to wait for a canary; None to send none.
    """

    settings: Settings
    problems: Mapping[str, str]
    pipeline: Callable[[], Pipeline]
    queue: Callable[[], Queue]
    dead_letters: Callable[[str], Queue]
    catalog: Callable[[], Catalog]
    openlineage: Callable[[], OpenLineageOptions | None]
    endpoint_url: str | None = None
    canary_seconds: float | None = None


def check_up(site: Site) -> Iterator[Finding]:
    """Examine a site; yields one line after the other."""
    settings = site.settings
    checks: dict[str, Check] = {
        "settings": partial(check_settings, settings, site.problems),
        "names": partial(_names, site),
        "setting transforms": partial(_rules, site),
        "settings of the endpoint": partial(check_receiver, settings, os.environ),
        "versions": check_versions,
        "openlineage": lambda: check_openlineage(site.openlineage(), settings.queue_url, settings.domain_id),
        "queue": partial(_queue, site),
        "domain": partial(_domain, site),
    }
    if settings.queue_url and settings.queue_url.startswith("http"):
        parts = urlsplit(settings.queue_url)
        checks["clock"] = partial(check_clock, f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}")
    if site.endpoint_url:
        checks["endpoint"] = partial(check_endpoint, site.endpoint_url)
    yield from examine(checks)
    if site.canary_seconds is not None:
        if not (settings.queue_url and settings.domain_id):
            yield skipped("canary", "it needs the settings queue_url and domain_id")
            return
        canary = partial(_canary, site, site.canary_seconds)
        yield from examine({"canary": canary}, seconds=site.canary_seconds + 60)


def _names(site: Site) -> Iterator[Finding]:
    try:
        options = site.openlineage()
    except ConfigurationError:
        # The check of Airflow says why it does not answer.
        options = None
    yield from check_names(os.environ, options.section_names if options else ())


def _rules(site: Site) -> Iterator[Finding]:
    site.pipeline()
    yield passed("setting transforms", ", ".join(site.settings.transforms))


def _queue(site: Site) -> Iterator[Finding]:
    if not site.settings.queue_url:
        yield skipped("queue", "its setting is missing or wrong")
        return
    url = site.settings.dead_letter_queue_url
    yield from check_queue(site.queue(), site.dead_letters(url) if url else None)


def _domain(site: Site) -> Iterator[Finding]:
    if site.settings.domain_id:
        yield from check_domain(site.catalog())
    else:
        yield skipped("domain", "its setting is missing or wrong")


def _canary(site: Site, seconds: float) -> Iterator[Finding]:
    yield from check_canary(site.queue(), site.catalog(), site.pipeline(), seconds)
