"""Reconciling and waiting in runs of DAGs on real Airflows, one after the other and each by itself."""

from __future__ import annotations

import json
import subprocess
import urllib.request
from pathlib import Path

import boto3
import pytest

from airflow_provider_dzlineage.buffer.codec import send_parameters
from airflow_provider_dzlineage.buffer.queue import Queue
from airflow_provider_dzlineage.catalog.client import Catalog
from airflow_provider_dzlineage.local.embedded import EmbeddedAws
from tests.e2e.conftest import environment_of
from tools.airflow.runner import Airflow

pytestmark = pytest.mark.timeout(600)

HERE = Path(__file__).parent
DAGS = HERE / "reconciling_dags.py"


class Runs:
    """An Airflow of which only the database is there, an AWS, and what happens in them."""

    def __init__(self, environment, home, aws):
        self.variables = {
            **aws,
            "AIRFLOW__OPENLINEAGE__DISABLED": "True",
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW_HOME": str(home),
        }
        self.airflow = Airflow(environment, home, [], self.variables)
        self.home, self.python, self.process = home, environment / "bin" / "python", None
        (home / "dags").mkdir(parents=True)
        (home / "dags" / DAGS.name).write_text(DAGS.read_text())
        self.airflow.run("db", "migrate")
        self.start_process()
        clients = {
            "aws_access_key_id": aws["AWS_ACCESS_KEY_ID"],
            "aws_secret_access_key": aws["AWS_SECRET_ACCESS_KEY"],
            "region_name": aws["AWS_DEFAULT_REGION"],
        }
        sqs = boto3.client("sqs", endpoint_url=aws["AWS_ENDPOINT_URL"], **clients)
        datazone = boto3.client("datazone", endpoint_url=aws["AWS_ENDPOINT_URL_DATAZONE"], **clients)
        self.queue = Queue(sqs, aws["DZLINEAGE_QUEUE_URL"])
        self.catalog = Catalog(datazone, aws["DZLINEAGE_DOMAIN_ID"])

    def fault(self, **faults):
        url = self.variables["AWS_ENDPOINT_URL_DATAZONE"] + "/_emulator/faults"
        body = json.dumps({"rate": "inf", "processing_seconds": 0, **faults}).encode()
        urllib.request.urlopen(urllib.request.Request(url, body, method="PUT")).close()

    def send(self, *events):
        assert list(self.queue.send(send_parameters(json.dumps(event)) for event in events)) == []

    def post(self, *events):
        return [self.catalog.post_event(json.dumps(event).encode()) for event in events]

    def start_process(self):
        """Let the next runs be those of a new process, which remembers nothing of the runs before."""
        self.stop_process()
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(self.home), "PYTHONPATH": str(HERE), **self.variables}
        self.process = subprocess.Popen(
            [self.python, HERE / "run_dag.py"],
            env=environment,
            cwd=self.home,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def stop_process(self):
        if self.process:
            self.process.communicate(timeout=60)

    def run(self, dag_id, minute=0, **conf):
        """Run a DAG as of a minute; return the states of the run and of its tasks."""
        self.process.stdin.write(json.dumps([dag_id, minute, conf]) + "\n")
        self.process.stdin.flush()
        self.output = ""
        for line in self.process.stdout:
            self.output += line
            if line.startswith('{"run": '):
                return json.loads(line)
        raise AssertionError(self.output)

    def reports(self, dag_id):
        return self.airflow.results(dag_id, "reconcile")


@pytest.fixture(scope="module")
def environment():
    """The newest Airflow; test_pipeline.py runs the reconciliation on each."""
    return environment_of("3.3")


@pytest.fixture(scope="module")
def aws():
    with EmbeddedAws() as aws:
        yield aws.environment


@pytest.fixture(scope="module")
def runs(environment, aws, tmp_path_factory):
    runs = Runs(environment, tmp_path_factory.mktemp("airflow") / "home", aws)
    yield runs
    runs.stop_process()


def test_a_failure_is_reported_by_one_run_and_known_to_the_next(runs, make_event):
    runs.fault(fail=1)
    runs.send(make_event("a"), make_event("b"))
    first = runs.run("dzlineage_forward_warning", 0)
    assert "XCom not found" not in runs.output
    runs.send(make_event("c"))
    runs.start_process()

    second = runs.run("dzlineage_forward_warning", 5)

    everything = {"run": "success", "drain": "success", "reconcile": "success", "done": "success"}
    assert first == second == everything
    reports = runs.reports("dzlineage_forward_warning")
    assert reports[0]["dead_lettered"] >= 2
    assert reports[1]["dead_lettered"] == 1
    assert reports[1]["already_known"] == reports[0]["dead_lettered"]


def test_where_a_failure_fails_the_run_it_fails_one(runs, make_event):
    runs.fault(fail=1)
    runs.send(make_event("a"))

    first = runs.run("dzlineage_forward_failing", 0)
    second = runs.run("dzlineage_forward_failing", 5)

    assert first == {"run": "failed", "drain": "success", "reconcile": "failed", "done": "upstream_failed"}
    assert second["run"] == "success"


def test_a_drain_that_fails_fails_the_run_although_the_reconciliation_succeeds(runs, make_event):
    runs.send(make_event("a"))

    states = runs.run("dzlineage_forward_broken")

    assert states == {"run": "failed", "drain": "failed", "reconcile": "success", "done": "upstream_failed"}


def test_sensors_wait_until_events_are_processed(runs, make_event):
    runs.fault(processing_seconds=6)

    states = runs.run("waiting", ids=runs.post(make_event("a"), make_event("b")))

    assert states == {"run": "success", "poking": "success", "deferring": "success", "soft": "success"}


def test_sensors_see_that_an_event_has_failed(runs, make_event):
    runs.fault(processing_seconds=4, fail=1)

    states = runs.run("waiting", 5, ids=runs.post(make_event("a")))

    assert states == {"run": "failed", "poking": "failed", "deferring": "failed", "soft": "skipped"}
