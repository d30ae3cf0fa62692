import pytest

from airflow_provider_dzlineage.lineage.raw_event import FORWARDING_DAG_TAG, is_own_job


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
