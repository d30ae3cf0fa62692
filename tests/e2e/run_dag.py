"""Run by the interpreter of an Airflow, with a DAG's id, a minute and a JSON ``conf``: prints its states as JSON."""

from __future__ import annotations

import json
import sys
from datetime import datetime, timedelta, timezone
from inspect import signature

import reconciling_dags

dag_id, minute, conf = sys.argv[1:]
dag = next(dag for dag in vars(reconciling_dags).values() if getattr(dag, "dag_id", None) == dag_id)
moment = datetime(2026, 1, 1, tzinfo=timezone.utc) + timedelta(minutes=int(minute))
# Its name in Airflow 3, and in Airflow 2.
name = "logical_date" if "logical_date" in signature(dag.test).parameters else "execution_date"
run = dag.test(**{name: moment, "run_conf": json.loads(conf)})
tasks = {instance.task_id: str(instance.state) for instance in run.get_task_instances()}
print(json.dumps({"run": str(run.state), **tasks}))
