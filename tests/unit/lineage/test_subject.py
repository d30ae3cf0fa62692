import pytest

from airflow_provider_dzlineage.lineage.raw_event import subject_of

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
