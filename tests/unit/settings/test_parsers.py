"""Parsers take text or a value in its type, and say what a value must be."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_dzlineage.settings import parsers

PARSERS = [
    *(str, parsers.sqs_queue_url, parsers.whole_number, parsers.seconds, parsers.seconds_up_to(60)),
    *(parsers.rate, parsers.one_of("a", "b"), parsers.flag, parsers.texts, parsers.patterns, parsers.account),
    parsers.json_object,
]
VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text() | st.integers())


@given(st.sampled_from(PARSERS), VALUES | st.dictionaries(st.text(), st.text()))
def test_any_value_is_parsed_or_refused_in_words(parse, value):
    refused = ""
    try:
        parse(value)
    except ValueError as error:
        refused = str(error)

    assert refused.startswith(("must be ", "is not valid JSON")) or not refused


@given(st.integers(1))
def test_a_whole_number_is_read_from_its_text(number):
    assert parsers.whole_number(str(number)) == parsers.whole_number(number) == number


@given(st.floats(min_value=0, exclude_min=True, allow_infinity=False))
def test_seconds_are_read_from_their_text(number):
    assert parsers.seconds(repr(number)) == parsers.rate(repr(number)) == number


@given(st.floats())
def test_seconds_have_a_limit(number):
    parse = parsers.seconds_up_to(60)
    if 0 < number <= 60:
        assert parse(number) == number
    else:
        with pytest.raises(ValueError, match="must be a number of seconds up to 60"):
            parse(number)


@given(st.lists(st.text().filter(lambda text: text.strip())))
def test_a_list_is_read_from_json(items):
    assert parsers.texts(json.dumps(items)) == tuple(item.strip() for item in items)
    assert parsers.patterns(json.dumps(items)) == tuple(items)


@given(st.dictionaries(st.text(), st.integers()))
def test_an_object_is_read_from_json(value):
    assert parsers.json_object(json.dumps(value)) == parsers.json_object(value) == value


def test_unlimited_is_a_rate():
    assert parsers.rate("unlimited") == math.inf
