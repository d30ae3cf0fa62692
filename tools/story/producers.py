"""Real producers: Spark as AWS Glue 4.0 runs it, and dbt; each in an environment of its own."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from airflow_provider_dzlineage.transport_config import Destination, Http, dbt_variables, glue_job_parameters

ROOT = Path(__file__).parents[2]
SPARK = ROOT / "build" / "spark"
DBT = ROOT / "build" / "dbt"
_STORY = Path(__file__).parent
_SECONDS = 240
# What the Glue service itself sets in a job.
_GLUE_ENVIRONMENT = {"GLUE_VERSION": "4.0", "GLUE_PYTHON_VERSION": "3", "AWS_DEFAULT_REGION": "us-east-1"}
_GLUE_CATALOG = {
    "spark.hadoop.hive.metastore.client.factory.class": (
        "com.amazonaws.glue.catalog.metastore.AWSGlueDataCatalogHiveClientFactory"
    )
}


def why_not(producer: Path) -> str:
    """Return why a producer cannot be run; empty when it can."""
    stamp = ROOT / "build" / "stamps" / producer.name
    return "" if stamp.exists() else f"{producer} is not there: `make setup` says why"


def run_spark(destination: Http, folder: Path, listener: str) -> str:
    """Run the Spark job with what a Glue job gets from our helper.

    :param folder: for its files; the tables lie in ``lake``.
    :param listener: version of OpenLineage's listener.
    :return: what it has printed.
    """
    parameters = glue_job_parameters(
        destination, account_id="123456789012", job_name="shop", namespace="glue", conf=_GLUE_CATALOG
    )
    # As Glue puts it on the command line of spark-submit.
    configuration = shlex.split(f"--conf {parameters['--conf']}")
    warehouse = ("--conf", f"spark.sql.warehouse.dir={folder / 'warehouse'}")
    jar = SPARK / "jars" / f"openlineage-spark_2.12-{listener}.jar"
    job = (str(_STORY / "spark_job.py"), str(folder / "lake"))
    return _run(
        [
            str(SPARK / "bin" / "spark-submit"),
            "--master",
            "local[1]",
            "--jars",
            str(jar),
            *warehouse,
            *configuration,
            *job,
        ],
        {"PATH": f"{SPARK / 'bin'}:{os.environ['PATH']}", "PYSPARK_PYTHON": str(SPARK / "bin" / "python")}
        | _GLUE_ENVIRONMENT,
        folder,
    )


def run_dbt(destination: Destination, folder: Path, variables: Mapping[str, str]) -> str:
    """Run the dbt project with what dbt gets from our helper.

    :param folder: for its files; the tables of the Spark job lie in ``lake``.
    :param variables: further environment variables.
    :return: what it has printed.
    """
    project = folder / "dbt_project"
    shutil.copytree(_STORY / "dbt_project", project, dirs_exist_ok=True)
    return _run(
        [str(DBT / "bin" / "dbt-ol"), "run", "--profiles-dir", "."],
        {
            "PATH": f"{DBT / 'bin'}:{os.environ['PATH']}",
            "SHOP_DATABASE": "shop.duckdb",
            "SHOP_LAKE": str(folder / "lake"),
            "DO_NOT_TRACK": "1",
            **variables,
            **dbt_variables(destination, namespace="dbt"),
        },
        project,
    )


def _run(command: list[str], variables: Mapping[str, str], folder: Path) -> str:
    environment = {"HOME": str(folder), **variables}
    done = subprocess.run(
        command, env=environment, cwd=folder, capture_output=True, text=True, timeout=_SECONDS, check=False
    )
    output = done.stdout + done.stderr
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed with {done.returncode}:\n{output[-4000:]}")
    return output
