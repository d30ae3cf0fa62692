"""Checks of this machine: the versions of the installed packages, and the clock."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from importlib.metadata import PackageNotFoundError, version

from packaging.version import Version

from airflow_provider_dzlineage import __version__
from airflow_provider_dzlineage.doctor.finding import Finding, failed, passed, skipped, warned

_CLIENT = "openlineage-python"
# The floors of this package's own metadata, for environments that were not made by pip, and of a client that works.
_FLOORS = {
    "apache-airflow": "2.10.3",
    "apache-airflow-providers-amazon": "9.0.0",
    "apache-airflow-providers-openlineage": "1.13.0",
    "boto3": "1.35.36",
    _CLIENT: "1.24.0",
}
_CLOCK_TIMEOUT_SECONDS = 5
# Source: "Troubleshoot signed requests for AWS APIs" in the IAM user guide.
_REFUSED_SKEW_SECONDS = 300
_LARGE_SKEW_SECONDS = 30


def installed_version(package: str) -> str | None:
    """Return the version of an installed package; None when it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def check_versions(version_of: Callable[[str], str | None] = installed_version) -> Iterator[Finding]:
    """Check that the installed packages are known to work together."""
    yield passed("airflow-provider-dzlineage", __version__)
    for name, floor in _FLOORS.items():
        installed = version_of(name)
        if installed is None:
            # There need not be an Airflow, as where the command line is used beside dbt.
            if name == "boto3":
                yield failed(name, "is not installed", "pip install boto3")
        elif Version(installed) >= Version(floor):
            yield passed(name, installed)
        elif name == _CLIENT:
            yield warned(
                name,
                f"{installed}: its composite transport knows no continue_on_success and sends everything to all",
                "no fix on MWAA 2.10.3; elsewhere, upgrade openlineage-python to 1.24 or later",
            )
        else:
            yield failed(name, f"{installed} is too old", f"upgrade it to {floor} or later")


def check_clock(url: str) -> Iterator[Finding]:
    """Compare the clock with the date of an HTTP response.

    :param url: any address of an AWS service; its status does not matter.
    """
    try:
        with urllib.request.urlopen(url, timeout=_CLOCK_TIMEOUT_SECONDS) as response:  # noqa: S310
            date = response.headers.get("date")
    except urllib.error.HTTPError as error:
        date = error.headers.get("date")
    except (OSError, HTTPException) as error:
        yield skipped("clock", f"{type(error).__name__} at {url}: no answer of an AWS service")
        return
    if not date:
        yield skipped("clock", "the answer has no date")
        return
    try:
        skew = abs(time.time() - parsedate_to_datetime(date).timestamp())
    except (ValueError, OverflowError):
        yield skipped("clock", "the date of the answer cannot be read")
        return
    detail = f"{skew:.0f} seconds off"
    if skew >= _REFUSED_SKEW_SECONDS:
        yield failed("clock", detail, "set the clock (NTP): AWS refuses signatures that are five minutes off")
    elif skew >= _LARGE_SKEW_SECONDS:
        yield warned("clock", detail, "set the clock (NTP)")
    else:
        yield passed("clock", detail)
