"""The command as a shell runs it."""

from __future__ import annotations

import io
import json

import pytest

from airflow_provider_dzlineage.cli import main

QUEUE = "https://sqs.us-east-1.amazonaws.com/123456789012/lineage"
URL = "https://lineage.example.com"
ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:openlineage-key-AbCdEf"
HTTP = ["--mode", "http", "--url", URL]


@pytest.fixture
def printed(capsys):
    def run(*arguments, code=0):
        assert main(["config", *arguments]) == code
        return capsys.readouterr()

    return run


def test_airflow(printed):
    shown = printed("airflow", "--queue-url", QUEUE, "--domain-id", "dzd_local", "--namespace", "prod").out

    assert shown.splitlines()[1:] == [
        "export AIRFLOW__OPENLINEAGE__NAMESPACE=prod",
        f"export AIRFLOW__DZLINEAGE__QUEUE_URL={QUEUE}",
        "export AIRFLOW__DZLINEAGE__DOMAIN_ID=dzd_local",
    ]


def test_what_is_not_set_comes_from_the_environment(printed, monkeypatch):
    monkeypatch.setenv("DZLINEAGE_QUEUE_URL", QUEUE)

    assert QUEUE in json.loads(printed("airflow", "--format", "json").out)["openlineage.transport"]


def test_airflow_cfg_doubles_percent_signs(printed):
    shown = printed("airflow", "--mode", "http", "--url", f"{URL}/a%20b", "--format", "cfg").out

    assert '"endpoint": "a%%20b/api/v1/lineage"' in shown


def test_mwaa(printed):
    shown = printed("mwaa", "--mwaa-version", "2.11.2", *HTTP, "--api-key-secret", ARN).out

    assert shown.startswith("# requirements.txt\napache-airflow-providers-openlineage==2.11.0\n")
    assert '\nopenlineage.transport = {"type": "http", ' in shown
    assert f"get_secret_value(SecretId='{ARN}')" in shown


@pytest.mark.parametrize("producer", ["airflow", "dbt", "spark", "glue", "emr"])
def test_no_secret_is_printed_without_a_request(printed, monkeypatch, producer):
    monkeypatch.setenv("OPENLINEAGE_API_KEY", "s3cr3t")

    quiet, asked = printed(producer, *HTTP), printed(producer, *HTTP, "--show-secrets")

    assert "s3cr3t" not in quiet.out + quiet.err
    assert "s3cr3t" in asked.out
    assert "s3cr3t" not in asked.err
    if producer not in ("dbt", "emr"):
        assert "key" in quiet.err


@pytest.mark.parametrize(("producer", "who"), [("glue", "read the job"), ("emr", "describe the cluster")])
def test_who_reads_a_key_in_clear_is_said(printed, monkeypatch, producer, who):
    monkeypatch.setenv("OPENLINEAGE_API_KEY", "s3cr3t")

    assert who in printed(producer, *HTTP, "--show-secrets").err
    assert who not in printed(producer, *HTTP).err
    assert who not in printed(producer, *HTTP, "--no-api-key", "--show-secrets").err


def test_a_key_that_is_not_there_cannot_be_shown(printed, monkeypatch):
    monkeypatch.delenv("OPENLINEAGE_API_KEY", raising=False)

    assert "OPENLINEAGE_API_KEY is not set" in printed("spark", *HTTP, "--show-secrets", code=2).err


def test_an_openlineage_yml_says_what_goes_beside_it(printed):
    shown = printed("dbt", *HTTP, "--format", "yml", "--namespace", "dbt-prod")

    assert json.loads(shown.out)["transport"]["auth"] == {"type": "api_key"}
    assert 'export OPENLINEAGE__TRANSPORT__AUTH__API_KEY="\\"${OPENLINEAGE_API_KEY}\\""' in shown.err
    assert "export OPENLINEAGE_NAMESPACE=dbt-prod" in shown.err


def test_dbt_with_a_secret_takes_the_key_with_the_aws_cli(printed):
    first = printed("dbt", *HTTP, "--api-key-secret", ARN).out.splitlines()[0]

    assert first.startswith('export OPENLINEAGE_API_KEY="$(aws secretsmanager get-secret-value --secret-id arn:')


def test_spark(printed):
    arguments = ("spark", "--url", f"{URL}/prod", "--no-api-key", "--jar", "a.jar", "--account-id", "123456789012")

    conf = json.loads(printed(*arguments, "--format", "json").out)
    line = printed(*arguments, "--format", "conf").out

    assert conf["spark.openlineage.transport.endpoint"] == "/prod/api/v1/lineage"
    assert (conf["spark.jars"], conf["spark.glue.accountId"]) == ("a.jar", "123456789012")
    assert line.startswith("--jars a.jar --conf spark.extraListeners=")


