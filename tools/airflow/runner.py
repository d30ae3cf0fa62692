"""Run a real Airflow of any supported version from its environment, in a private home, and leave nothing behind."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sqlite3
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Any

from airflow_provider_dzlineage.errors import DzLineageError
from airflow_provider_dzlineage.local.ministack import HOST, free_port
from tools.airflow.processes import end_processes_of
from tools.airflow.settings import USER, airflow_settings

_START_SECONDS = 240
_STOP_SECONDS = 10


class Airflow:
    """One Airflow with its scheduler, DAG processor and API server (webserver in Airflow 2); a context manager.

    :param environment: folder of the Python environment that Airflow is installed in.
    :param home: private ``AIRFLOW_HOME``; what is in it is removed first.
    :param dags: DAG files, copied into its DAG folder.
    :param variables: environment variables for it.
    :param with_ui: start the UI also where tasks do not need it (Airflow 2).
    :param on_progress: called with what is being done.
    :raises DzLineageError: on entering, when a component does not start.
    """

    def __init__(
        self,
        environment: Path,
        home: Path,
        dags: Iterable[Path],
        variables: Mapping[str, str],
        *,
        with_ui: bool = False,
        on_progress: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.home = home.resolve()
        self.port = free_port()
        self.password = secrets.token_urlsafe(9)
        self._environment = environment
        self._dags = list(dags)
        self._variables = dict(variables)
        self._with_ui = with_ui
        self._on_progress = on_progress
        self._components: dict[str, subprocess.Popen[bytes]] = {}
        self.version = self._ask_version()

    @property
    def url(self) -> str:
        """Address of the UI."""
        return f"http://{HOST}:{self.port}"

    @property
    def major(self) -> int:
        """Major version."""
        return int(self.version.split(".")[0])

    def __enter__(self) -> Airflow:
        end_processes_of(self.home)
        shutil.rmtree(self.home, ignore_errors=True)
        (self.home / "dags").mkdir(parents=True)
        for dag in self._dags:
            shutil.copy(dag, self.home / "dags")
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End every process of this Airflow, the ones that left their parent included."""
        # Each component leads a session of its own.
        end_processes_of(self.home, {process.pid for process in self._components.values()})
        for process in self._components.values():
            process.wait(_STOP_SECONDS)
        self._components = {}

    def run(self, *arguments: str) -> None:
        """Run one ``airflow`` command to its end.

        :raises DzLineageError: when it fails.
        """
        process = self._spawn("command", *arguments)
        if process.wait():
            raise DzLineageError(f"airflow {' '.join(arguments)} failed; see {self.home}/command.log")

    def check(self) -> None:
        """Make sure that every component lives.

        :raises DzLineageError: when one has ended.
        """
        for name, process in self._components.items():
            if process.poll() is not None:
                raise DzLineageError(
                    f"the {name} of Airflow ended with code {process.returncode}; see {self.home}/{name}.log"
                )

    def query(self, sql: str, *parameters: Any) -> list[dict[str, Any]]:
        """Read from the metadata database, private to this Airflow and so far alike in each version."""
        with closing(sqlite3.connect(f"file:{self.home}/airflow.db?mode=ro", uri=True, timeout=30)) as database:
            database.row_factory = sqlite3.Row
            return [dict(row) for row in database.execute(sql, parameters)]

    def task_instances(self, dag_id: str) -> list[dict[str, Any]]:
        """Return ``task_id``, ``map_index``, ``run_id``, ``state``, ``try_number`` of each task instance of a DAG."""
        sql = "SELECT task_id, map_index, run_id, state, try_number FROM task_instance WHERE dag_id = ?"
        return self.query(sql, dag_id)

    def dag_runs(self, dag_id: str) -> list[dict[str, Any]]:
        """Return ``run_id`` and ``state`` of each run of a DAG, the oldest first."""
        return self.query("SELECT run_id, state FROM dag_run WHERE dag_id = ? ORDER BY id", dag_id)

    def results(self, dag_id: str, task_id: str) -> list[Any]:
        """Return what each instance of a task has returned, the oldest first."""
        sql = "SELECT value FROM xcom WHERE dag_id = ? AND task_id = ? AND key = 'return_value' ORDER BY timestamp"
        return [_decoded(row["value"]) for row in self.query(sql, dag_id, task_id)]

    def _start(self) -> None:
        self._on_progress(f"creating the database of Airflow {self.version}")
        self.run("db", "migrate")
        if self.major >= 3:
            self._write_password()
            # The scheduler comes after the API server: a task that cannot reach it fails.
            self._start_components("api-server", "dag-processor")
            self._wait_until(self._answers)
        elif self._with_ui:
            person = ["--firstname", USER, "--lastname", USER, "--email", "admin@example.com"]
            self.run("users", "create", "-u", USER, "-p", self.password, "-r", "Admin", *person)
            self._start_components("webserver")
        self._start_components("scheduler")
        self._wait_until(self._schedules)
        if self.major < 3 and self._with_ui:
            self._wait_until(self._answers)

    def _start_components(self, *names: str) -> None:
        self._on_progress(f"starting the {' and the '.join(names)} of Airflow {self.version}")
        for name in names:
            # The scheduler's own server of logs listens on every interface; the files lie right here.
            options = ["--skip-serve-logs"] if name == "scheduler" else []
            self._components[name] = self._spawn(name, name, *options)

    def _wait_until(self, is_ready: Callable[[], bool]) -> None:
        give_up = time.monotonic() + _START_SECONDS
        while not is_ready():
            self.check()
            if time.monotonic() > give_up:
                raise DzLineageError(f"Airflow did not start within {_START_SECONDS} seconds; see {self.home}/*.log")
            time.sleep(0.2)

    def _schedules(self) -> bool:
        return bool(self.query("SELECT 1 FROM job WHERE job_type = 'SchedulerJob' AND state = 'running'"))

    def _answers(self) -> bool:
        # In Airflow 3 what tasks talk to; the UI is up then as well.
        path = "/execution/health" if self.major >= 3 else "/health"
        try:
            with urllib.request.urlopen(self.url + path, timeout=30) as response:
                return bool(response.status == 200)
        except OSError:
            return False

    def _write_password(self) -> None:
        file = self.home / "simple_auth_manager_passwords.json.generated"
        file.write_text(json.dumps({USER: self.password}), encoding="utf-8")

    def _spawn(self, log_name: str, *arguments: str) -> subprocess.Popen[bytes]:
        with (self.home / f"{log_name}.log").open("ab") as log:
            return subprocess.Popen(
                [str(self._environment / "bin" / "python"), "-m", "airflow", *arguments],
                cwd=self.home,
                env=self._process_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C is ours to pass on, or components would end in the wrong order.
                start_new_session=True,
            )

    def _process_environment(self) -> dict[str, str]:
        inherited = {
            name: text for name, text in os.environ.items() if not name.startswith(("AIRFLOW_", "OPENLINEAGE"))
        }
        path = f"{self._environment / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
        own = {"AIRFLOW_HOME": str(self.home), "PATH": path}
        return inherited | airflow_settings(self.major, self.port, self.password) | self._variables | own

    def _ask_version(self) -> str:
        python = self._environment / "bin" / "python"
        code = "import importlib.metadata; print(importlib.metadata.version('apache-airflow'))"
        try:
            answer = subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise DzLineageError(f"there is no Airflow in {self._environment}") from error
        return answer.stdout.strip()


def _decoded(value: Any) -> Any:
    # JSON text, and in some versions JSON text of JSON text, or bytes of it.
    while isinstance(value, str | bytes):
        value = json.loads(value)
    return value
