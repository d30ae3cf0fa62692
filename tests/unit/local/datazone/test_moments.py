"""Moments are read in each form that AWS clients send, and only those that can be given back."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from airflow_provider_dzlineage.local.datazone.moments import moment_of, parse_moment

MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    "value",
    [
        "2026-01-02T03:04:05Z",
        "2026-01-02T05:04:05+02:00",
        "2026-01-02T03:04:05",
        "Fri, 02 Jan 2026 03:04:05 GMT",
        1767323045,
        1767323045.0,
        "1767323045",
    ],
)
def test_each_form_is_the_same_moment(value):
    assert parse_moment(value) == MOMENT


@pytest.mark.parametrize(
    "value",
    [
        *("", "banana", "NaN", "Infinity", None, [], {}, "99999999999999999", "1e400"),
        *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59.999999Z"),
    ],
)
def test_what_is_no_moment_of_the_calendar_is_refused(value):
    with pytest.raises(ValueError, match="not a moment"):
        parse_moment(value)


def test_the_ends_of_the_calendar_are_kept():
    for text in ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"):
        assert moment_of(parse_moment(text).timestamp()) == parse_moment(text)
