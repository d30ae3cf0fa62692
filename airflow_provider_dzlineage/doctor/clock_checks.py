"""Whether the clock of this machine agrees with that of AWS."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from http.client import HTTPException

from airflow_provider_dzlineage.doctor.finding import Finding, failed, passed, skipped, warned

_SECONDS = 5
# Source: "Troubleshoot signed requests for AWS APIs" in the IAM user guide.
_REFUSED_SECONDS = 300
_STRANGE_SECONDS = 30


def check_clock(url: str) -> Iterator[Finding]:
    """Compare the clock with the date of an answer.

    :param url: any address of an AWS service; what it answers does not matter.
    """
    try:
        with urllib.request.urlopen(url, timeout=_SECONDS) as answer:  # noqa: S310
            date = answer.headers.get("date")
    except urllib.error.HTTPError as error:
        date = error.headers.get("date")
    except (OSError, HTTPException) as error:
        yield skipped("clock", f"{type(error).__name__} at {url}: no answer of an AWS service")
        return
    if not date:
        yield skipped("clock", "the answer has no date")
        return
    try:
        off = abs(time.time() - parsedate_to_datetime(date).timestamp())
    except (ValueError, OverflowError):
        yield skipped("clock", "the date of the answer cannot be read")
        return
    detail = f"{off:.0f} seconds off"
    if off >= _REFUSED_SECONDS:
        yield failed("clock", detail, "set the clock (NTP): AWS refuses signatures that are five minutes off")
    elif off >= _STRANGE_SECONDS:
        yield warned("clock", detail, "set the clock (NTP)")
    else:
        yield passed("clock", detail)
