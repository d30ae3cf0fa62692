"""Moments in time, as SQLite keeps them and as answers show them."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from botocore.utils import parse_timestamp


def parse_moment(value: Any) -> datetime:
    """Read a moment in any form that AWS clients send.

    :param value: ISO 8601 or HTTP-date text, or seconds since the epoch.
    :return: the moment in UTC; text without a time zone is taken as UTC.
    :raises ValueError: when it is none, or one that ``moment_of`` could not give back.
    """
    try:
        moment = parse_timestamp(value)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=timezone.utc)
        return moment_of(moment.timestamp())
    except (ValueError, OverflowError, RuntimeError, TypeError, OSError):
        # What is beyond the calendar raises one or another of these, according to the platform.
        raise ValueError(f"not a moment: {value!r}") from None


def moment_of(seconds: float) -> datetime:
    """Return a moment from seconds since the epoch."""
    return datetime.fromtimestamp(seconds, tz=timezone.utc)
