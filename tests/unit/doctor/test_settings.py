"""Checks of the settings: of the forwarder, of the endpoint, and their names."""

from __future__ import annotations

import sys

import pytest

from airflow_provider_dzlineage.doctor.settings import check_names, check_receiver_settings, check_settings
from airflow_provider_dzlineage.settings.site import Settings, readable_settings

QUEUE_URL = "https://sqs.eu-west-1.amazonaws.com/123456789012/openlineage"
KEY = "geheim-geheim-geheim"


def verdicts(findings):
    return {finding.check: finding.verdict.value for finding in findings}


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, {"setting queue_url": "fail", "setting domain_id": "fail"}),
        (
            {"queue_url": QUEUE_URL, "domain_id": "dzd_1"},
            {"setting queue_url": "pass", "setting domain_id": "pass"},
        ),
        ({"queue_url": QUEUE_URL, "domain_id": "1"}, {"setting queue_url": "pass", "setting domain_id": "fail"}),
        (
            {"queue_url": QUEUE_URL, "domain_id": "dzd_1", "region_name": "us-east-1"},
            {"setting queue_url": "pass", "Region of the queue": "fail", "setting domain_id": "pass"},
        ),
        (
            {"queue_url": QUEUE_URL, "domain_id": "dzd_1", "domain_region_name": "us-east-1"},
            {"setting queue_url": "pass", "setting domain_id": "pass", "Regions": "warn"},
        ),
    ],
)
def test_settings(settings, expected):
    assert verdicts(check_settings(Settings(**settings), {}, {"AWS_DEFAULT_REGION": "eu-west-1"})) == expected


def test_a_setting_that_is_wrong_is_reported_once():
    settings, problems = readable_settings({"queue_url": "q", "domain_id": "dzd_1", "rate": "fast"}, environment={})

    found = list(check_settings(settings, problems, {}))

    assert verdicts(found) == {"setting queue_url": "fail", "setting rate": "fail", "setting domain_id": "pass"}
    assert found[1].detail == "must be a number, or unlimited"
    assert found[1].fix.endswith("for example '40'")


@pytest.mark.parametrize(
    ("settings", "environment", "check", "verdict"),
    [
        ({}, {"AWS_DEFAULT_REGION": "us-east-1"}, "Regions", "warn"),
        ({}, {"AWS_REGION": "us-east-1"}, "Regions", "warn"),
        ({}, {"AWS_DEFAULT_REGION": "eu-west-1", "AWS_REGION": "us-east-1"}, "Regions", None),
        ({}, {}, "Regions", None),
        ({"domain_region_name": "eu-west-1"}, {"AWS_DEFAULT_REGION": "us-east-1"}, "Regions", None),
        (
            {"dead_letter_queue_url": QUEUE_URL.replace("eu-west-1", "us-east-1")},
            {},
            "Region of the dead-letter queue",
            "fail",
        ),
        ({"dead_letter_queue_url": f"{QUEUE_URL}-dead"}, {}, "Region of the dead-letter queue", None),
    ],
)
def test_regions_that_do_not_agree(settings, environment, check, verdict):
    found = check_settings(Settings(queue_url=QUEUE_URL, domain_id="dzd_1", **settings), {}, environment)

    assert {finding.check: finding.verdict.value for finding in found}.get(check) == verdict


@pytest.mark.parametrize(
    "url", [QUEUE_URL, f"{QUEUE_URL}/", "https://eu-west-1.queue.amazonaws.com/123456789012/openlineage"]
)
def test_a_queue_is_not_its_own_dead_letter_queue(url):
    found = check_settings(Settings(queue_url=QUEUE_URL, domain_id="dzd_1", dead_letter_queue_url=url), {}, {})

    assert {each.check for each in found if each.verdict.value == "fail"} == {"setting dead_letter_queue_url"}


@pytest.mark.parametrize("password", ["geheim", "ge@geheim"])
def test_a_password_in_the_url_of_the_queue_is_masked(password):
    url = QUEUE_URL.replace("https://", f"https://user:{password}@")
    findings = list(check_settings(Settings(queue_url=url, domain_id="dzd_1"), {}))

    assert "geheim" not in repr(findings)
    assert "https://***@sqs.eu-west-1" in repr(findings)


