"""What the names in JSON tell to be a secret."""

import json

import pytest

from airflow_provider_dzlineage.lineage.redaction.names import names_a_secret
from airflow_provider_dzlineage.lineage.redaction.patterns import may_hold_a_secret
from airflow_provider_dzlineage.lineage.redaction.redact import Redaction

KEYFILE = {"private_key": "-----BEGIN PRIVATE KEY-----", "refresh_token": "R", "token": "T", "secret": "S", "id": "i"}
CLEAN_KEYFILE = {"private_key": "***", "refresh_token": "***", "token": "***", "secret": "***", "id": "i"}


def compact(value):
    return json.dumps(value, separators=(",", ":"))


@pytest.mark.parametrize(
    "name",
    [
        *("DB_PASSWORD", "passwd", "X-API-Key", "fs.s3a.secret.key", "privateKey", "TOKEN", "a.pwd", "API_KEY_2"),
        *("accessToken", "sessionToken", "DB_PASS", "credential", "password2", "AWS_ACCESS_KEY_ID", "Authorization"),
        *("FERNET_KEY", "DATADOG_APP_KEY", "DBPASS", "GITHUBTOKEN", "DBT_ENV_SECRET_GIT", "SECRETS", "passwords"),
    ],
)
def test_a_name_of_a_secret_is_known_and_the_quick_look_does_not_overlook_it(name):
    assert names_a_secret(name)
    assert may_hold_a_secret(name.lower())


@pytest.mark.parametrize(
    "name",
    [
        *("secretName", "passwordPolicy", "secrets_backend", "compass", "BYPASS", "key", "primary_key", "account_key"),
        *("authorization_date", "tokenizer", "public_key"),
    ],
)
def test_a_name_that_only_sounds_like_a_secret_is_none(name):
    assert not names_a_secret(name)


@pytest.mark.parametrize(
    ("value", "clean"),
    [
        ({"DB_PASSWORD": 12345678}, {"DB_PASSWORD": "***"}),
        ({"password": ["geheim", ""], "token": [1]}, {"password": ["***", ""], "token": [1]}),
        ({"api_key": ["h5", 1]}, {"api_key": ["***", "***"]}),
        ({"secrets": [["a"], {"b": "c"}]}, {"secrets": [["***"], {"b": "c"}]}),
        ({"tokens": "a", "Tokens": ["b"]}, {"tokens": "***", "Tokens": ["***"]}),
        ({"Authorization": "Basic dTpw"}, {"Authorization": "***"}),
        ({"name": "DB_PASSWORD", "value": "geheim"}, {"name": "DB_PASSWORD", "value": "***"}),
        ({"name": "DB_PASSWORD", "value": 12345678}, {"name": "DB_PASSWORD", "value": "***"}),
        ({"Name": "DB_PASSWORD", "Value": "geheim"}, {"Name": "DB_PASSWORD", "Value": "***"}),
        ({"key": "db_password", "value": ["geheim"]}, {"key": "db_password", "value": ["***"]}),
        (["x", "--db-password", "geheim", "--y", "z"], ["x", "--db-password", "***", "--y", "z"]),
        ({"postgres://u:geheim@h": {"a": 1}}, {"postgres://u:***@h": {"a": 1}}),
        ({"name": "CONN", "value": compact({"x": KEYFILE})}, {"name": "CONN", "value": compact({"x": CLEAN_KEYFILE})}),
        ({"x": json.dumps({"y": compact(KEYFILE)})}, {"x": compact({"y": compact(CLEAN_KEYFILE)})}),
        ({"x": ' {"url": "postgres:\\/\\/u:a\\u0040b@h"}'}, {"x": '{"url":"postgres://u:***@h"}'}),
        ({"x": '{"p\\u0061ssword": "geheim"}'}, {"x": '{"password":"***"}'}),
    ],
)
def test_a_secret_is_known_by_its_name(value, clean):
    event = {"facet": value}

    cleaned = Redaction()(event)

    assert cleaned == {"facet": clean}
    assert Redaction()(cleaned) is cleaned


@pytest.mark.parametrize(
    "value",
    [
        {"tokens": 5, "max_tokens": "512", "prompt_tokens": [1, 2]},
        {"password": None, "secret": "", "token": False},
        {"password": {"type": "varchar", "nullCount": 3}},
        {"fields": [{"name": "password", "type": "varchar"}]},
        {"name": "HOME", "value": "/"},
        ["--password", "--verbose"],
        {"x": '{ "public_key" : "passed" }'},
    ],
)
def test_what_only_has_such_a_name_stays(value):
    event = {"facet": value}

    assert Redaction()(event) is event


def test_no_depth_is_too_deep():
    event = {"password": "geheim"}
    for _ in range(50_000):
        event = {"a": [event]}

    cleaned = Redaction()(event)

    while "a" in cleaned:
        cleaned = cleaned["a"][0]
    assert cleaned == {"password": "***"}
