from airflow_provider_dzlineage.lineage.raw_event import message_group


def test_the_message_group_is_the_run_else_the_job_or_the_dataset():
    assert message_group({"run": {"runId": "r"}, "job": {"namespace": "a", "name": "b"}}) == "r"
    assert message_group({"job": {"namespace": "a", "name": "b"}}) == "a.b"
    assert message_group({"dataset": {"namespace": "a", "name": "b"}}) == "a.b"
    assert message_group({"run": "nonsense"}) == "none"
