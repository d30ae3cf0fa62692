"""What counts as set in Airflow's configuration."""

import pytest

from airflow_provider_dzlineage._compat import airflow_section


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch):
    monkeypatch.delenv("AIRFLOW__DZLINEAGE__SKIP_EMPTY", raising=False)


def test_a_default_that_the_provider_declares_is_not_set():
    assert airflow_section() == {}


def test_what_a_user_sets_is(monkeypatch):
    monkeypatch.setenv("AIRFLOW__DZLINEAGE__SKIP_EMPTY", "false")
    monkeypatch.setenv("AIRFLOW__DZLINEAGE__TRANSFORMS", "glue")

    assert airflow_section() == {"skip_empty": "false", "transforms": "glue"}


def test_what_is_wrong_is_left_to_who_reads_it(monkeypatch):
    monkeypatch.setenv("AIRFLOW__DZLINEAGE__SKIP_EMPTY", "perhaps")

    assert airflow_section() == {"skip_empty": "perhaps"}
