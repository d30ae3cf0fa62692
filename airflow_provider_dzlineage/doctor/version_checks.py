"""Whether the installed packages are known to work together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version

from packaging.version import Version

from airflow_provider_dzlineage import __version__
from airflow_provider_dzlineage.doctor.finding import Finding, failed, passed, warned

# The floors of this package's own metadata, for environments that were not made by pip.
_FLOORS = {
    "apache-airflow": "2.10.3",
    "apache-airflow-providers-amazon": "9.0.0",
    "apache-airflow-providers-openlineage": "1.13.0",
    "boto3": "1.35.36",
}
# What works, but for something.
_LIMITS = {
    "openlineage-python": (
        "1.24.0",
        "its composite transport knows no continue_on_success and sends everything to all",
        "no fix on MWAA 2.10.3; elsewhere, upgrade openlineage-python to 1.24 or later",
    ),
}


def check_versions() -> Iterator[Finding]:
    """Look at what is installed."""
    installed = {name: _version(name) for name in (*_FLOORS, *_LIMITS)}
    yield passed("airflow-provider-dzlineage", __version__)
    yield from _told(installed)


def _told(installed: Mapping[str, str | None]) -> Iterator[Finding]:
    for name, floor in _FLOORS.items():
        found = installed[name]
        if found is None:
            # A command line beside dbt has no Airflow.
            if name == "boto3":
                yield failed(name, "is not installed", "pip install boto3")
        elif Version(found) < Version(floor):
            yield failed(name, f"{found} is too old", f"upgrade it to {floor} or later")
        else:
            yield passed(name, found)
    for name, (floor, problem, fix) in _LIMITS.items():
        found = installed[name]
        if found and Version(found) < Version(floor):
            yield warned(name, f"{found}: {problem}", fix)
        elif found:
            yield passed(name, found)


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
