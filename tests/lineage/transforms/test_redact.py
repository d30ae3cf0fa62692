"""What is blotted out, and what only looks like it."""

import copy
import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_dzlineage.errors import ConfigurationError
from airflow_provider_dzlineage.lineage.transforms.redact import redact
from airflow_provider_dzlineage.lineage.transforms.secrets import SECRETS, may_hold_a_secret, names_a_secret

CORPUS = Path(__file__).parents[4] / "shared" / "corpus" / "openlineage-compatibility.jsonl"
KEY_ID = "AKIA" + "IOSFODNN7EXAMPLE"


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("postgres://u:geheim@host/db", "postgres://u:***@host/db"),
        ("postgres://u:p@ss:w@host/db", "postgres://u:***@host/db"),
        ("jdbc:redshift://u:geheim@host:5439/dev", "jdbc:redshift://u:***@host:5439/dev"),
        (f"id {KEY_ID}.", "id ***."),
        ("COPY t FROM 's3://b' CREDENTIALS 'aws_access_key_id=x;y'", "COPY t FROM 's3://b' CREDENTIALS '***'"),
        ("unload ('q') credentials as 'token=x'", "unload ('q') credentials as '***'"),
        (
            "ACCESS_KEY_ID 'a' SECRET_ACCESS_KEY 'b c' SESSION_TOKEN 'd'",
            "ACCESS_KEY_ID '***' SECRET_ACCESS_KEY '***' SESSION_TOKEN '***'",
        ),
        ("aws_secret_access_key = abc/def+", "aws_secret_access_key = ***"),
        ("ALTER USER u PASSWORD 'it''s'", "ALTER USER u PASSWORD '***'"),
        ("create user u identified by 'x'", "create user u identified by '***'"),
        ("Authorization: Bearer abc.def-ghi", "Authorization: Bearer ***"),
        ("authorization: basic dXNlcjpwYXNz", "authorization: basic ***"),
        ("--password=x --user=y", "--password=*** --user=y"),
        (
            "https://b.s3.amazonaws.com/k?X-Amz-Signature=abc&x=1",
            "https://b.s3.amazonaws.com/k?X-Amz-Signature=***&x=1",
        ),
        ('{"password": "x\\"y"}', '{"password": "***"}'),
        ('log: {\\"password\\": \\"geheim\\"}', 'log: {\\"password\\": \\"***\\"}'),
        ('{"SecretAccessKey": "wJalr"}', '{"SecretAccessKey": "***"}'),
        ("secretAccessKey=wJalr x", "secretAccessKey=*** x"),
        ("AWS_SECRET_ACCESS_KEY: wJalrXUtnFEMIK7MDENG", "AWS_SECRET_ACCESS_KEY: ***"),
        ("fs.s3a.secret.key=x fs.s3a.access.key=y", "fs.s3a.secret.key=*** fs.s3a.access.key=***"),
        (f"key_{KEY_ID}", "key_***"),
        ("create user u identified by hunter2;", "create user u identified by ***;"),
        ("identified with mysql_native_password by 'x'", "identified with mysql_native_password by '***'"),
        ("alter user u identified by values 'S:x'", "alter user u identified by values '***'"),
        ("postgresql://u:hun/ter2@h", "postgresql://u:***@h"),
        ("jdbc:oracle:thin:scott/tiger@h:1521/x", "jdbc:oracle:thin:scott/***@h:1521/x"),
        ("https://h/x?a=1&token=abc", "https://h/x?a=1&token=***"),
        (f"https://ghp_{'a1' * 18}@github.com/x", "https://***@github.com/x"),
        ("PGPASSWORD=geheim psql", "PGPASSWORD=*** psql"),
        ("dbPassword=geheim", "dbPassword=***"),
        ("mysql --password geheim db", "mysql --password *** db"),
        ("password=hun(ter2 x", "password=*** x"),
        ("password={hun;ter2};x", "password=***;x"),
        ("Bearer: abc123def456", "Bearer: ***"),
        ("bearer 'abc123def456'", "bearer '***'"),
        ("Authorization: token abc123", "Authorization: token ***"),
        ("credentials 'aws_iam_role=arn:aws:iam::1:role/x;token=y'", "credentials '***'"),
    ],
)
def test_a_secret_in_a_text_is_blotted_out(text, clean):
    assert redact().text(text) == clean
    assert redact().text(clean) == clean


