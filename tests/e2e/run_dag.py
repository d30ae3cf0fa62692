"""Run by the interpreter of an Airflow: runs DAGs, one for each line of its input, as JSON: a DAG's id, minute, conf.

What it writes for each ends with a line that holds the states of the run and of its tasks.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime, timedelta, timezone
from inspect import signature

import reconciling_dags

dags = {dag.dag_id: dag for dag in vars(reconciling_dags).values() if hasattr(dag, "dag_id")}
for line in sys.stdin:
    dag_id, minute, conf = json.loads(line)
    dag = dags[dag_id]
    moment = datetime(2026, 1, 1, tzinfo=timezone.utc) + timedelta(minutes=minute)
    # Its name in Airflow 3, and in Airflow 2.
    name = "logical_date" if "logical_date" in signature(dag.test).parameters else "execution_date"
    run = dag.test(**{name: moment, "run_conf": conf})
    tasks = {instance.task_id: str(instance.state) for instance in run.get_task_instances()}
    print(json.dumps({"run": str(run.state), **tasks}), flush=True)
