"""The operator with real hooks against a real SQS and the DataZone emulator."""

from __future__ import annotations

import json
from datetime import datetime, timezone

import pytest

from airflow_provider_dzlineage.buffer.dead_letter_queue import DeadLetterQueue
from airflow_provider_dzlineage.errors import ConfigurationError, StopError

operators = pytest.importorskip("airflow_provider_dzlineage.transfers.datazone_to_sqs")
from airflow_provider_dzlineage._compat import DAG, AirflowFailException  # noqa: E402

DOMAIN = "dzd_local"


class TaskInstance:
    """A task instance of Airflow 2, with the XComs of earlier runs."""

    map_index = -1

    def __init__(self, earlier):
        self.xcoms = earlier

    def xcom_push(self, key, value):
        self.xcoms[key] = json.loads(json.dumps(value))

    def xcom_pull(self, *, task_ids, key, include_prior_dates, map_indexes):
        assert (task_ids, include_prior_dates, map_indexes) == ("reconcile", True, -1)
        return self.xcoms.get(key)


class TaskInstanceOfAirflow3(TaskInstance):
    """A task instance that counts the earlier ones, and logs an error for an XCom that is not there."""

    def __init__(self, earlier, ended):
        super().__init__(earlier)
        self.ended = ended

    def get_ti_count(self, *, dag_id, task_ids, map_index, states):
        assert (dag_id, task_ids, map_index, states) == ("a_dag", ["reconcile"], -1, ["success", "failed"])
        return self.ended

    def xcom_pull(self, **arguments):
        value = super().xcom_pull(**arguments)
        assert value is not None, "XCom not found"
        return value


@pytest.fixture
def xcoms():
    return {}


