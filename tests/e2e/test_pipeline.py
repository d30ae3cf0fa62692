"""The main job on real Airflows: a pipeline's lineage through SQS into the catalog, and the audit of it.

Beside it, a second buffer with a forwarding DAG of its own, of which a drain is killed and DataZone fails an event.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
import urllib.request
from collections import Counter
from functools import partial
from pathlib import Path

import boto3
import pytest

from airflow_provider_dzlineage.buffer.codec import send_parameters
from airflow_provider_dzlineage.buffer.dead_letter_queue import find_dead_letter_queue
from airflow_provider_dzlineage.buffer.queue import Queue
from airflow_provider_dzlineage.local.embedded import EmbeddedAws
from tests.e2e.conftest import ENVIRONMENTS
from tests.fixtures import waiting
from tools.airflow.runner import Airflow
from tools.demo.__main__ import EXAMPLE_DAG_FILES, SCHEDULE
from tools.demo.audit import column_sources
from tools.demo.run import (
    EXPECTED_COLUMNS,
    FINAL_TABLE,
    PIPELINE,
    DemoRun,
    airflow_variables,
)

pytestmark = pytest.mark.timeout(600)

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
# A second buffer. Its drains write down their process, and what a killed one had in hand comes back soon.
SECOND_DAG = """
import os
from pathlib import Path

from airflow_provider_dzlineage.buffer import in_flight
from airflow_provider_dzlineage.forwarding_dag import forwarding_dag

in_flight.VISIBILITY_SECONDS = 6


def note_process(context):
    Path(os.environ["AIRFLOW_HOME"], "drain.pid").write_text(str(os.getpid()))


