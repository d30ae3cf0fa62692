"""The main job on real Airflows: a pipeline's lineage through SQS into the catalog, and the account of it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from airflow_provider_dzlineage.local.airflow import Airflow
from airflow_provider_dzlineage.local.demo import EXAMPLE_DAG_FILE, SCHEDULE
from airflow_provider_dzlineage.local.demo_run import EXPECTED_EDGES, PIPELINE, DemoRun, airflow_variables
from airflow_provider_dzlineage.local.embedded import EmbeddedAws

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

ROOT = Path(__file__).parents[2]
# A forwarding DAG that nobody has given a queue: the settings of the other one are taken from it.
UNSET_DAG = """
import os

for name in list(os.environ):
    if name.startswith("AIRFLOW__DZLINEAGE__"):
        del os.environ[name]

from airflow_provider_dzlineage.forwarding_dag import forwarding_dag

dag = forwarding_dag("dzlineage_forward_unset", schedule="* * * * *")
"""


@pytest.fixture(scope="module")
def run(environment, tmp_path_factory):
    """A pipeline that has run on one Airflow, and whose lineage has been forwarded."""
    home = tmp_path_factory.mktemp("airflow")
    unset = home / "unset.py"
    unset.write_text(UNSET_DAG)
    with EmbeddedAws() as aws:
        variables = airflow_variables(aws.environment, SCHEDULE)
        dags = [ROOT / "dags" / "dzlineage_forward.py", EXAMPLE_DAG_FILE, unset]
        with Airflow(environment, home / "home", dags, variables) as airflow:
            run = DemoRun(airflow, aws.environment)
            run.wait(print)
            yield run, airflow


def test_every_event_of_the_pipeline_is_accounted_for(run):
    demo, _ = run

    account = demo.account()

    assert account.problems == ()
    assert account.expected == 16
    assert account.report["posted"] == 16
    # On a busy machine a drain may reach its deadline; what it gives back, the next one receives again.
    assert account.report["received"] == 16 + account.report["released"], account.reasons
    assert set(account.reasons) <= {"deadline"}


def test_the_pipeline_ran_as_it_is_written(run):
    _, airflow = run

    states = {(task["task_id"], task["map_index"]): task["state"] for task in airflow.task_instances(PIPELINE)}

    assert states.pop(("check_freshness", -1)) == "failed"
    assert set(states.values()) == {"success"}
    assert {("land_orders", 0), ("land_orders", 1)} <= states.keys()


def test_the_failed_task_is_a_failed_run_in_the_catalog(run):
    demo, _ = run

    node = next(
        summary["eventSummary"]["openLineageRunEventSummary"]
        for summary in demo.catalog.list_events()
        if summary["eventSummary"]["openLineageRunEventSummary"]["eventType"] == "FAIL"
        and "check_freshness" in summary["eventSummary"]["openLineageRunEventSummary"]["job"]["name"]
    )

    run_node = demo.catalog.get_node(f"{node['job']['namespace']}.{node['job']['name']}/{node['runId']}")
    details = next(form for form in run_node["formsOutput"] if form["formName"] == "JobRunDetails")
    assert '"FAIL"' in details["content"]


def test_column_lineage_reaches_the_catalog(run):
    demo, _ = run
    final_table = next(target for _, target in EXPECTED_EDGES if target.endswith("daily_sales") and "arn" in target)

    forms = {form["formName"]: form["content"] for form in demo.catalog.get_node(final_table)["formsOutput"]}

    assert "dev.staging.orders" in forms["ColumnLineage"]
    assert "discount" in forms["ColumnLineage"]


def test_a_drain_reports_in_its_xcom_what_the_contract_names(run):
    _, airflow = run

    report = airflow.results("dzlineage_forward", "drain")[-1]

    assert set(report) == {
        *("received", "posted", "merged", "skipped", "dead_lettered", "released"),
        *("requests", "throttled", "retried", "seconds", "backlog", "time_to_drain", "reasons"),
    }


def test_a_drain_leaves_the_link_to_the_portal(run):
    _, airflow = run

    values = airflow.query("SELECT value FROM xcom WHERE dag_id = 'dzlineage_forward' AND key = 'portal_url'")

    assert values
    assert "dzd-local.datazone.us-east-1.on.aws" in str(values[-1]["value"])


def test_without_settings_the_run_fails_and_says_what_to_set_and_where(run):
    _, airflow = run

    give_up = time.monotonic() + 120
    while "failed" not in [task["state"] for task in airflow.task_instances("dzlineage_forward_unset")]:
        assert time.monotonic() < give_up, airflow.task_instances("dzlineage_forward_unset")
        time.sleep(1)

    log = "".join(path.read_text() for path in (airflow.home / "logs").rglob("*.log") if "unset" in str(path))
    assert "setting 'queue_url' is missing" in log
    assert "setting 'domain_id' is missing" in log
    assert "Amazon MWAA" in log
    assert "AIRFLOW__DZLINEAGE__DOMAIN_ID" in log
