import pytest

from airflow_provider_dzlineage.lineage.raw_event import FORWARDING_DAG_TAG, is_own_job, message_group, subject_of

JOB = {"namespace": "sales", "name": "load"}


@pytest.mark.parametrize(
    ("event", "subject"),
    [
        ({"eventType": "COMPLETE", "run": {"runId": "r1"}, "job": JOB}, "COMPLETE of sales.load, run r1"),
        ({"job": JOB}, "job sales.load"),
        ({"dataset": {"namespace": "s3://lake", "name": "raw"}}, "dataset s3://lake  raw"),
        ({"run": "r1", "job": ["load"], "dataset": None}, "no job, no run, no dataset"),
        ({}, "no job, no run, no dataset"),
    ],
)
def test_an_event_is_named_whatever_it_holds(event, subject):
    assert subject_of(event) == subject


def test_the_message_group_is_the_run_else_the_job_or_the_dataset():
    assert message_group({"run": {"runId": "r"}, "job": {"namespace": "a", "name": "b"}}) == "r"
    assert message_group({"job": {"namespace": "a", "name": "b"}}) == "a.b"
    assert message_group({"dataset": {"namespace": "a", "name": "b"}}) == "a.b"
    assert message_group({"run": "nonsense"}) == "none"


@pytest.mark.parametrize("name", ["dzlineage_forward", "dzlineage_forward.drain", "dzlineage_forward_europe.drain"])
def test_a_job_of_the_forwarding_dag_is_known_by_its_name(name):
    assert is_own_job({"job": {"namespace": "airflow", "name": name}})


@pytest.mark.parametrize("facet", ["airflow", "airflowDagRun"])
@pytest.mark.parametrize("tags", [["lineage", FORWARDING_DAG_TAG], f"['lineage', '{FORWARDING_DAG_TAG}']"])
def test_a_forwarding_dag_of_another_name_is_known_by_its_tag(facet, tags):
    event = {"job": {"name": "europe.drain"}, "run": {"facets": {facet: {"dag": {"tags": tags}}}}}

    assert is_own_job(event)


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"job": None, "run": []},
        {"job": {"name": 3}},
        {"job": {"name": "sales.dzlineage_forward"}},
        {"job": {"name": "sales"}, "run": {"facets": {"airflow": {"dag": {"tags": ["lineage"]}}}}},
        {"job": {"name": "sales"}, "run": {"facets": {"airflow": None}}},
    ],
)
def test_other_jobs_are_not_ours(event):
    assert not is_own_job(event)
