"""`dzlineage doctor` as a user runs it."""

from __future__ import annotations

import functools
import json

import pytest

from airflow_provider_dzlineage.cli import doctor, main
from airflow_provider_dzlineage.cli.doctor import read_airflow_options
from airflow_provider_dzlineage.doctor.openlineage import OpenLineageOptions


@pytest.fixture
def site(make_queue, ministack, datazone_emulator, monkeypatch):
    """A site in which all is well, in environment variables."""
    queue = make_queue(
        dead_letters=True,
        VisibilityTimeout="120",
        MessageRetentionPeriod="1209600",
        SqsManagedSseEnabled="true",
    )
    monkeypatch.setenv("AWS_ENDPOINT_URL", ministack.endpoint_url)
    monkeypatch.setenv("AWS_ENDPOINT_URL_DATAZONE", datazone_emulator.endpoint_url)
    monkeypatch.setenv("DZLINEAGE_QUEUE_URL", queue.url)
    monkeypatch.setenv("DZLINEAGE_DOMAIN_ID", "dzd_local")
    monkeypatch.setattr(doctor, "read_airflow_options", lambda: None)
    return queue


def findings(capsys):
    return {found["check"]: found for found in map(json.loads, capsys.readouterr().out.splitlines())}


def test_where_all_is_well_it_ends_with_0(site, sqs, capsys):
    dead = site.dead_letter_queue().url
    sqs.set_queue_attributes(QueueUrl=dead, Attributes={"MessageRetentionPeriod": "1209600"})

    code = main(["doctor", "--json"])

    found = findings(capsys)
    assert {name: each for name, each in found.items() if each["verdict"] in ("fail", "warn")} == {}
    assert code == 0


def test_a_warning_alone_is_no_failure(make_queue, site, monkeypatch, capsys):
    monkeypatch.setenv("DZLINEAGE_QUEUE_URL", make_queue().url)

    assert main(["doctor", "--json"]) == 0

    assert findings(capsys)["queue's settings"]["verdict"] == "warn"


def test_with_nothing_set_it_tells_what_to_set_and_ends_with_1(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "read_airflow_options", lambda: None)

    assert main(["doctor"]) == 1

    shown = capsys.readouterr().out
    assert "fail  setting queue_url: is missing" in shown
    assert "to fix: set DZLINEAGE_QUEUE_URL" in shown


def test_what_is_wrong_or_misspelt_keeps_no_check_from_being_made(site, monkeypatch, capsys):
    section = {"merge": "sometimes"}
    airflow = OpenLineageOptions("", False, section=section, section_names=("merge", "domain"))
    monkeypatch.setattr(doctor, "read_airflow_options", lambda: airflow)
    monkeypatch.setenv("DZLINEAGE_RATE", "fast")
    monkeypatch.setenv("DZLINEAGE_DOMAIN", "dzd_1")
    monkeypatch.setenv("DZLINEAGE_TRANSFORMS", "redshift,gleu")

    assert main(["doctor", "--json"]) == 1

    found = findings(capsys)
    failed = {name for name, each in found.items() if each["verdict"] == "fail"}
    assert failed == {"setting rate", "setting merge", "setting transforms"}
    assert {"DZLINEAGE_DOMAIN", "[dzlineage] domain"} < found.keys()
    assert found["queue"]["verdict"] == found["domain"]["verdict"] == "pass"


def test_a_canary_that_nobody_forwards(site, capsys):
    assert main(["doctor", "--json", "--canary", "--canary-seconds", "1"]) == 1

    found = findings(capsys)
    assert found["canary: sending"]["verdict"] == "pass"
    assert found["canary: forwarding"]["verdict"] == "fail"


def test_a_canary_that_the_filters_skip_is_reported(site, monkeypatch, capsys):
    monkeypatch.setenv("DZLINEAGE_INCLUDE_JOB_NAMESPACES", "prod-*")

    main(["doctor", "--json", "--canary", "--canary-seconds", "1"])

    assert "filtered_job_namespace" in findings(capsys)["canary"]["detail"]


@pytest.mark.parametrize("seconds", ["-5", "0", "nan", "inf", "1e12", "soon"])
def test_nobody_waits_so_long_for_a_canary(seconds, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["doctor", "--canary", f"--canary-seconds={seconds}"])

    assert "must be a number of seconds up to 86400" in capsys.readouterr().err


def test_no_secret_is_printed(site, monkeypatch, capsys):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "geheim-key")
    monkeypatch.setenv("DZLINEAGE_API_KEYS", "a=geheim-geheim-geheim")
    transport = json.dumps(
        {"type": "http", "url": "https://u:geheim@x", "auth": {"type": "api_key", "apiKey": "geheim"}}
    )
    options = OpenLineageOptions(transport, False)
    monkeypatch.setattr(doctor, "read_airflow_options", lambda: options)

    main(["doctor"])

    assert "geheim" not in capsys.readouterr().out


def test_it_asks_the_airflow_of_its_environment(monkeypatch):
    monkeypatch.setenv("AIRFLOW__OPENLINEAGE__TRANSPORT", '{"type": "console"}')

    options = read_airflow_options()

    assert (options.transport, options.is_disabled) == ('{"type": "console"}', False)


def test_airflow_says_disabled_whatever_the_old_variable_says(monkeypatch):
    monkeypatch.setenv("AIRFLOW__OPENLINEAGE__DISABLED", "True")
    monkeypatch.setenv("OPENLINEAGE_DISABLED", "false")

    assert read_airflow_options().is_disabled


def test_what_is_set_neither_by_flag_nor_by_variable_comes_from_airflow(site, monkeypatch, capsys):
    section = {"queue_url": "https://sqs.us-east-1.amazonaws.com/1/absent", "domain_id": "dzd_of_airflow"}
    monkeypatch.setattr(doctor, "read_airflow_options", lambda: OpenLineageOptions("", False, section=section))
    monkeypatch.delenv("DZLINEAGE_DOMAIN_ID")

    main(["doctor", "--json"])

    found = findings(capsys)
    assert found["setting queue_url"]["detail"] == site.url
    assert found["setting domain_id"]["detail"] == "dzd_of_airflow"


def test_the_section_is_asked_for_too(monkeypatch):
    monkeypatch.setenv("AIRFLOW__DZLINEAGE__QUEUE_URL", "https://sqs.us-east-1.amazonaws.com/1/q")

    options = read_airflow_options()

    assert options.section["queue_url"] == "https://sqs.us-east-1.amazonaws.com/1/q"
    assert "queue_url" in options.section_names


def test_an_airflow_that_does_not_answer_is_a_finding(site, monkeypatch, capsys):
    asked = functools.partial(read_airflow_options, "no_such_program")
    monkeypatch.setattr(doctor, "read_airflow_options", asked)

    assert main(["doctor", "--json"]) == 1
    assert "airflow config list" in findings(capsys)["openlineage"]["fix"]
