from __future__ import annotations

import pytest

from airflow_provider_dzlineage.errors import ConfigurationError
from airflow_provider_dzlineage.lineage.own_jobs import FORWARDING_DAG_TAG

forwarding_dag = pytest.importorskip("airflow_provider_dzlineage.forwarding_dag").forwarding_dag


def test_without_settings_it_parses():
    dag = forwarding_dag()

    assert dag.dag_id == "dzlineage_forward"
    assert dag.max_active_runs == 1
    assert not dag.catchup
    assert FORWARDING_DAG_TAG in dag.tags
    assert dag.task_ids == ["drain"]


@pytest.mark.parametrize(
    ("schedule", "seconds"),
    [("*/5 * * * *", 240.0), ("0 * * * *", 2880.0), ("* * * * * */20", 16.0), ("0,50 * * * *", 480.0)],
)
def test_the_deadline_lies_inside_the_shortest_interval(schedule, seconds):
    assert forwarding_dag(schedule=schedule).get_task("drain").max_seconds == pytest.approx(seconds)


def test_a_deadline_of_ones_own_stays():
    assert forwarding_dag(max_seconds=30).get_task("drain").max_seconds == 30


def test_several_dags_come_from_one_factory():
    europe = forwarding_dag("europe", queue_url="https://q", domain_id="dzd_eu", domain_region_name="eu-west-1")

    drain = europe.get_task("drain")
    assert (drain.queue_url, drain.domain_id, drain.domain_region_name) == ("https://q", "dzd_eu", "eu-west-1")


def test_schedule_comes_from_airflow_and_the_environment(monkeypatch):
    monkeypatch.setenv("DZLINEAGE_SCHEDULE", "*/2 * * * *")
    assert forwarding_dag().get_task("drain").max_seconds == 96.0
    monkeypatch.setenv("AIRFLOW__DZLINEAGE__SCHEDULE", "*/3 * * * *")
    assert forwarding_dag().get_task("drain").max_seconds == 144.0


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"schedule": "every day"}, "no cron expression"),
        ({"queue": "x"}, "unknown setting 'queue'"),
        ({"rate": "fast"}, "'rate'"),
    ],
)
def test_a_mistake_is_named_at_parse(settings, message):
    with pytest.raises(ConfigurationError, match=message):
        forwarding_dag(**settings)