@pytest.fixture
def execute(ministack, datazone_emulator, monkeypatch, xcoms):
    """Run an operator with these arguments, after its earlier runs, and return its report."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", ministack.endpoint_url)
    monkeypatch.setenv("AWS_ENDPOINT_URL_DATAZONE", datazone_emulator.endpoint_url)

    def execute(context=(("logical_date", "2026-01-01"),), **arguments):
        operator = operators.ReconcileDataZoneLineageOperator(task_id="reconcile", **arguments)
        return operator.execute({"ti": TaskInstance(xcoms), **dict(context)})

    return execute


@pytest.fixture
def post_failing(set_faults, datazone_client, make_event):
    """Post events whose processing fails."""
    set_faults(fail=1)

    def post_failing(*names):
        for name in names:
            datazone_client.post_lineage_event(domainIdentifier=DOMAIN, event=json.dumps(make_event(name)).encode())

    return post_failing


def test_what_failed_is_a_metric(execute, make_queue, post_failing, monkeypatch):
    emitted = []
    monkeypatch.setattr(operators.Stats, "incr", lambda name, count, *, tags: emitted.append((name, count)))
    post_failing("a", "b")

    execute(queue_url=make_queue().url, domain_id=DOMAIN)

    assert emitted == [("dzlineage.processing_failed", 2)]


def test_each_run_goes_on_from_the_one_before(execute, make_queue, post_failing, capsys):
    queue = make_queue(dead_letters=True)
    post_failing("a", "b")
    first = execute(queue_url=queue.url, domain_id=DOMAIN)
    post_failing("c")

    second = execute(queue_url=queue.url, domain_id=DOMAIN)

    assert (first["failed"], first["dead_lettered"], first["left"]) == (2, 2, 0)
    assert (second["failed"], second["dead_lettered"], second["already_known"]) == (1, 1, 2)
    assert queue.dead_letter_queue().state().backlog == 3
    assert (
        "failed to process 1 events that it had accepted; they are in the dead-letter queue" in capsys.readouterr().out
    )


def test_a_run_without_a_logical_date_leaves_no_state_since_it_would_outlive_that_of_later_runs(
    execute, make_queue, post_failing, xcoms
):
    queue = make_queue(dead_letters=True)
    execute(queue_url=queue.url, domain_id=DOMAIN)
    before = json.dumps(xcoms)
    post_failing("a")

    report = execute({}, queue_url=queue.url, domain_id=DOMAIN)

    assert report["dead_lettered"] == 1
    after = json.dumps(xcoms)
    assert before == after


def test_a_report_names_the_scan_and_its_cost(execute, make_queue):
    report = execute(queue_url=make_queue().url, domain_id=DOMAIN)

    assert set(report) == {
        *("failed", "dead_lettered", "gone", "left", "already_known"),
        *("looked_from", "looked_until", "requests", "throttled", "seconds"),
    }
    assert report["looked_from"] < report["looked_until"]


def test_a_failure_fails_the_task_once_when_so_set(execute, make_queue, post_failing, monkeypatch):
    monkeypatch.setenv("DZLINEAGE_ON_PROCESSING_FAILED", "fail")
    queue = make_queue(dead_letters=True)
    post_failing("a")

    with pytest.raises(AirflowFailException, match="failed to process 1 events that it had accepted"):
        execute(queue_url=queue.url, domain_id=DOMAIN)

    # what is in the dead-letter queue has been reported
    assert execute(queue_url=queue.url, domain_id=DOMAIN)["failed"] == 0


def test_without_a_dead_letter_queue_it_says_so(execute, make_queue, post_failing, capsys):
    post_failing("a")

    report = execute(queue_url=make_queue().url, domain_id=DOMAIN)

    assert (report["failed"], report["dead_lettered"]) == (1, 0)
    assert "there is no dead-letter queue for them" in capsys.readouterr().out


def test_a_scan_that_fails_leaves_what_was_known(execute, make_queue, post_failing, xcoms):
    queue = make_queue(dead_letters=True)
    post_failing("a")
    execute(queue_url=queue.url, domain_id=DOMAIN)
    before = json.dumps(xcoms)

    with pytest.raises(StopError, match="check the setting 'domain_id'"):
        execute(queue_url=queue.url, domain_id="dzd_absent")

    after = json.dumps(xcoms)
    assert before == after


def test_without_settings_every_missing_one_is_named(execute):
    with pytest.raises(ConfigurationError) as caught:
        execute()

    assert "setting 'queue_url' is missing" in str(caught.value)
    assert "setting 'domain_id' is missing" in str(caught.value)


def test_a_kill_ends_the_scan_in_order(execute, make_queue, post_failing, monkeypatch):
    queue = make_queue(dead_letters=True)
    post_failing(*(f"job{number}" for number in range(25)))
    write = DeadLetterQueue.write

    def write_and_be_killed(*arguments):
        refused = write(*arguments)
        kill()
        return refused

    monkeypatch.setattr(DeadLetterQueue, "write", write_and_be_killed)
    operator = operators.ReconcileDataZoneLineageOperator(task_id="reconcile", queue_url=queue.url, domain_id=DOMAIN)
    kill = operator.on_kill

    report = operator.execute({"ti": TaskInstance({})})

    assert (report["dead_lettered"], report["left"]) == (10, 15)


def test_before_the_first_run_has_ended_airflow_3_is_not_asked_for_its_state(execute, make_queue, post_failing):
    queue, xcoms = make_queue(dead_letters=True), {}
    post_failing("a", "b")
    with DAG("a_dag", schedule=None, start_date=datetime(2026, 1, 1, tzinfo=timezone.utc)):
        operator = operators.ReconcileDataZoneLineageOperator(
            task_id="reconcile", queue_url=queue.url, domain_id=DOMAIN
        )

    reports = [
        operator.execute({"ti": TaskInstanceOfAirflow3(xcoms, ended), "logical_date": "2026-01-01"})
        for ended in range(2)
    ]

    assert [(report["failed"], report["already_known"]) for report in reports] == [(2, 0), (0, 2)]