@pytest.mark.parametrize(
    "text",
    [
        "SELECT password, token FROM users",
        "struct<password:string,token:string>",
        "COPY t CREDENTIALS 'aws_iam_role=arn:aws:iam::123456789012:role/load'",
        "COPY t IAM_ROLE 'arn:aws:iam::123456789012:role/load'",
        "s3://bucket/a:b@c/x",
        "mail to somebody@example.com",
        "basic authentication failed",
        "ALTER USER u PASSWORD DISABLE",
        "ON u.password = v.password_hash",
        "SET access_token = NULL",
        "auth_token=COALESCE(a,b)",
        "SELECT 'Bearer instruments of the bank'",
        "FROM bearer certificates",
        "SELECT 'Password: ' || 'x'",
        "os.environ['PASSWORD']; x = 'safe'",
        "kafka://b1:9092,group@x",
        "http://h:8080?email=a@b.com",
        "customers identified by their email",
        "d2f1e7b0-9b8e-4f0a-8f58-0d9f3bb8a1c4",
    ],
)
def test_what_only_looks_like_a_secret_stays(text):
    assert redact().text(text) == text


@pytest.mark.parametrize("expression", SECRETS, ids=range(len(SECRETS)))
@given(st.data())
def test_the_quick_look_overlooks_no_secret(expression, data):
    assert may_hold_a_secret(data.draw(st.from_regex(expression)).lower())


@pytest.mark.parametrize(
    "name",
    [
        *("DB_PASSWORD", "passwd", "X-API-Key", "fs.s3a.secret.key", "privateKey", "TOKEN", "a.pwd"),
        *("accessToken", "sessionToken", "DB_PASS", "credential", "password2", "AWS_ACCESS_KEY_ID"),
    ],
)
def test_the_quick_look_overlooks_no_name_of_a_secret(name):
    assert names_a_secret(name)
    assert may_hold_a_secret(name.lower())


@pytest.mark.parametrize("name", ["secretName", "passwordPolicy", "secrets_backend", "compass", "max_tokens", "key"])
def test_a_name_that_only_sounds_like_a_secret_is_none(name):
    assert not names_a_secret(name)


def test_a_list_of_secrets_is_cleaned(make_event):
    event = make_event("load")
    event["run"]["facets"] = {"x": {"password": ["geheim", ""], "token": [1]}}

    assert redact()(event)["run"]["facets"]["x"] == {"password": ["***", ""], "token": [1]}


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

    cleaned = redact()(event)

    assert event == before
    assert "geheim" not in json.dumps(cleaned)
    assert cleaned["inputs"][0]["namespace"] == "postgres://u:***@host:5432"
    fields = cleaned["outputs"][0]["facets"]["columnLineage"]["fields"]
    assert fields["a"]["inputFields"][0]["namespace"] == cleaned["inputs"][0]["namespace"]
    assert cleaned["run"]["facets"]["environmentVariables"]["environmentVariables"][1]["value"] == "/"
    assert cleaned["run"]["facets"]["spark_properties"]["properties"]["spark.app.name"] == "load"
    assert redact()(cleaned) is cleaned


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

    assert redact()(event) is event


def test_own_patterns_blot_out_their_groups_or_all():
    assert redact([r"pin (\d+)"]).text("pin 1234") == "pin ***"
    assert redact([r"\d{4}-\d{4}"]).text("card 1234-5678") == "card ***"


def test_a_wrong_pattern_is_named():
    with pytest.raises(ConfigurationError, match=r"'redact'.*'\('"):
        redact(["("])


@pytest.mark.parametrize("text", ["not json PASSWORD 'x'", '{"password": "x"', '"password=x"', '[{"token": "x"}]'])
def test_the_text_of_a_dead_letter_is_cleaned_whatever_it_is(text):
    assert "x" not in redact().raw(text)


def test_a_text_without_secrets_stays_as_it_is():
    text = '{ "a" : 1.0e2, "b": [ ] }'

    assert redact().raw(text) == text


def test_real_events_hold_no_secrets():
    if not CORPUS.exists():
        pytest.skip("the corpus of OpenLineage's compatibility tests is not beside this checkout")
    events = [json.loads(line)["event"] for line in CORPUS.read_text().splitlines()]

    assert all(redact()(event) is event for event in events)


@pytest.mark.parametrize(
    "text",
    ["a." * 200_000, "://" * 150_000, "password = " * 50_000, "a://" + "b:" * 200_000, "password='" + "\\" * 400_000],
)
def test_no_text_takes_long(text):
    started = time.process_time()
    redact().text(text)

    # Linear time takes less than a second; quadratic, minutes.
    assert time.process_time() - started < 20


@given(
    st.recursive(
        st.text() | st.integers() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_it_is_idempotent_and_leaves_its_input(value):
    event, before = {"facets": value}, copy.deepcopy({"facets": value})

    cleaned = redact()(event)

    assert event == before
    assert redact()(cleaned) == cleaned