dag = forwarding_dag("dzlineage_forward_second", queue_url="{queue_url}", schedule="* * * * * */15")
dag.get_task("drain").on_execute_callback = [note_process]
dag.is_paused_upon_creation = True
"""


# An Airflow takes its time.
eventually = partial(waiting.eventually, seconds=180, every=0.2)


class Statsd:
    """Receives what Airflow says over StatsD, and sums up its counters."""

    def __init__(self):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.counters, self.others = Counter(), Counter()
        threading.Thread(target=self._receive, daemon=True).start()

    def _receive(self):
        while True:
            for line in self._socket.recv(65536).decode().splitlines():
                name, value, kind = line.partition("|@")[0].replace(":", "|").split("|")[:3]
                if kind == "c":
                    self.counters[name] += float(value)
                else:
                    self.others[name] += 1

    @property
    def variables(self):
        return {
            "AIRFLOW__METRICS__STATSD_ON": "True",
            "AIRFLOW__METRICS__STATSD_HOST": "127.0.0.1",
            "AIRFLOW__METRICS__STATSD_PORT": str(self.port),
        }


class SecondBuffer:
    """A queue with dead letters beside the main one."""

    def __init__(self, aws):
        credentials = {
            "aws_access_key_id": aws["AWS_ACCESS_KEY_ID"],
            "aws_secret_access_key": aws["AWS_SECRET_ACCESS_KEY"],
            "region_name": aws["AWS_DEFAULT_REGION"],
        }
        self._sqs = boto3.client("sqs", endpoint_url=aws["AWS_ENDPOINT_URL"], **credentials)
        self._datazone_url = aws["AWS_ENDPOINT_URL_DATAZONE"]
        dead = self._sqs.create_queue(QueueName="second-dead")["QueueUrl"]
        arn = self._sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": "1000"})
        attributes = {"RedrivePolicy": policy}
        self.queue = Queue(self._sqs, self._sqs.create_queue(QueueName="second", Attributes=attributes)["QueueUrl"])
        self.dead_letters = find_dead_letter_queue(self.queue, None)

    def send(self, events):
        assert list(self.queue.send(send_parameters(json.dumps(event)) for event in events)) == []

    def fault(self, **faults):
        url = f"{self._datazone_url}/_emulator/faults"
        urllib.request.urlopen(urllib.request.Request(url, json.dumps(faults).encode(), method="PUT")).close()

    def dead(self):
        answer = self._sqs.receive_message(QueueUrl=self.dead_letters.url, MessageAttributeNames=["All"])
        return answer.get("Messages", [])


@pytest.fixture(scope="module")
def run(environment, tmp_path_factory):
    """A pipeline that has run on one Airflow, and whose lineage has been forwarded."""
    home = tmp_path_factory.mktemp("airflow")
    unset = home / "unset.py"
    unset.write_text(UNSET_DAG)
    with EmbeddedAws() as aws:
        second, statsd = SecondBuffer(aws.environment), Statsd()
        second_dag = home / "second.py"
        second_dag.write_text(SECOND_DAG.format(queue_url=second.queue.url))
        # The one executor of Airflow 2 that works with SQLite runs one task at a time, and the pipeline needs its turn.
        schedule = SCHEDULE if environment == ENVIRONMENTS["3.3"] else "* * * * * */30"
        variables = airflow_variables(aws.environment, schedule) | statsd.variables
        dags = [ROOT / "dags" / "dzlineage_forward.py", *EXAMPLE_DAG_FILES, unset, second_dag]
        with Airflow(environment, home / "home", dags, variables) as airflow:
            run = DemoRun(airflow, aws.environment)
            run.second, run.statsd = second, statsd
            run.wait(print)
            yield run, airflow


@pytest.fixture(scope="module")
def second(run):
    """The second buffer; its forwarding DAG takes its turn when the others have done their work."""
    demo, airflow = run
    airflow.run("dags", "pause", "--yes", "--treat-dag-id-as-regex", "^dzlineage_forward(_unset)?$")
    airflow.run("dags", "unpause", "dzlineage_forward_second")
    return demo.second


def test_every_event_of_the_pipeline_is_accounted_for(run):
    demo, _ = run

    audit = demo.audit()

    assert audit.problems == ()
    assert audit.expected == 16
    assert audit.report["posted"] == 16
    # On a busy machine a drain may reach its deadline; what it gives back, the next one receives again.
    assert audit.report["received"] == 16 + audit.report["released"], audit.reasons
    assert set(audit.reasons) <= {"deadline"}


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

    assert column_sources(demo.catalog.get_node(FINAL_TABLE)) == EXPECTED_COLUMNS


def test_a_drain_reports_in_its_xcom_what_the_contract_names(run):
    _, airflow = run

    report = airflow.results("dzlineage_forward", "drain")[-1]

    assert set(report) == {
        *("received", "posted", "merged", "skipped", "dead_lettered", "released"),
        *("requests", "throttled", "retried", "seconds", "backlog", "time_to_drain", "reasons"),
        "oldest_message_seconds",
    }


def test_a_drain_is_in_the_metrics_of_airflow(run):
    demo, _ = run
    posted, statsd = demo.audit().report["posted"], demo.statsd

    eventually(lambda: statsd.counters["airflow.dzlineage.posted"] >= posted)

    assert statsd.counters["airflow.dzlineage.received"] >= posted
    assert {"airflow.dzlineage.post", "airflow.dzlineage.backlog", "airflow.dzlineage.time_to_drain"} <= set(
        statsd.others
    )


def test_a_drain_leaves_the_link_to_the_portal(run):
    _, airflow = run

    values = airflow.query("SELECT value FROM xcom WHERE dag_id = 'dzlineage_forward' AND key = 'portal_url'")

    assert values
    assert "dzd-local.datazone.us-east-1.on.aws" in str(values[-1]["value"])


def test_without_settings_the_run_fails_and_says_what_to_set_and_where(run):
    _, airflow = run

    eventually(lambda: "failed" in [task["state"] for task in airflow.task_instances("dzlineage_forward_unset")])

    log = "".join(path.read_text() for path in (airflow.home / "logs").rglob("*.log") if "unset" in str(path))
    assert "setting 'queue_url' is missing" in log
    assert "setting 'domain_id' is missing" in log
    assert "Amazon MWAA" in log
    assert "AIRFLOW__DZLINEAGE__DOMAIN_ID" in log


def test_a_worker_that_is_killed_in_the_middle_of_a_drain_loses_nothing(run, second, make_event):
    demo, airflow = run
    jobs = {f"killed-{number}" for number in range(200)}

    def accepted():
        # By id: what is posted while pages are read moves others to the next page.
        summaries = {item["id"]: item["eventSummary"] for item in demo.catalog.list_events()}
        names = [each["openLineageRunEventSummary"]["job"]["name"] for each in summaries.values()]
        return Counter(name for name in names if name in jobs)

    second.send(make_event(job) for job in jobs)
    eventually(lambda: len(accepted()) >= 20)
    before = len(accepted())
    os.kill(int((airflow.home / "drain.pid").read_text()), signal.SIGKILL)
    eventually(lambda: "failed" in [task["state"] for task in airflow.task_instances("dzlineage_forward_second")])
    eventually(lambda: second.queue.state().backlog == 0)

    assert before < 200
    assert accepted() == dict.fromkeys(jobs, 1)
    assert second.dead() == []


def test_an_event_that_datazone_fails_to_process_becomes_a_dead_letter(run, second, make_event):
    demo, airflow = run
    second.fault(fail=1)
    second.send([make_event("failed-later")])
    eventually(lambda: second.queue.state().backlog == 0)
    eventually(lambda: len(list(demo.catalog.list_events(processingStatus="FAILED"))) == 1)
    second.fault()

    eventually(lambda: second.dead_letters.state().backlog == 1)
    (dead,) = second.dead()

    assert json.loads(dead["Body"])["job"]["name"] == "failed-later"
    assert dead["MessageAttributes"]["reason"]["StringValue"] == "processing_failed"
    assert {"drain", "reconcile"} <= {task["task_id"] for task in airflow.task_instances("dzlineage_forward_second")}
