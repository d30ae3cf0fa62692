import pytest

from airflow_provider_dzlineage.lineage.filters import Filters, Globs


@pytest.fixture
def event(make_event):
    event = make_event("load")
    event["job"] = {"namespace": "prod", "name": "load"}
    event["producer"] = "https://example.com/spark"
    event["inputs"] = [{"namespace": "s3://lake", "name": "a"}]
    event["outputs"] = [{"namespace": "arn:aws:glue:eu-west-1:123456789012", "name": "b"}]
    return event


@pytest.mark.parametrize(
    ("filters", "reason"),
    [
        (Filters(), None),
        (Filters(jobs=Globs(include=["lo*"])), None),
        (Filters(jobs=Globs(include=["prod.lo*"])), None),
        (Filters(jobs=Globs(include=["other", "load"])), None),
        (Filters(jobs=Globs(include=["LOAD"])), "filtered_job"),
        (Filters(jobs=Globs(include=["*"], exclude=["prod.*"])), "filtered_job"),
        (Filters(job_namespaces=Globs(exclude=["dev"])), None),
        (Filters(job_namespaces=Globs(exclude=["pr?d"])), "filtered_job_namespace"),
        (Filters(producers=Globs(include=["*/spark"])), None),
        (Filters(producers=Globs(exclude=["*/spark"])), "filtered_producer"),
        (Filters(dataset_namespaces=Globs(include=["arn:aws:glue:*"])), None),
        (Filters(dataset_namespaces=Globs(exclude=["s3:*"])), None),
        (Filters(dataset_namespaces=Globs(exclude=["s3:*", "arn:*"])), "filtered_dataset_namespace"),
        (Filters(dataset_namespaces=Globs(include=["redshift:*"])), "filtered_dataset_namespace"),
    ],
)
def test_an_event_is_skipped_for_the_first_filter_that_does_not_want_it(event, filters, reason):
    assert filters.reason_to_skip(event) == reason


def test_an_event_without_datasets_passes_the_filters_of_datasets(event):
    del event["inputs"], event["outputs"]

    assert Filters(dataset_namespaces=Globs(include=["redshift:*"])).reason_to_skip(event) is None
