from __future__ import annotations

import pytest

from airflow_provider_dzlineage.errors import ConfigurationError
from airflow_provider_dzlineage.lineage.raw_event import FORWARDING_DAG_TAG

forwarding_dag = pytest.importorskip("airflow_provider_dzlineage.forwarding_dag").forwarding_dag


def test_without_settings_it_parses():
    dag = forwarding_dag()

    assert dag.dag_id == "dzlineage_forward"
    assert dag.max_active_runs == 1
    assert not dag.catchup
    assert FORWARDING_DAG_TAG in dag.tags
    assert dag.task_ids == ["drain", "reconcile", "done"]


@pytest.mark.parametrize(
    ("schedule", "interval"), [("*/5 * * * *", 300), ("0 * * * *", 3600), ("* * * * * */20", 20), ("0,50 * * * *", 600)]
)
def test_the_deadlines_lie_inside_the_shortest_interval(schedule, interval):
    dag = forwarding_dag(schedule=schedule)

    assert dag.get_task("drain").max_seconds == pytest.approx(interval * 0.7)
    assert dag.get_task("reconcile").max_seconds == pytest.approx(interval * 0.2)


def test_a_deadline_of_ones_own_stays():
    dag = forwarding_dag(max_seconds=30)

    assert dag.get_task("drain").max_seconds == 30
    assert dag.get_task("reconcile").max_seconds == 60


def test_several_dags_come_from_one_factory():
    europe = forwarding_dag("europe", queue_url="https://q", domain_id="dzd_eu", domain_region_name="eu-west-1")

    for name in ("drain", "reconcile"):
        task = europe.get_task(name)
        assert (task.queue_url, task.domain_id, task.domain_region_name) == ("https://q", "dzd_eu", "eu-west-1")


def test_each_task_gets_the_settings_that_it_takes():
    dag = forwarding_dag(max_receives=3, rate=40, on_processing_failed="fail")

    assert (dag.get_task("drain").max_receives, dag.get_task("drain").rate) == (3, 40)
    assert (dag.get_task("reconcile").on_processing_failed, dag.get_task("reconcile").rate) == ("fail", 40)


def test_a_look_follows_also_a_drain_that_failed_but_the_last_task_does_not():
    dag = forwarding_dag()

    assert dag.get_task("reconcile").upstream_task_ids == {"drain"}
    assert dag.get_task("reconcile").trigger_rule == "all_done"
    assert dag.get_task("done").upstream_task_ids == {"drain", "reconcile"}
    assert dag.get_task("done").trigger_rule == "all_success"


def test_where_failed_processing_is_ignored_nothing_looks_for_it(monkeypatch):
    assert forwarding_dag(on_processing_failed="ignore").task_ids == ["drain"]
    monkeypatch.setenv("AIRFLOW__DZLINEAGE__ON_PROCESSING_FAILED", "ignore")
    assert forwarding_dag().task_ids == ["drain"]


def test_schedule_comes_from_airflow_and_the_environment(monkeypatch):
    monkeypatch.setenv("DZLINEAGE_SCHEDULE", "*/2 * * * *")
    assert forwarding_dag().get_task("drain").max_seconds == pytest.approx(84)
    monkeypatch.setenv("AIRFLOW__DZLINEAGE__SCHEDULE", "*/3 * * * *")
    assert forwarding_dag().get_task("drain").max_seconds == pytest.approx(126)


def test_a_template_gets_its_value_only_when_the_task_runs():
    template = "{{ var.value.lineage_queue }}"

    assert forwarding_dag(queue_url=template).get_task("drain").queue_url == template


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"schedule": "every day"}, "not a cron expression"),
        ({"queue": "x"}, "setting 'queue': is unknown"),
        ({"rate": "fast"}, "'rate'"),
    ],
)
def test_a_mistake_is_named_at_parse(settings, message):
    with pytest.raises(ConfigurationError, match=message):
        forwarding_dag(**settings)
