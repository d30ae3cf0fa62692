"""From the settings to the pipeline of a site: its transforms, in their order, and its filters."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from airflow_provider_dzlineage.aws.arns import queue_account, queue_region
from airflow_provider_dzlineage.errors import ConfigurationError
from airflow_provider_dzlineage.lineage.filters import Filters, Globs
from airflow_provider_dzlineage.lineage.pipeline import Pipeline
from airflow_provider_dzlineage.lineage.redaction.patterns import may_hold_a_secret
from airflow_provider_dzlineage.lineage.redaction.redact import Redaction
from airflow_provider_dzlineage.lineage.rules.redshift_lookup import ClientFor, RedshiftLookup
from airflow_provider_dzlineage.lineage.transform import NamedTransform, Transform, always
from airflow_provider_dzlineage.lineage.transforms.facets import facets
from airflow_provider_dzlineage.lineage.transforms.glue import athena, glue
from airflow_provider_dzlineage.lineage.transforms.redshift import KnownWarehouses, redshift
from airflow_provider_dzlineage.lineage.transforms.renames import job_names, namespaces
from airflow_provider_dzlineage.lineage.transforms.s3_paths import s3_paths
from airflow_provider_dzlineage.lineage.transforms.symlinks import symlinks
from airflow_provider_dzlineage.settings.site import Settings

ENTRY_POINTS = "dzlineage.transforms"
_OPTIONAL = ("job_names", "namespaces", "facets")


def pipeline_of(settings: Settings, client_for: ClientFor) -> Pipeline:
    """Return the pipeline that the settings describe.

    :param client_for: makes a boto3 client of a service in a Region, for look-ups.
    :raises ConfigurationError: when a transform is unknown, cannot be imported, or is set wrongly.
    """
    # Their own setting turns them on.
    implied = [name for name in _OPTIONAL if getattr(settings, name) and name not in settings.transforms]
    transforms = tuple(_transform(name, settings, client_for) for name in (*settings.transforms, *implied))
    filters = Filters(
        jobs=Globs(settings.include_jobs, settings.exclude_jobs),
        job_namespaces=Globs(settings.include_job_namespaces, settings.exclude_job_namespaces),
        producers=Globs(settings.include_producers, settings.exclude_producers),
        dataset_namespaces=Globs(settings.include_dataset_namespaces, settings.exclude_dataset_namespaces),
    )
    redactions = [named.transform.raw for named in transforms if isinstance(named.transform, Redaction)]
    return Pipeline(transforms, filters, settings.skip_empty, redactions[0] if redactions else str)


def _mentions(*words: str) -> Callable[[str], bool]:
    # The text is in lower case.
    lower = [word.lower() for word in words]
    return lambda text: any(word in text for word in lower)


# By its name: how a transform is made of the settings, which texts it may change, and why it changes them.
BUILT_IN: Mapping[str, Callable[[Settings, ClientFor], tuple[Transform, Callable[[str], bool], str]]] = {
    # No word announces what a site's own pattern matches.
    "redact": lambda settings, _: (
        Redaction(settings.redact),
        always if settings.redact else may_hold_a_secret,
        "a secret was in it",
    ),
    "symlinks": lambda *_: (symlinks, _mentions("symlinks"), "its symlinks name a table of the Glue catalog"),
    "glue": lambda *_: (
        glue,
        _mentions(":glue:", ":s3tables:"),
        "the Glue catalog's tables are table/<database>/<table>",
    ),
    "athena": lambda settings, _: (
        athena(settings.account_id or queue_account(settings.queue_url or "")),
        _mentions("awsathena:"),
        "Athena's tables are those of the Glue catalog",
    ),
    "redshift": lambda settings, client_for: (
        redshift(KnownWarehouses(settings.redshift, _home_region(settings)).find, RedshiftLookup(client_for).find),
        _mentions("redshift:"),
        "DataZone knows Redshift by cluster or workgroup, account and Region",
    ),
    "s3_paths": lambda *_: (
        s3_paths,
        _mentions('"s3'),
        "a dataset on S3 is a folder, without partitions and stray slashes",
    ),
    "job_names": lambda settings, _: (job_names(settings.job_names), always, "the setting 'job_names' says so"),
    "namespaces": lambda settings, _: (namespaces(settings.namespaces), always, "the setting 'namespaces' says so"),
    "facets": lambda settings, _: (facets(settings.facets), always, "the setting 'facets' says so"),
}


def _transform(name: str, settings: Settings, client_for: ClientFor) -> NamedTransform:
    if name in BUILT_IN:
        transform, may_change, why = BUILT_IN[name](settings, client_for)
        return NamedTransform(name, transform, may_change=may_change, why=why)
    try:
        entry_point = next(iter(entry_points(group=ENTRY_POINTS, name=name)), None)
        foreign = entry_point.load() if entry_point else _imported(name)
    except ConfigurationError:
        raise
    except Exception as error:
        # A user's module may raise anything.
        raise ConfigurationError(
            f"setting 'transforms': {name!r} cannot be imported: {type(error).__name__}: {error}",
            fix="put a module of your own on PYTHONPATH or into the plugins folder of Airflow",
        ) from error
    if not callable(foreign):
        raise ConfigurationError(f"setting 'transforms': {name!r} is not a function of one event")
    return NamedTransform(name, foreign, is_foreign=True)


def _imported(name: str) -> Any:
    module, _, attribute = name.rpartition(".")
    if not module:
        known = [*BUILT_IN, *sorted(entry_points(group=ENTRY_POINTS).names)]
        raise ConfigurationError(
            f"setting 'transforms': there is no {name!r}; there are {', '.join(known)}, and dotted paths",
            example="my_module.my_transform",
        )
    return getattr(import_module(module), attribute)


def _home_region(settings: Settings) -> str | None:
    """Return the Region of the catalog, or else that of the queue or of the environment."""
    of_queue = settings.region_name or queue_region(settings.queue_url or "")
    of_environment = os.environ.get("AWS_DEFAULT_REGION") or os.environ.get("AWS_REGION")
    return settings.domain_region_name or of_queue or of_environment
