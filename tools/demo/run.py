"""One run of the demo: wait for the pipeline and its lineage, and check both against each other."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping

import boto3

from airflow_provider_dzlineage.aws.clients import complete_lineage_operations
from airflow_provider_dzlineage.buffer.queue import Queue
from airflow_provider_dzlineage.catalog.client import Catalog
from airflow_provider_dzlineage.catalog.graph import Graph, read_graph
from airflow_provider_dzlineage.errors import CatalogError, DzLineageError
from airflow_provider_dzlineage.lineage.raw_event import FORWARDING_DAG_ID
from tools.airflow.runner import Airflow
from tools.demo.audit import LineageAudit, column_sources, expected_events, posted_events

PIPELINE = "example_lineage_pipeline"
FINAL_TABLE = "arn:aws:redshift:us-east-1:123456789012:table/analytics/dev/marts/daily_sales"
JOB_NAMESPACE = "demo"
_STAGING = "arn:aws:redshift:us-east-1:123456789012:table/analytics/dev/staging"
_FILES = "s3://example-lake/raw/orders"
# The lineage of the example pipeline's tasks, under DataZone's names.
EXPECTED_EDGES = {
    (f"{_FILES}/eu.csv", f"{JOB_NAMESPACE}.{PIPELINE}.load_orders"),
    (f"{_FILES}/us.csv", f"{JOB_NAMESPACE}.{PIPELINE}.load_orders"),
    (f"{JOB_NAMESPACE}.{PIPELINE}.land_orders", f"{_FILES}/eu.csv"),
    (f"{JOB_NAMESPACE}.{PIPELINE}.land_orders", f"{_FILES}/us.csv"),
    (f"{JOB_NAMESPACE}.{PIPELINE}.load_orders", f"{_STAGING}/orders"),
    (f"{_STAGING}/orders", f"{JOB_NAMESPACE}.{PIPELINE}.build_daily_sales"),
    (f"{_STAGING}/customers", f"{JOB_NAMESPACE}.{PIPELINE}.build_daily_sales"),
    (f"{JOB_NAMESPACE}.{PIPELINE}.build_daily_sales", FINAL_TABLE),
}
EXPECTED_COLUMNS = {
    "country": (f"{_STAGING}/customers.country",),
    "amount": (f"{_STAGING}/orders.amount", f"{_STAGING}/orders.discount"),
}
_ENDED = ("success", "failed")
# It fails on purpose, so that a failed run is in the lineage too.
_FAILING_TASK = "check_freshness"
_WAIT_SECONDS = 300


def airflow_variables(aws: Mapping[str, str], schedule: str) -> dict[str, str]:
    """Return the environment variables that a user would set as well, in this or another form.

    :param aws: of the embedded AWS.
    :param schedule: cron schedule of the forwarding DAG.
    """
    transport = {
        "type": "airflow_provider_dzlineage.transports.sqs.SqsTransport",
        "queue_url": aws["DZLINEAGE_QUEUE_URL"],
    }
    # What a look-up would find in an account with Amazon Redshift.
    redshift = {"analytics.us-east-1": {"account": "123456789012", "kind": "provisioned", "name": "analytics"}}
    infrastructure = {name: value for name, value in aws.items() if name.startswith("AWS_")}
    return {
        **infrastructure,
        "AIRFLOW__OPENLINEAGE__TRANSPORT": json.dumps(transport),
        "AIRFLOW__OPENLINEAGE__NAMESPACE": JOB_NAMESPACE,
        "AIRFLOW__DZLINEAGE__QUEUE_URL": aws["DZLINEAGE_QUEUE_URL"],
        "AIRFLOW__DZLINEAGE__DOMAIN_ID": aws["DZLINEAGE_DOMAIN_ID"],
        "AIRFLOW__DZLINEAGE__SCHEDULE": schedule,
        "AIRFLOW__DZLINEAGE__REDSHIFT": json.dumps(redshift),
        # So that every event counts in the audit.
        "AIRFLOW__DZLINEAGE__SKIP_EMPTY": "false",
    }


def queue_and_catalog(aws: Mapping[str, str]) -> tuple[Queue, Catalog]:
    """Return the queue and the domain of an embedded AWS.

    :param aws: its environment variables.
    """
    session = boto3.Session(
        aws_access_key_id=aws["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=aws["AWS_SECRET_ACCESS_KEY"],
        region_name=aws["AWS_DEFAULT_REGION"],
    )
    complete_lineage_operations(session)
    sqs = session.client("sqs", endpoint_url=aws["AWS_ENDPOINT_URL"])
    datazone = session.client("datazone", endpoint_url=aws["AWS_ENDPOINT_URL_DATAZONE"])
    return Queue(sqs, aws["DZLINEAGE_QUEUE_URL"]), Catalog(datazone, aws["DZLINEAGE_DOMAIN_ID"])


class DemoRun:
    """Follows one run of the example pipeline.

    :param airflow: it runs there, with the forwarding DAG beside it.
    :param aws: environment variables of the embedded AWS.
    """

    def __init__(self, airflow: Airflow, aws: Mapping[str, str]) -> None:
        self._airflow = airflow
        self.queue, self.catalog = queue_and_catalog(aws)

    def wait(self, on_progress: Callable[[str], None]) -> None:
        """Wait until the pipeline has ended and its lineage has been forwarded.

        :param on_progress: called with how far it is.
        :raises DzLineageError: when a component of Airflow ends, or nothing ends in time.
        """
        self._until(self._pipeline_has_ended, on_progress, lambda: f"the pipeline runs: {self._tasks_ended()}")
        on_progress(f"the pipeline has ended: {self._task_results()}")
        # An event may still be on its way when its task has ended: only a missing one is worth the wait.
        self._until(
            lambda: not self._missing() and self.queue.state().backlog == 0,
            on_progress,
            lambda: (
                f"forwarding: {self.queue.state().backlog} messages in the queue, {self._missing().total()} to come"
            ),
            raises=False,
        )
        self._until(self._drain_has_ended, on_progress, lambda: "the last drain ends", raises=False)

    def audit(self) -> LineageAudit:
        """Compare what Airflow ran with what the catalog holds."""
        missing = [
            f"missing in the catalog: {kind} of {job} ({count})" for (job, kind), count in self._missing().items()
        ]
        posted = posted_events(self.catalog.list_events())
        own = [f"an event of the forwarding DAG is in the catalog: {job}" for job, _ in posted if _is_own(job)]
        dead_letters = self.queue.dead_letter_queue()
        left = {"queue": self.queue, "dead-letter queue": dead_letters}
        counts = {name: queue.state().backlog for name, queue in left.items() if queue}
        full = [f"{count} messages in the {name}" for name, count in counts.items() if count]
        graph = self._graph()
        report = self._report()
        differs = posted.total() != report["posted"]
        sums = [f"{posted.total()} events in the catalog, {report['posted']} posted by the reports"] if differs else []
        edges = [f"missing edge: {source} -> {target}" for source, target in sorted(EXPECTED_EDGES - _edges(graph))]
        columns = column_sources(self.catalog.get_node(FINAL_TABLE)) if graph else {}
        wrong_columns = [f"the lineage of the columns is {columns}"] if columns != EXPECTED_COLUMNS else []
        problems = (*missing, *own, *full, *sums, *edges, *wrong_columns)
        return LineageAudit(self._expected().total(), problems, report, self._reasons(), graph, columns)

    def _until(
        self,
        is_done: Callable[[], bool],
        on_progress: Callable[[str], None],
        describe: Callable[[], str],
        *,
        raises: bool = True,
    ) -> None:
        give_up = time.monotonic() + _WAIT_SECONDS
        while not is_done():
            self._airflow.check()
            on_progress(describe())
            if time.monotonic() > give_up:
                if raises:
                    raise DzLineageError(f"after {_WAIT_SECONDS} seconds: {describe()}; see {self._airflow.home}/*.log")
                return
            time.sleep(0.5)

    def _pipeline_has_ended(self) -> bool:
        runs = self._airflow.dag_runs(PIPELINE)
        return bool(runs) and all(run["state"] in _ENDED for run in runs)

    def _drain_has_ended(self) -> bool:
        posted = posted_events(self.catalog.list_events()).total()
        return self._report()["posted"] >= posted

    def _tasks_ended(self) -> str:
        states = [instance["state"] for instance in self._airflow.task_instances(PIPELINE)]
        return f"{sum(state in _ENDED for state in states)} of {len(states)} tasks have ended"

    def _task_results(self) -> str:
        instances = self._airflow.task_instances(PIPELINE)
        failed = sorted({instance["task_id"] for instance in instances if instance["state"] == "failed"})
        failures = [f"{task_id} failed" + (", on purpose" if task_id == _FAILING_TASK else "") for task_id in failed]
        successes = sum(instance["state"] == "success" for instance in instances)
        return "; ".join([f"{successes} tasks succeeded", *failures])

    def _expected(self) -> Counter[tuple[str, str]]:
        runs, instances = self._airflow.dag_runs(PIPELINE), self._airflow.task_instances(PIPELINE)
        return expected_events(PIPELINE, runs, instances)

    def _missing(self) -> Counter[tuple[str, str]]:
        done = self.catalog.list_events(processingStatus="SUCCESS")
        return self._expected() - posted_events(done)

    def _report(self) -> Counter[str]:
        total: Counter[str] = Counter()
        for report in self._airflow.results(FORWARDING_DAG_ID, "drain"):
            total.update(
                {name: value for name, value in report.items() if isinstance(value, int) and name != "backlog"}
            )
        return total

    def _reasons(self) -> Counter[str]:
        total: Counter[str] = Counter()
        for report in self._airflow.results(FORWARDING_DAG_ID, "drain"):
            total.update(report["reasons"])
        return total

    def _graph(self) -> Graph | None:
        try:
            return read_graph(self.catalog, FINAL_TABLE, depth=6)
        except CatalogError:
            return None


def _is_own(job: str) -> bool:
    return job.startswith(FORWARDING_DAG_ID)


def _edges(graph: Graph | None) -> set[tuple[str, str]]:
    if graph is None:
        return set()
    names = {node.id: node.source_identifier for node in graph.nodes.values()}
    return {(names[source], names[target]) for source, target in graph.edges if {source, target} <= names.keys()}