def test_glue(printed):
    arguments = ("glue", "--url", URL, "--account-id", "123456789012", "--job-name", "load", "--jar", "s3://lib/a.jar")

    parameters = json.loads(printed(*arguments).out)

    assert parameters["--user-jars-first"] == "true"
    assert parameters["--conf"] + "\n" == printed(*arguments, "--format", "conf").out
    assert ARN in printed(*arguments, "--api-key-secret", ARN, "--format", "script").out
    assert "--api-key-secret" in printed(*arguments, "--format", "script", code=2).err


def test_emr(printed):
    (classification,) = json.loads(printed("emr", "--url", URL, "--api-key-secret", ARN, "--serverless").out)

    assert classification["properties"]["spark.openlineage.transport.auth.apiKey"] == f"EMR.secret@{ARN}"


def test_straight_into_datazone(printed):
    domain = ("--mode", "datazone", "--domain-id", "dzd_local", "--domain-region-name", "eu-west-1")

    ours = json.loads(printed("airflow", *domain, "--format", "json").out)["openlineage.transport"]
    own = printed("dbt", *domain, "--native").out
    spark = json.loads(printed("spark", *domain, "--format", "json").out)

    assert json.loads(ours)["region_name"] == "eu-west-1"
    assert '"domainId": "dzd_local"' in own
    assert spark["spark.openlineage.transport.domainId"] == "dzd_local"


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["airflow"], "queue_url"),
        (["spark"], "--url is missing"),
        (["dbt", "--mode", "datazone"], "domain_id"),
        (["mwaa", "--queue-url", QUEUE, "--mwaa-version", "1.10"], "2.10.3"),
        (["check", "no-such-file"], "cannot be read"),
    ],
)
def test_what_is_missing_is_named(printed, arguments, part):
    assert part in printed(*arguments, code=2).err


def test_spark_is_offered_no_queue(capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["config", "spark", "--mode", "sqs"])
    assert "invalid choice" in capsys.readouterr().err


def test_a_configuration_of_ones_own_is_checked(printed, tmp_path, monkeypatch):
    wrong = tmp_path / "openlineage.yml"
    wrong.write_text("transport:\n  kind: http\n  url: https://h\n", encoding="utf-8")

    assert printed("check", str(wrong), code=1).out == 'write "type", not "kind"\n'

    monkeypatch.setattr("sys.stdin", io.StringIO('{"type": "console"}'))
    right = printed("check", "-")
    assert (right.out, right.err) == ("", "# no known mistake\n")

    wrong.write_text('{"type": "console"}', encoding="utf-8")
    assert 'under the key "transport"' in printed("check", str(wrong), code=1).out


def test_a_path_that_is_perhaps_not_meant_gets_a_remark(printed):
    assert "listens at /api/v1/lineage" in printed("airflow", "--mode", "http", "--url", f"{URL}/lineage").err
    assert "listens at" not in printed("airflow", "--mode", "http", "--url", f"{URL}/api/v1/lineage").err


@pytest.mark.parametrize("url", ["https://[::1", "https://h:abc"])
def test_a_url_that_cannot_be_read_is_refused(printed, url):
    assert "url is where the endpoint listens" in printed("airflow", "--mode", "http", "--url", url, code=2).err


@pytest.mark.parametrize(
    "producer",
    [
        *(["airflow"], ["airflow", "--format", "cfg"], ["airflow", "--format", "json"]),
        *(["mwaa", "--mwaa-version", "3.0.6"], ["mwaa", "--mwaa-version", "2.11.2", "--format", "json"]),
        *(["dbt"], ["dbt", "--format", "yml"]),
        *(["spark"], ["spark", "--format", "conf"], ["spark", "--format", "json"]),
        *(["glue"], ["glue", "--format", "conf"], ["emr"], ["emr", "--serverless"]),
    ],
    ids=" ".join,
)
def test_what_is_printed_has_no_known_mistake(printed, monkeypatch, producer):
    shown = printed(*producer, *HTTP).out

    monkeypatch.setattr("sys.stdin", io.StringIO(shown))
    printed("check", "-")


@pytest.mark.parametrize("producer", ["airflow", "mwaa", "dbt", "spark", "glue", "emr", "check"])
def test_help_shows_examples(producer, capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["config", producer, "--help"])
    assert "examples:\n  " in capsys.readouterr().out
