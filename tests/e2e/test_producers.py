"""Real producers through the HTTP endpoint, and through the queue, into the catalog's graph."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import boto3
import pytest

from airflow_provider_dzlineage.catalog.client import Catalog
from airflow_provider_dzlineage.catalog.graph import read_graph
from airflow_provider_dzlineage.local.embedded import EmbeddedAws
from airflow_provider_dzlineage.transport_config import Sqs, airflow_variables
from tests.fixtures.waiting import eventually
from tools.demo.audit import column_sources
from tools.story.endpoint import Endpoint
from tools.story.producers import DBT, ROOT, SPARK, run_dbt, run_spark, why_not
from tools.story.site import FINAL_TABLE, GLUE_TABLES, REDSHIFT, TRANSFORMS

pytestmark = pytest.mark.timeout(300)

REPORT_DAG = ROOT / "tools" / "story" / "report_dag.py"
WAREHOUSE_OPERATOR = ROOT / "examples" / "dags" / "warehouse_operator.py"


@pytest.fixture
def aws():
    with EmbeddedAws() as running:
        yield running.environment


@pytest.fixture
def endpoint(aws):
    with Endpoint(aws) as running:
        yield running


@pytest.fixture
def forwarded(aws):
    """Forward what lies in the queue, as the command line does; return the report and the catalog."""

    def forward():
        done = subprocess.run(
            [str(Path(sys.prefix) / "bin" / "dzlineage"), "forward", "--once", "--json", "--transforms", TRANSFORMS],
            env={**aws, "PYTHONPATH": str(ROOT), "DZLINEAGE_REDSHIFT": REDSHIFT},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        session = boto3.Session(aws["AWS_ACCESS_KEY_ID"], aws["AWS_SECRET_ACCESS_KEY"], region_name="us-east-1")
        client = session.client("datazone", endpoint_url=aws["AWS_ENDPOINT_URL_DATAZONE"])
        report, catalog = json.loads(done.stdout), Catalog(client, aws["DZLINEAGE_DOMAIN_ID"])
        eventually(lambda: len(list(catalog.list_events(processingStatus="SUCCESS"))) >= report["posted"])
        return report, catalog

    return forward


def upstream(catalog, table):
    """Return the jobs that write a table, and the tables that they read."""
    graph = read_graph(catalog, table, depth=2)
    jobs = graph.upstream(graph.root)
    return (
        [job.source_identifier for job in jobs],
        [source.source_identifier for job in jobs for source in graph.upstream(job.id)],
    )


@pytest.mark.skipif(bool(why_not(SPARK)), reason=why_not(SPARK))
@pytest.mark.parametrize(
    ("listener", "tables", "symlink"),
    [
        # It does not know the Glue catalog yet: the tables keep the names of their paths.
        ("1.12.0", "file{lake}", "raw.orders"),
        ("1.53.0", f"{GLUE_TABLES}/raw", "{lake}/orders"),
    ],
)
def test_spark_as_glue_runs_it(endpoint, forwarded, tmp_path, listener, tables, symlink):
    run_spark(endpoint.destination, tmp_path, listener)
    report, catalog = forwarded()

    assert report["dead_lettered"] == report["released"] == 0
    lake = tmp_path / "lake"
    tables, symlink = tables.format(lake=f"/{lake}"), symlink.format(lake=lake)
    jobs, sources = upstream(catalog, f"{tables}/sales")
    assert [job.partition(".")[0] for job in jobs] == ["glue"]
    assert sources == [f"{tables}/orders"]
    columns = column_sources(catalog.get_node(f"{tables}/sales"))
    assert columns["customer"] == (f"{tables}/orders.customer",)
    assert f"{tables}/orders.amount" in columns["total"]
    (facets,) = [
        json.loads(form["content"])
        for form in catalog.get_node(f"{tables}/orders")["formsOutput"]
        if form["formName"] == "OpenLineageFacets"
    ]
    assert symlink in {link["name"] for link in facets["symlinks"]["identifiers"]}


@pytest.mark.skipif(bool(why_not(DBT)), reason=why_not(DBT))
@pytest.mark.parametrize("way", ["http", "sqs"])
def test_dbt(aws, endpoint, forwarded, tmp_path, way):
    a_parquet_file(tmp_path)
    destination = endpoint.destination if way == "http" else Sqs(queue_url=aws["DZLINEAGE_QUEUE_URL"])

    printed = run_dbt(destination, tmp_path, aws if way == "sqs" else {})
    report, catalog = forwarded()

    assert report["dead_lettered"] == 0, printed
    assert report["posted"] > 0, printed
    jobs, tables = upstream(catalog, f"{GLUE_TABLES}/shop_marts/best_customers")
    assert [job.partition(".")[0] for job in jobs] == ["dbt"]
    assert tables == [f"{GLUE_TABLES}/raw/sales"]


def a_parquet_file(folder):
    """Write what the Spark job would have written."""
    lake = folder / "lake" / "sales"
    lake.mkdir(parents=True)
    script = f"import duckdb; duckdb.sql(\"COPY (SELECT 7 AS customer, 13.5 AS total) TO '{lake}/a.parquet'\")"
    subprocess.run([str(DBT / "bin" / "python"), "-c", script], check=True)


def test_airflow_over_http(environment, endpoint, forwarded, tmp_path):
    dags = tmp_path / "dags"
    dags.mkdir()
    shutil.copy(REPORT_DAG, dags)
    shutil.copy(WAREHOUSE_OPERATOR, dags)
    variables = {
        "HOME": str(tmp_path),
        "PATH": f"{environment / 'bin'}:/usr/bin:/bin",
        "AIRFLOW_HOME": str(tmp_path / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        **airflow_variables(endpoint.destination, namespace="airflow"),
    }
    for command in (["db", "migrate"], ["dags", "reserialize"], ["dags", "test", "report", "2024-01-01"]):
        done = subprocess.run(
            [str(environment / "bin" / "python"), "-m", "airflow", *command],
            env=variables,
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    report, catalog = forwarded()

    assert report["dead_lettered"] == 0
    assert upstream(catalog, FINAL_TABLE) == (["airflow.report.build"], [f"{GLUE_TABLES}/shop_marts/best_customers"])
