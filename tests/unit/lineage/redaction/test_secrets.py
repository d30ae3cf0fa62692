"""What is blotted out of a text, and what only looks like a secret."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_dzlineage.lineage.redaction.redact import redact
from airflow_provider_dzlineage.lineage.redaction.secrets import SECRETS, may_hold_a_secret

KEY_ID = "AKIA" + "IOSFODNN7EXAMPLE"
PEM = "-----{} RSA PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        (f"id {KEY_ID}.", "id ***."),
        (f"key_{KEY_ID}", "key_***"),
        ("aws_secret_access_key = abc/def+", "aws_secret_access_key = ***"),
        ("secretAccessKey=wJalr x", "secretAccessKey=*** x"),
        ("AWS_SECRET_ACCESS_KEY: wJalrXUtnFEMIK7MDENG", "AWS_SECRET_ACCESS_KEY: ***"),
        ("fs.s3a.secret.key=x fs.s3a.access.key=y", "fs.s3a.secret.key=*** fs.s3a.access.key=***"),
        ("Endpoint=x;AccountKey=abc==;y", "Endpoint=x;AccountKey=***;y"),
        (f"https://ghp_{'a1' * 18}@github.com/x", "https://***@github.com/x"),
        (f"glpat-{'a' * 500}.", "***."),
        (f"{PEM.format('BEGIN')}\nMII\n{PEM.format('END')}", f"{PEM.format('BEGIN')}***{PEM.format('END')}"),
        ("Authorization: Bearer abc.def-ghi", "Authorization: Bearer ***"),
        (f"Authorization: Bearer eyJ.{'a' * 5000}", "Authorization: Bearer ***"),
        (f"Bearer {'a' * 200}.b", "Bearer ***"),
        ("Bearer: abc123def456", "Bearer: ***"),
        ("bearer 'abc123def456'", "bearer '***'"),
        ("authorization: basic dXNlcjpwYXNz", "authorization: basic ***"),
        ("Authorization: token abc123", "Authorization: token ***"),
        ("Authorization: Bearer abc", "Authorization: Bearer ***"),
        ("--password=x --user=y", "--password=*** --user=y"),
        ("mysql --password geheim db", "mysql --password *** db"),
        ("x --db-password 'a b' y", "x --db-password '***' y"),
        ('x: ["--password", "geheim"]', 'x: ["--password", "***"]'),
        (
            "https://b.s3.amazonaws.com/k?X-Amz-Signature=abc&x=1",
            "https://b.s3.amazonaws.com/k?X-Amz-Signature=***&x=1",
        ),
        ("https://h/x?a=1&token=abc", "https://h/x?a=1&token=***"),
        ("PGPASSWORD=geheim psql", "PGPASSWORD=*** psql"),
        ("GITHUB_TOKEN=geheim DATADOG_APP_KEY=x", "GITHUB_TOKEN=*** DATADOG_APP_KEY=***"),
        ("DBT_ENV_SECRET_GIT=geheim", "DBT_ENV_SECRET_GIT=***"),
        ("dbPassword=geheim", "dbPassword=***"),
        ("password=hun(ter2 x", "password=*** x"),
        ("password=Summer(24)! x", "password=*** x"),
        ("password=default-1", "password=***"),
        ("password=%s3cret", "password=***"),
        ("password={hun;ter2};x", "password={***};x"),
    ],
)
def test_a_secret_in_a_text_is_blotted_out(text, clean):
    assert redact().text(text) == clean
    assert redact().text(clean) == clean


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("postgres://u:geheim@host/db", "postgres://u:***@host/db"),
        ("postgres://u:p@ss:w@host/db", "postgres://u:***@host/db"),
        ("jdbc:redshift://u:geheim@host:5439/dev", "jdbc:redshift://u:***@host:5439/dev"),
        ("postgresql://u:hun/ter2@h", "postgresql://u:***@h"),
        ("jdbc:oracle:thin:scott/tiger@h:1521/x", "jdbc:oracle:thin:scott/***@h:1521/x"),
        (
            "postgresql://user@srv:S3cret@srv.postgres.database.azure.com/db",
            "postgresql://user@srv:***@srv.postgres.database.azure.com/db",
        ),
        ("http://me@example.com:geheim@proxy", "http://me@example.com:***@proxy"),
        ("postgres://u:2024#Secret@h/db", "postgres://u:***@h/db"),
        ("postgres://first.last:2024/x@h/db", "postgres://first.last:***@h/db"),
        ("postgres://u:123/abc@h/db", "postgres://u:***@h/db"),
        ("postgres://u:123?x@h", "postgres://u:***@h"),
        ("postgres://u:p/s@s@h/db", "postgres://u:***@h/db"),
        (r"postgres:\/\/u:geheim@h\/db", r"postgres:\/\/u:***@h\/db"),
        (f"redis://:{'x' * 2000}@h/0", "redis://:***@h/0"),
    ],
)
def test_a_password_in_an_address_is_blotted_out(text, clean):
    assert redact().text(text) == clean
    assert redact().text(clean) == clean


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ('log: {"password": "x\\"y"}', 'log: {"password": "***"}'),
        ('log: {\\"password\\": \\"a\\\\\\"b\\"}', 'log: {\\"password\\": \\"***\\"}'),
        ('log: {"SecretAccessKey": "wJalr"}', 'log: {"SecretAccessKey": "***"}'),
        ("log: {'name': 'DB_PASSWORD', 'value': 'geheim'}", "log: {'name': 'DB_PASSWORD', 'value': '***'}"),
        ('[{"value":"geheim","name":"DBPASS"},', '[{"value":"***","name":"DBPASS"},'),
        (
            '[{"value":"kept","name":"HOME"},{"name":"PWD","value":1}',
            '[{"value":"kept","name":"HOME"},{"name":"PWD","value":***}',
        ),
        ('{"key":"a_token","type":"t","value":"geheim"', '{"key":"a_token","type":"t","value":"***"'),
        ('{"GITHUB_TOKEN":"a","token":"b","pass":"c', '{"GITHUB_TOKEN":"***","token":"***","pass":"***'),
        ('{"DB_PASSWORD":123456,"a":1', '{"DB_PASSWORD":***,"a":1'),
        ('{"api_key":["a",1,"b"],"c":"d"', '{"api_key":["***",1,"***"],"c":"d"'),
        ('{"tokens":"a","max_tokens":"512","tokens":5', '{"tokens":"***","max_tokens":"512","tokens":5'),
        ('{"sql":"identified by \\"a\\"","b":"c"', '{"sql":"identified by \\"***\\"","b":"c"'),
    ],
)
def test_a_secret_in_what_is_not_quite_json_is_blotted_out(text, clean):
    assert redact().text(text) == clean
    assert redact().text(clean) == clean


@pytest.mark.parametrize(
    "text",
    [
        "SELECT password, token FROM users",
        "struct<password:string,token:string>",
        "COPY t CREDENTIALS 'aws_iam_role=arn:aws:iam::123456789012:role/load'",
        "COPY t CREDENTIALS E'aws_iam_role=' || 'arn:aws:iam::123456789012:role/load'",
        "COPY t IAM_ROLE 'arn:aws:iam::123456789012:role/load'",
        "s3://bucket/a:b@c/x",
        "mail to somebody@example.com",
        "basic authentication failed",
        "ALTER USER u PASSWORD DISABLE",
        "SELECT 'Bearer instruments of the bank'",
        "FROM bearer certificates",
        "SELECT 'Password: ' || 'x'",
        "os.environ['PASSWORD']; x = 'safe'",
        "kafka://b1:9092,group@x",
        "http://h:8080?email=a@b.com",
        "http://host:8080/path@x",
        "https://h:8443/#/a@b",
        "postgres://localhost:6543/x@y",
        "postgres://db.example.com:6543/x@y",
        "postgres://h:5432/db@x",
        "postgres://h:6543/db?user=a@b.com",
        "http://[::1]:80/a@b",
        "git+ssh://git@github.com:org/repo.git@v1",
        "customers identified by their email",
        'Encountered unexpected token: "from" at line 1',
        "users connect to it, identified by their email",
        "d2f1e7b0-9b8e-4f0a-8f58-0d9f3bb8a1c4",
    ],
)
def test_what_only_looks_like_a_secret_stays(text):
    assert redact().text(text) == text


@pytest.mark.parametrize("secret", SECRETS, ids=range(len(SECRETS)))
@settings(max_examples=20, deadline=None)
@given(st.data())
def test_the_quick_look_overlooks_no_secret(secret, data):
    lower = data.draw(st.from_regex(secret.expression)).lower()

    assert may_hold_a_secret(lower)
    assert any(word in lower for word in secret.words)
