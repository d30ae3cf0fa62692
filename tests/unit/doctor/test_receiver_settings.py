"""What is wrong with the endpoint's own settings, and with the schedule."""

from __future__ import annotations

import sys

import pytest

from airflow_provider_dzlineage.doctor.receiver_checks import check_receiver
from airflow_provider_dzlineage.doctor.settings_checks import check_settings
from airflow_provider_dzlineage.settings import Settings

KEY = "geheim-geheim-geheim"


def look(environment=None, **settings):
    return list(check_receiver(Settings(**settings), environment or {}))


def test_where_nothing_of_it_is_set_nothing_is_said():
    assert look({"DZLINEAGE_QUEUE_URL": "x", "PATH": "/bin", "DZLINEAGE_AUTH": ""}) == []


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DZLINEAGE_AUTH", "key"),
        ("DZLINEAGE_MAX_DEPTH", "x"),
        ("DZLINEAGE_MAX_BODY_BYTES", "abc"),
        ("DZLINEAGE_PREFIXES", "?"),
    ],
)
def test_a_wrong_option_is_told_with_a_right_example(variable, value):
    (finding,) = look({variable: value, "DZLINEAGE_KEY_HEADERS": "x-api-key"})

    assert (finding.check, finding.verdict.value) == (variable, "fail")
    assert "a right example is" in finding.fix


def test_all_wrong_options_are_told():
    assert len(look({"DZLINEAGE_AUTH": "key", "DZLINEAGE_MAX_DEPTH": "x"}, api_keys="short")) == 3


@pytest.mark.parametrize("settings", [{"api_keys": "a=short"}, {"api_keys": KEY}, {"api_keys": ","}])
def test_keys_that_cannot_be_read_are_told_and_not_repeated(settings):
    (finding,) = look(**settings)

    assert (finding.check, finding.verdict.value) == ("setting api_keys", "fail")
    assert finding.fix
    assert "geheim" not in repr(finding)


def test_the_file_of_keys_is_read(tmp_path):
    path = tmp_path / "keys"
    path.write_text(f"spark={KEY}\ndbt={KEY}\n", encoding="utf-8")
    (found,) = look(api_keys_file=str(path))
    (absent,) = look(api_keys_file="/nope")

    assert (found.verdict.value, found.detail) == ("pass", "2 keys")
    assert absent.verdict.value == "fail"
    assert "/nope cannot be read" in absent.detail


def test_a_secret_is_not_asked_for():
    assert look(api_keys_secret="lineage-keys") == []


def test_a_schedule_that_airflow_cannot_read_is_told(monkeypatch):
    def failures(schedule):
        settings = Settings(queue_url="https://h/1/q", domain_id="dzd_1", schedule=schedule)
        return [each.check for each in check_settings(settings, {}, {}) if each.verdict.value == "fail"]

    pytest.importorskip("croniter")
    assert failures("nonsense") == ["setting schedule"]
    assert failures("*/2 * * * *") == failures("@hourly") == []

    monkeypatch.setitem(sys.modules, "croniter", None)
    assert failures("nonsense") == []
