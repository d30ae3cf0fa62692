"""The transform as a whole: where it looks, and what it promises."""

import copy
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_dzlineage.errors import ConfigurationError
from airflow_provider_dzlineage.lineage.redaction.redact import Redaction

CORPUS = Path(__file__).parents[5] / "shared" / "corpus" / "openlineage-compatibility.jsonl"


def test_in_an_event_every_place_is_cleaned_and_names_stay_one(make_event):
    event = make_event("load")
    secret = "postgres://u:geheim@host:5432"
    event["inputs"] = [{"namespace": secret, "name": "db.public.orders"}]
    event["outputs"] = [
        {
            "namespace": "s3://lake",
            "name": "orders",
            "facets": {
                "columnLineage": {"fields": {"a": {"inputFields": [{"namespace": secret, "name": "x", "field": "a"}]}}}
            },
        }
    ]
    event["run"]["facets"] = {
        "environmentVariables": {
            "environmentVariables": [{"name": "DB_PASSWORD", "value": "geheim"}, {"name": "HOME", "value": "/"}]
        },
        "spark_properties": {"properties": {"fs.s3a.secret.key": "geheim", "spark.app.name": "load"}},
        "errorMessage": {"message": "no: password='geheim'", "programmingLanguage": "SQL"},
    }
    before = copy.deepcopy(event)

    cleaned = Redaction()(event)

    assert event == before
    assert "geheim" not in json.dumps(cleaned)
    assert cleaned["inputs"][0]["namespace"] == "postgres://u:***@host:5432"
    fields = cleaned["outputs"][0]["facets"]["columnLineage"]["fields"]
    assert fields["a"]["inputFields"][0]["namespace"] == cleaned["inputs"][0]["namespace"]
    assert cleaned["run"]["facets"]["environmentVariables"]["environmentVariables"][1]["value"] == "/"
    assert cleaned["run"]["facets"]["spark_properties"]["properties"]["spark.app.name"] == "load"
    assert Redaction()(cleaned) is cleaned


def test_columns_that_are_named_like_a_secret_stay(make_event):
    event = make_event("load")
    event["outputs"] = [
        {
            "namespace": "s3://lake",
            "name": "users",
            "facets": {
                "schema": {"fields": [{"name": "password", "type": "varchar"}, {"name": "token", "type": "text"}]}
            },
        }
    ]

    assert Redaction()(event) is event


def test_own_patterns_redact_their_groups_or_all():
    assert Redaction([r"pin (\d+)"]).text("pin 1234") == "pin ***"
    assert Redaction([r"\d{4}-\d{4}"]).text("card 1234-5678") == "card ***"


def test_a_wrong_pattern_is_named():
    with pytest.raises(ConfigurationError, match=r"'redact'.*'\('"):
        Redaction(["("])


@pytest.mark.parametrize("text", ["not json PASSWORD 'x'", '{"password": "x"', '"password=x"', '[{"token": "x"}]'])
def test_the_text_of_a_dead_letter_is_cleaned_whatever_it_is(text):
    assert "x" not in Redaction().raw(text)


def test_a_dead_letter_that_was_cut_off_is_cleaned_too():
    body = json.dumps(
        {
            "environmentVariables": [{"name": "DB_PASSWORD", "value": "h1"}, {"name": "X_SECRET_KEY", "value": "h2"}],
            "parameters": [{"key": "a_token", "value": 12345}, {"key": "HOME", "value": "kept"}],
            "connection": json.dumps({"private_key": "h3", "extra": json.dumps({"password": "h4"})}),
            "GITHUB_TOKEN": "h5",
            "token": ["h6", "h7"],
            "pass": 12345,
            "sql": 'identified by "h8"',
            "url": "postgres://u:h9@h",
            "password": "h10",
        },
        separators=(",", ":"),
    )

    cleaned = Redaction().raw(body[:-2])

    assert re.findall(r"h\d|12345", cleaned) == []
    assert cleaned.count("***") == 12
    assert "kept" in cleaned
    assert Redaction().raw(cleaned) == cleaned


def test_a_dead_letter_with_a_number_that_is_too_big_is_cleaned_too():
    assert Redaction().raw('{"a":1e999,"password":"x"}') == '{"a":1e999,"password":"***"}'


def test_a_text_without_secrets_stays_as_it_is():
    text = '{ "a" : 1.0e2, "b": [ ] }'

    assert Redaction().raw(text) == text


def test_real_events_hold_no_secrets():
    if not CORPUS.exists():
        pytest.skip("the corpus of OpenLineage's compatibility tests is not beside this checkout")
    events = [json.loads(line)["event"] for line in CORPUS.read_text().splitlines()]

    assert all(Redaction()(event) is event for event in events)


# Linear time takes less than a second; quadratic, minutes.
@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "text",
    [
        *("a." * 200_000, "://" * 150_000, "password = " * 50_000, "a://" + "b:" * 200_000),
        *("password='" + "\\" * 400_000, "postgres://u:" * 40_000, "password='x'||" * 40_000, "password=f('" * 40_000),
        *('password=\\\\"' * 40_000, 'password="T".' * 40_000, 'token:"x' * 60_000, '"value":"x",' * 40_000),
        *(
            "grant " * 80_000,
            "identified by x replace " * 20_000,
            "credentials--\n" * 35_000,
            "'\"$$" * 100_000 + "token",
        ),
    ],
)
def test_no_text_takes_long(text):
    Redaction().text(text)


@given(
    st.recursive(
        st.text() | st.integers() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_it_is_idempotent_and_leaves_its_input(value):
    event, before = {"facets": value}, copy.deepcopy({"facets": value})

    cleaned = Redaction()(event)

    assert event == before
    assert Redaction()(cleaned) == cleaned
