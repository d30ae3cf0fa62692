"""The table of patterns: what is redacted of a text, and what only looks like a secret."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_dzlineage.lineage.redaction.patterns import PATTERNS, may_hold_a_secret
from airflow_provider_dzlineage.lineage.redaction.redact import Redaction
from tests.fixtures.properties import examples

KEY_ID = "AKIA" + "IOSFODNN7EXAMPLE"
PEM = "-----{} RSA PRIVATE KEY-----"

IN_TEXT = [
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
]
IN_ADDRESSES = [
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
]
IN_NEARLY_JSON = [
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
]
KEPT_IN_TEXT = [
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
]
IN_SQL = [
    ("COPY t FROM 's3://b' CREDENTIALS 'aws_access_key_id=x;y'", "COPY t FROM 's3://b' CREDENTIALS '***'"),
    ("unload ('q') credentials as 'token=x'", "unload ('q') credentials as '***'"),
    ("credentials 'aws_iam_role=arn:aws:iam::1:role/x;token=y'", "credentials '***'"),
    ("CREDENTIALS E'a=b;token=x'", "CREDENTIALS E'***'"),
    ("CREDENTIALS AS $$a=b;token=x$$", "CREDENTIALS AS $$***$$"),
    ("CREDENTIALS $a$a=b;token=x$a$", "CREDENTIALS $a$***$a$"),
    ("CREDENTIALS\n--c\n'a=b;token=x'", "CREDENTIALS\n--c\n'***'"),
    ("CREDENTIALS /* c */ 'a=b;token=x'", "CREDENTIALS /* c */ '***'"),
    (
        f"CREDENTIALS 'aws_access_key_id=' || '{KEY_ID}' || ';aws_secret_access_key=' || 'wJalr'",
        "CREDENTIALS '***' || '***' || '***' || '***'",
    ),
    ("'a;aws_secret_access_key=' || 'wJalr'", "'a;aws_secret_access_key=' || '***'"),
    ("concat('password=', 'geheim')", "concat('password=', '***')"),
    (
        "ACCESS_KEY_ID 'a' SECRET_ACCESS_KEY 'b c' SESSION_TOKEN 'd'",
        "ACCESS_KEY_ID '***' SECRET_ACCESS_KEY '***' SESSION_TOKEN '***'",
    ),
    ("SECRET_ACCESS_KEY AS 'wJalr' SESSION_TOKEN AS 'T'", "SECRET_ACCESS_KEY AS '***' SESSION_TOKEN AS '***'"),
    ("MASTER_SYMMETRIC_KEY AS 'x'", "MASTER_SYMMETRIC_KEY AS '***'"),
    ("credentials=(aws_secret_key='x' aws_token='y')", "credentials=(aws_secret_key='***' aws_token='***')"),
    ("ALTER USER u PASSWORD 'it''s'", "ALTER USER u PASSWORD '***'"),
    ("WITH PASSWORD E'geheim'", "WITH PASSWORD E'***'"),
    ("WITH PASSWORD = N'geheim'", "WITH PASSWORD = N'***'"),
    ("SET PASSWORD FOR u = PASSWORD('geheim')", "SET PASSWORD FOR u = PASSWORD('***')"),
    ("unload ('where password = ''geheim''') to", "unload ('where password = ''***''') to"),
    ("EXECUTE IMMEDIATE 'alter user u PASSWORD ''geheim'''", "EXECUTE IMMEDIATE 'alter user u PASSWORD ''***'''"),
    ("password='it''s cut off", "password='***"),
    (f"password='{'x' * 5000}'", "password='***'"),
    ("password != 'geheim' or token = 'geheim'", "password != '***' or token = '***'"),
    ("password in ('geheim', 'x')", "password in ('***', '***')"),
    ("password not like 'geheim%'", "password not like '***'"),
    ("set password = crypt('geheim', gen_salt('bf'))", "set password = crypt('***', gen_salt('***'))"),
    ("create user u identified by 'x'", "create user u identified by '***'"),
    ("create user u identified by hunter2;", "create user u identified by ***;"),
    ("create user u profile p identified by hunter2", "create user u profile p identified by ***"),
    ("CREATE USER IF NOT EXISTS bob IDENTIFIED BY x1", "CREATE USER IF NOT EXISTS bob IDENTIFIED BY ***"),
    ("identified with mysql_native_password by 'x'", "identified with mysql_native_password by '***'"),
    ("identified with mysql_native_password as '*A'", "identified with mysql_native_password as '***'"),
    ("alter user u identified by values 'S:x'", "alter user u identified by values '***'"),
    ("ALTER USER u IDENTIFIED BY new REPLACE oldpw99", "ALTER USER u IDENTIFIED BY *** REPLACE ***"),
    ('ALTER USER u IDENTIFIED BY "a" REPLACE "b"', 'ALTER USER u IDENTIFIED BY "***" REPLACE "***"'),
    ("GRANT SELECT ON t TO bob IDENTIFIED BY geheim", "GRANT SELECT ON t TO bob IDENTIFIED BY ***"),
    (
        "CREATE DATABASE LINK l CONNECT TO scott IDENTIFIED BY tiger9 USING 'o'",
        "CREATE DATABASE LINK l CONNECT TO scott IDENTIFIED BY *** USING 'o'",
    ),
    ("IDENTIFIED BY N'abc'", "IDENTIFIED BY N'***'"),
]
KEPT_IN_SQL = [
    "ON u.password = v.password_hash",
    "ON a.password=b.password",
    "ON l.access_token=r.access_token AND s.session_token=u.session_token",
    "ON a.api_key=b.api_key",
    'ON "S"."auth_token"="T"."auth_token"',
    "SET access_token = NULL, password = default",
    "WHERE password == null",
    "WHERE password = '' AND token = ''",
    "auth_token=COALESCE(a,b)",
    "SET password = md5(concat(a, b))",
    "SET password = coalesce(a.x, b.y)",
    "auth_token=(select max(x) from t)",
    "SET password = case when a then b end",
    *(f"password = {placeholder}" for placeholder in (":pw", "%s", "%(pw)s", "$1", "?", "${API_KEY}")),
    "password={{ conn.x.password }}&user=%s",
    "WITH PASSWORD '{{ conn.x.password }}'",
    "create user u identified by {{ pw }}",
]

EXAMPLES = [*IN_TEXT, *IN_ADDRESSES, *IN_NEARLY_JSON, *IN_SQL]
KEPT_TOKENS = [f"{KEY_ID}XY", "ghp_short", "-----BEGIN CERTIFICATE-----\nMII", "authorization: denied by the server"]
COUNTER_EXAMPLES = [*KEPT_IN_TEXT, *KEPT_IN_SQL, *KEPT_TOKENS]


@pytest.mark.parametrize(("text", "redacted"), EXAMPLES)
def test_a_secret_is_redacted(text, redacted):
    assert Redaction().text(text) == redacted
    assert Redaction().text(redacted) == redacted


@pytest.mark.parametrize("text", COUNTER_EXAMPLES)
def test_what_only_looks_like_a_secret_stays(text):
    assert Redaction().text(text) == text


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.name)
def test_each_pattern_has_an_example_and_a_counter_example(pattern):
    assert any(pattern.expression.search(text) for text, _ in EXAMPLES)
    assert any(word in text.lower() for text in COUNTER_EXAMPLES for word in pattern.words)


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.name)
@examples(0.2)
@given(st.data())
def test_the_words_of_a_pattern_overlook_no_secret(pattern, data):
    lower = data.draw(st.from_regex(pattern.expression)).lower()

    assert may_hold_a_secret(lower)
    assert any(word in lower for word in pattern.words)
