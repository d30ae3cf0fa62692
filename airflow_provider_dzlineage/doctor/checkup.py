"""The run of all checks of a site: which there are, side by side, each limited in time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import TypeVar
from urllib.parse import urlsplit

from airflow_provider_dzlineage.aws.deadline import Clock, Deadline, DeadlineExceededError, in_background
from airflow_provider_dzlineage.buffer.queue import Queue
from airflow_provider_dzlineage.catalog.client import Catalog
from airflow_provider_dzlineage.doctor.canary import check_canary
from airflow_provider_dzlineage.doctor.domain import check_domain
from airflow_provider_dzlineage.doctor.endpoint import check_endpoint
from airflow_provider_dzlineage.doctor.environment import check_clock, check_versions
from airflow_provider_dzlineage.doctor.finding import Check, Finding, failed, failed_with, passed, skipped, usual_fix
from airflow_provider_dzlineage.doctor.openlineage import OpenLineageOptions, check_openlineage
from airflow_provider_dzlineage.doctor.queue import check_queue
from airflow_provider_dzlineage.doctor.settings import check_names, check_receiver_settings, check_settings
from airflow_provider_dzlineage.errors import ConfigurationError, DzLineageError
from airflow_provider_dzlineage.lineage.pipeline import Pipeline
from airflow_provider_dzlineage.settings.site import Settings

CHECK_SECONDS = 20.0
_T = TypeVar("_T")


@dataclass(frozen=True)
class Site:
    """The site that is checked. A check calls what it needs, and reports what that raises.

    :param settings: the valid ones.
    :param problems: errors of the other settings, by name.
    :param pipeline: returns the pipeline of the settings.
    :param queue: returns the buffer; called only when its setting is there, as is ``catalog``.
    :param catalog: returns the domain.
    :param openlineage: returns what Airflow has configured; None where there is no Airflow.
    :param endpoint_url: the HTTP endpoint; None not to check one.
    :param canary_seconds: how long to wait for a canary; None to send none.
    """

    settings: Settings
    problems: Mapping[str, ConfigurationError]
    pipeline: Callable[[], Pipeline]
    queue: Callable[[], Queue]
    catalog: Callable[[], Catalog]
    openlineage: Callable[[], OpenLineageOptions | None]
    endpoint_url: str | None = None
    canary_seconds: float | None = None


def eager(build: Callable[[], _T]) -> Callable[[], _T]:
    """Call a function now, in this thread; return a function that returns or raises what it did."""
    outcome: Future[_T] = Future()
    try:
        outcome.set_result(build())
    except Exception as error:
        outcome.set_exception(error)
    return outcome.result


def check_site(site: Site) -> Iterator[Finding]:
    """Check a site; yield the findings one after the other."""
    settings = site.settings
    checks: dict[str, Check] = {
        "settings": partial(check_settings, settings, site.problems),
        "names": partial(_check_names, site),
        "setting transforms": partial(_check_transforms, site),
        "settings of the endpoint": partial(check_receiver_settings, settings, os.environ),
        "versions": check_versions,
        "openlineage": lambda: check_openlineage(site.openlineage(), settings.queue_url, settings.domain_id),
        "queue": lambda: [skipped("queue", "its setting is missing or wrong")],
        "domain": lambda: [skipped("domain", "its setting is missing or wrong")],
    }
    if settings.queue_url:
        checks["queue"] = lambda: check_queue(site.queue(), settings.dead_letter_queue_url)
    if settings.domain_id:
        checks["domain"] = lambda: check_domain(site.catalog())
    if settings.queue_url and settings.queue_url.startswith("http"):
        parts = urlsplit(settings.queue_url)
        checks["clock"] = partial(check_clock, f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}")
    if site.endpoint_url:
        checks["endpoint"] = partial(check_endpoint, site.endpoint_url)
    yield from run_checks(checks)
    seconds = site.canary_seconds
    if seconds is None:
        return
    if settings.queue_url and settings.domain_id:
        canary = {"canary": lambda: check_canary(site.queue(), site.catalog(), site.pipeline(), seconds)}
        yield from run_checks(canary, seconds=seconds + 60)
    else:
        yield skipped("canary", "it needs the settings queue_url and domain_id")


def run_checks(
    checks: Mapping[str, Check], seconds: float = CHECK_SECONDS, clock: Clock | None = None
) -> Iterator[Finding]:
    """Run checks side by side and yield their findings in order.

    :param checks: by name.
    :param seconds: for all of them together; a check that has not ended by then fails.
    """
    deadline = Deadline(seconds, clock=clock)
    # In threads, since nothing can end what hangs in a resolver.
    running = {name: in_background(partial(_run_check, name, check), name) for name, check in checks.items()}
    for name, result in running.items():
        try:
            findings = deadline.result(result)
        except DeadlineExceededError:
            fix = "check the network between here and it: proxy, security groups, VPC endpoints"
            findings = [failed(name, f"no answer within {seconds:.0f} seconds", fix)]
        yield from findings


def _run_check(name: str, check: Check) -> list[Finding]:
    findings: list[Finding] = []
    try:
        findings.extend(check())
    except DzLineageError as error:
        findings.append(failed_with(name, error))
    except Exception as error:
        # Without the exception's text, which may hold a secret.
        kind, fix = type(error).__name__, usual_fix(error)
        detail = kind if fix else f"unexpected {kind}"
        findings.append(failed(name, detail, fix or "report it as a bug of this package"))
    return findings


def _check_names(site: Site) -> Iterator[Finding]:
    try:
        options = site.openlineage()
    except ConfigurationError:
        # The check of OpenLineage reports it.
        options = None
    yield from check_names(os.environ, options.section_names if options else ())


def _check_transforms(site: Site) -> Iterator[Finding]:
    site.pipeline()
    yield passed("setting transforms", ", ".join(site.settings.transforms))
