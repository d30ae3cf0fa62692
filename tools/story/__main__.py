"""The whole story: Spark writes tables, dbt builds on them, an Airflow DAG builds on dbt's, and one graph shows it all.

``make demo-all`` runs it. Each of them is real and sends to the HTTP endpoint, with the configuration that
``dzlineage config`` writes.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from airflow_provider_dzlineage.catalog.client import Catalog
from airflow_provider_dzlineage.catalog.graph import Graph, read_graph
from airflow_provider_dzlineage.cli.graph import tree_of
from airflow_provider_dzlineage.cli.output import drawing_console
from airflow_provider_dzlineage.errors import CatalogError
from airflow_provider_dzlineage.local.embedded import EmbeddedAws
from airflow_provider_dzlineage.transport_config import airflow_variables
from tools.airflow.runner import Airflow
from tools.demo.run import queue_and_catalog
from tools.story.endpoint import Endpoint
from tools.story.producers import DBT, ROOT, SPARK, run_dbt, run_spark, why_not
from tools.story.site import FINAL_TABLE, REDSHIFT, TRANSFORMS

_DESCRIPTION = "Run Spark, dbt and Airflow through the HTTP endpoint into one graph of lineage."
PRODUCERS = ("glue", "dbt", "airflow")
_LISTENER = "1.53.0"
_EVERY_15_SECONDS = "* * * * * */15"
_WAIT_SECONDS = 180
_WAREHOUSE_OPERATOR = ROOT / "examples" / "dags" / "warehouse_operator.py"


def main() -> int:
    """Run the story; return 0 when one graph shows all three producers."""
    argparse.ArgumentParser(prog="make demo-all", description=_DESCRIPTION).parse_args()
    if missing := why_not(SPARK) or why_not(DBT):
        print(f"skipped: {missing}")
        return 0
    console = drawing_console()
    started = time.monotonic()

    def say(step: str) -> None:
        console.print(f"{time.monotonic() - started:5.0f} s  {step}", markup=False)

    with tempfile.TemporaryDirectory() as name, EmbeddedAws() as aws, Endpoint(aws.environment) as endpoint:
        folder = Path(name)
        say(f"the endpoint takes events at {endpoint.url}")
        say(f"Spark 3.3.0 as AWS Glue 4.0 runs it, with OpenLineage's listener {_LISTENER}, writes raw.sales")
        run_spark(endpoint.destination, folder, _LISTENER)
        say("dbt builds shop_marts.best_customers on it")
        run_dbt(endpoint.destination, folder, {})
        variables = {
            **aws.environment,
            **airflow_variables(endpoint.destination, namespace="airflow"),
            "AIRFLOW__DZLINEAGE__SCHEDULE": _EVERY_15_SECONDS,
            "AIRFLOW__DZLINEAGE__TRANSFORMS": TRANSFORMS,
            "AIRFLOW__DZLINEAGE__REDSHIFT": REDSHIFT,
            "PYTHONPATH": str(ROOT),
        }
        dags = [ROOT / "dags" / "dzlineage_forward.py", Path(__file__).parent / "report_dag.py", _WAREHOUSE_OPERATOR]
        with Airflow(Path(sys.prefix), folder / "airflow", dags, variables, on_progress=say) as airflow:
            say("a DAG builds dev.reports.customers on that, and the forwarding DAG brings all lineage to the catalog")
            graph = _graph_of_all(aws.environment, airflow)
    if graph is None:
        console.print("[red]The graph does not show all three.[/]")
        return 1
    console.print(tree_of(graph))
    console.print(f"One graph shows Spark, dbt and Airflow; {time.monotonic() - started:.0f} seconds.")
    return 0


def _graph_of_all(aws: dict[str, str], airflow: Airflow) -> Graph | None:
    """Wait until the catalog's graph of the last table shows the jobs of all producers."""
    queue, catalog = queue_and_catalog(aws)
    give_up = time.monotonic() + _WAIT_SECONDS
    while time.monotonic() < give_up:
        airflow.check()
        graph = _graph(catalog)
        names = {node.source_identifier.partition(".")[0] for node in graph.nodes.values()} if graph else set()
        if names.issuperset(PRODUCERS) and not queue.state().backlog:
            return graph
        time.sleep(1)
    return None


def _graph(catalog: Catalog) -> Graph | None:
    try:
        return read_graph(catalog, FINAL_TABLE, depth=8)
    except CatalogError:
        return None


if __name__ == "__main__":
    sys.exit(main())
