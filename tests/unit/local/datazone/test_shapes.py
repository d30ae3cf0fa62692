"""Values are read, checked and written by every rule that a service model can hold."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from botocore.model import ShapeResolver

from airflow_provider_dzlineage.local.datazone import shapes
from airflow_provider_dzlineage.local.datazone.shapes import parse_datetime, utc_datetime

SHAPES = ShapeResolver(
    {
        "Name": {"type": "string", "min": 2, "max": 4, "pattern": "[a-z]+"},
        "Color": {"type": "string", "enum": ["red", "blue"]},
        "Count": {"type": "integer", "min": 1, "max": 50},
        "Flag": {"type": "boolean"},
        "Share": {"type": "double", "max": 1},
        "Bytes": {"type": "blob", "max": 3},
        "Moment": {"type": "timestamp"},
        "Names": {"type": "list", "member": {"shape": "Name"}, "min": 1, "max": 2},
        "Tags": {"type": "map", "key": {"shape": "Name"}, "value": {"shape": "Count"}, "max": 1},
        "Inner": {"type": "structure", "required": ["name"], "members": {"name": {"shape": "Name"}}},
        "Outer": {
            "type": "structure",
            "members": {
                "inner": {"shape": "Inner"},
                "names": {"shape": "Names"},
                "moment": {"shape": "Moment", "locationName": "at"},
            },
        },
    }
)


def shape(name):
    return SHAPES.get_shape_by_name(name)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Name", "abc"),
        ("Color", "red"),
        ("Count", 50),
        ("Flag", True),
        ("Share", 0.5),
        ("Share", 1),
        ("Bytes", b"abc"),
        ("Moment", datetime.now(timezone.utc)),
        ("Names", ["ab", "cd"]),
        ("Tags", {"ab": 1}),
        ("Inner", {"name": "ab"}),
        ("Outer", {}),
    ],
)
def test_a_right_value_has_no_problems(name, value):
    assert list(shapes.problems(value, shape(name), "it")) == []


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("Name", "a", "the length of it must be at least 2"),
        ("Name", "abcde", "the length of it must be at most 4"),
        ("Name", "ab\n", "it must match [a-z]+"),
        ("Name", 5, "it must be of type string"),
        ("Color", "green", "it must be one of red, blue"),
        ("Count", 0, "it must be at least 1"),
        ("Count", 51, "it must be at most 50"),
        ("Count", True, "it must be of type integer"),
        ("Count", 1.5, "it must be of type integer"),
        ("Count", {}, "it must be of type integer"),
        ("Flag", 1, "it must be of type boolean"),
        ("Share", 1.1, "it must be at most 1"),
        ("Bytes", b"abcd", "the length of it must be at most 3"),
        ("Moment", "banana", "it must be of type timestamp"),
        ("Names", 7, "it must be a list"),
        ("Names", [], "the length of it must be at least 1"),
        ("Names", ["ab", "a"], "the length of it[] must be at least 2"),
        ("Tags", [1], "it must be a map"),
        ("Tags", {"ab": 1, "cd": 2}, "the length of it must be at most 1"),
        ("Tags", {"a": 1}, "the length of it's key must be at least 2"),
        ("Tags", {"ab": 0}, "it{} must be at least 1"),
        ("Inner", 7, "it must be a structure"),
        ("Inner", {}, "it.name is required"),
        ("Outer", {"inner": {"name": "a"}}, "the length of it.inner.name must be at least 2"),
    ],
)
def test_a_broken_rule_is_told_with_its_place(name, value, problem):
    assert list(shapes.problems(value, shape(name), "it")) == [problem]


def test_json_is_read_by_its_names_on_the_wire_and_null_is_left_out():
    value = {"inner": None, "names": ["ab"], "at": 0, "unknown": 1}

    assert shapes.read(value, shape("Outer")) == {
        "names": ["ab"],
        "moment": datetime(1970, 1, 1, tzinfo=timezone.utc),
    }


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("Count", "7", 7),
        ("Count", "x", "x"),
        ("Flag", "true", True),
        ("Flag", "yes", "yes"),
        ("Name", "7", "7"),
        ("Bytes", "YWI=", b"ab"),
        ("Bytes", "?", "?"),
        ("Moment", "1970-01-01T00:00:00Z", datetime(1970, 1, 1, tzinfo=timezone.utc)),
        ("Moment", "banana", "banana"),
    ],
)
def test_text_of_uri_and_headers_becomes_a_value_or_stays_for_the_check(name, text, value):
    assert shapes.read_text(text, shape(name)) == value


def test_what_a_shape_does_not_name_is_not_written():
    moment = datetime(1970, 1, 1, 0, 0, 1, 500_000, tzinfo=timezone.utc)

    written = shapes.write({"moment": moment, "names": ["ab"], "inner": None, "secret": 1}, shape("Outer"))

    assert written == {"at": 1.5, "names": ["ab"]}


def test_a_time_in_a_header_is_an_http_date():
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)

    assert shapes.write_header(moment) == "Fri, 02 Jan 2026 03:04:05 GMT"


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
    assert parse_datetime(value) == MOMENT


@pytest.mark.parametrize(
    "value",
    [
        *("", "banana", "NaN", "Infinity", None, [], {}, "99999999999999999", "1e400"),
        *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59.999999Z"),
    ],
)
def test_what_is_no_moment_of_the_calendar_is_refused(value):
    with pytest.raises(ValueError, match="not a moment"):
        parse_datetime(value)


def test_the_ends_of_the_calendar_are_kept():
    for text in ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"):
        assert utc_datetime(parse_datetime(text).timestamp()) == parse_datetime(text)