def test_a_schedule_that_airflow_cannot_read_is_reported(monkeypatch):
    def failures(schedule):
        settings = Settings(queue_url="https://h/1/q", domain_id="dzd_1", schedule=schedule)
        return [each.check for each in check_settings(settings, {}, {}) if each.verdict.value == "fail"]

    pytest.importorskip("croniter")
    assert failures("nonsense") == ["setting schedule"]
    assert failures("*/2 * * * *") == failures("@hourly") == []

    monkeypatch.setitem(sys.modules, "croniter", None)
    assert failures("nonsense") == []


@pytest.mark.parametrize(
    "name", ["DZLINEAGE_QUEUE_URL", "DZLINEAGE_API_KEYS", "DZLINEAGE_MAX_BODY_BYTES", "AWS_REGION", "QEUE_URL"]
)
def test_what_is_read_or_not_ours_is_passed_over(name):
    assert not list(check_names([name]))


@pytest.mark.parametrize("option", ["queue_url", "api_keys_secret", "api_keys_cmd", "queue_url_secret"])
def test_what_airflow_reads_is_passed_over(option):
    assert not list(check_names([], [option]))


@pytest.mark.parametrize(
    ("variables", "options", "check", "fix"),
    [
        (["DZLINEAGE_QEUE_URL"], [], "DZLINEAGE_QEUE_URL", "if DZLINEAGE_QUEUE_URL is meant, rename it"),
        (["DZLINEAGE_MAX_BODY_BITES"], [], "DZLINEAGE_MAX_BODY_BITES", "if DZLINEAGE_MAX_BODY_BYTES is meant"),
        (["DZLINEAGE_COLOUR"], [], "DZLINEAGE_COLOUR", "remove it"),
        ([], ["queue_url", "domainid"], "[dzlineage] domainid", "if domain_id is meant, rename it"),
    ],
)
def test_what_nothing_reads_is_reported_with_what_may_be_meant(variables, options, check, fix):
    (finding,) = check_names(variables, options)

    assert (finding.check, finding.verdict.value) == (check, "warn")
    assert finding.fix.startswith(fix)


def receiver_findings(environment=None, **settings):
    return list(check_receiver_settings(Settings(**settings), environment or {}))


def test_where_nothing_of_it_is_set_nothing_is_said():
    assert receiver_findings({"DZLINEAGE_QUEUE_URL": "x", "PATH": "/bin", "DZLINEAGE_AUTH": ""}) == []


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DZLINEAGE_AUTH", "key"),
        ("DZLINEAGE_MAX_DEPTH", "x"),
        ("DZLINEAGE_MAX_BODY_BYTES", "abc"),
        ("DZLINEAGE_PREFIXES", "?"),
    ],
)
def test_a_wrong_option_is_reported_with_a_right_example(variable, value):
    (finding,) = receiver_findings({variable: value, "DZLINEAGE_KEY_HEADERS": "x-api-key"})

    assert (finding.check, finding.verdict.value) == (variable, "fail")
    assert "for example" in finding.fix


def test_all_wrong_options_are_reported():
    assert len(receiver_findings({"DZLINEAGE_AUTH": "key", "DZLINEAGE_MAX_DEPTH": "x"}, api_keys="short")) == 3


@pytest.mark.parametrize("settings", [{"api_keys": "a=short"}, {"api_keys": KEY}, {"api_keys": ","}])
def test_keys_that_cannot_be_read_are_reported_and_not_repeated(settings):
    (finding,) = receiver_findings(**settings)

    assert (finding.check, finding.verdict.value) == ("setting api_keys", "fail")
    assert finding.fix
    assert "geheim" not in repr(finding)


def test_the_file_of_keys_is_read(tmp_path):
    path = tmp_path / "keys"
    path.write_text(f"spark={KEY}\ndbt={KEY}\n", encoding="utf-8")
    (found,) = receiver_findings(api_keys_file=str(path))
    (absent,) = receiver_findings(api_keys_file="/nope")

    assert (found.verdict.value, found.detail) == ("pass", "2 keys")
    assert absent.verdict.value == "fail"
    assert "/nope cannot be read" in absent.detail


def test_a_secret_is_not_asked_for():
    assert receiver_findings(api_keys_secret="lineage-keys") == []
