import copy

import pytest

from airflow_provider_dzlineage.errors import ConfigurationError
from airflow_provider_dzlineage.lineage.transforms.renames import job_names, namespaces

JOB = {"namespace": "spark", "name": "load_20260102"}


@pytest.fixture
def event(make_event):
    event = make_event("x")
    event["job"] = dict(JOB)
    event["run"]["facets"] = {
        "parent": {"run": {"runId": "r"}, "job": dict(JOB), "root": {"run": {"runId": "r"}, "job": dict(JOB)}},
        "jobDependencies": {"upstream": [{"job": dict(JOB)}], "downstream": [{"job": dict(JOB)}]},
    }
    event["job"]["facets"] = {"lineage": {"entries": [{**JOB, "type": "JOB", "inputs": [{**JOB, "type": "DATASET"}]}]}}
    return event


def jobs_in(event):
    run, job = event["run"]["facets"], event["job"]
    parent, dependencies = run["parent"], run["jobDependencies"]
    named = [job, parent["job"], parent["root"]["job"], dependencies["upstream"][0]["job"]]
    named += [dependencies["downstream"][0]["job"], job["facets"]["lineage"]["entries"][0]]
    return [(each["namespace"], each["name"]) for each in named]


def test_what_matches_is_cut_wherever_a_job_is_named(event):
    before = copy.deepcopy(event)

    cut = job_names([r"_\d{8}$"])(event)

    assert event == before
    assert jobs_in(cut) == [("spark", "load")] * 6
    # A dataset of the same name is no job.
    assert cut["job"]["facets"]["lineage"]["entries"][0]["inputs"][0]["name"] == "load_20260102"
    assert job_names([r"_\d{8}$"])(cut) is cut


def test_a_name_is_never_cut_to_nothing(event):
    assert job_names([".*"])(event) is event


def test_what_was_cut_shows_nothing_more_to_cut(event):
    event["job"]["name"] = "load_20260101_20260102"

    assert job_names([r"_\d{8}$"])(event)["job"]["name"] == "load"


def test_dependencies_that_are_none_are_passed_over(event):
    event["run"]["facets"]["jobDependencies"] = {"upstream": None, "downstream": "none"}

    assert job_names([r"_\d{8}$"])(event)["run"]["facets"]["jobDependencies"]["upstream"] is None


def test_without_patterns_nothing_changes(event):
    assert job_names([])(event) is event


def test_a_wrong_pattern_is_named():
    with pytest.raises(ConfigurationError, match="'job_names'"):
        job_names(["["])


def test_jobs_get_other_namespaces_wherever_they_are_named(event):
    moved = namespaces({"jobs": {"spark": "prod"}})(event)

    assert jobs_in(moved) == [("prod", "load_20260102")] * 6
    assert moved["inputs"] == event["inputs"]


def test_datasets_get_other_namespaces_and_exact_keys_come_first(make_event):
    event = make_event("load")
    event["inputs"] = [{"namespace": f"postgres://10.0.0.{n}:5432", "name": "orders"} for n in (1, 2)]
    mapping = {
        r"/postgres://10\.0\.0\.(\d):5432/": r"postgres://node\1:5432",
        "postgres://10.0.0.2:5432": "postgres://two",
    }

    moved = namespaces({"datasets": mapping})(event)

    assert [dataset["namespace"] for dataset in moved["inputs"]] == ["postgres://node1:5432", "postgres://two"]


@pytest.mark.parametrize(
    "mapping",
    [
        {"job": {}},
        {"jobs": ["a"]},
        {"jobs": {"a": 1}},
        {"jobs": {"a": ""}},
        {"datasets": {"/(/": "x"}},
        {"jobs": {"/a/": r"\1"}},
    ],
)
def test_a_wrong_mapping_is_refused_with_an_example(mapping):
    with pytest.raises(ConfigurationError, match="'namespaces'"):
        namespaces(mapping)
