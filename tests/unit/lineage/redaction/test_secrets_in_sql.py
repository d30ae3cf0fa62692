"""What is blotted out of SQL, and what it may set and compare columns with."""

import pytest

from airflow_provider_dzlineage.lineage.redaction.redact import redact

KEY_ID = "AKIA" + "IOSFODNN7EXAMPLE"


@pytest.mark.parametrize(
    ("text", "clean"),
    [
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
    ],
)
def test_a_secret_in_sql_is_blotted_out(text, clean):
    assert redact().text(text) == clean
    assert redact().text(clean) == clean


@pytest.mark.parametrize(
    "text",
    [
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
    ],
)
def test_what_sql_sets_and_compares_columns_with_stays(text):
    assert redact().text(text) == text
