"""A small real HTTP endpoint, the destinations of these tests, and each Python with an OpenLineage client in it."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EMITTER = Path(__file__).parent / "emitter.py"
PYTHONS = {
    "the project's own": Path(sys.executable),
    "airflow-2.11.2": ROOT / "build" / "airflow-2.11.2" / "bin" / "python",
    "airflow-2.10.3": ROOT / "build" / "airflow-2.10.3" / "bin" / "python",
}


class _Endpoint(BaseHTTPRequestHandler):
    def log_message(self, *_): ...

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        self.server.requests.append((self.path, dict(self.headers), json.loads(body)))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()


@pytest.fixture
def endpoint():
    """An endpoint that keeps what it got in ``requests``: path, headers, event; ``status`` is what it answers."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Endpoint)
    server.requests, server.status = [], 201
    server.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def emit(tmp_path):
    """Emit one event for each case, in a Python of its own, as Airflow or the bare client reads its configuration.

    A case is a dict of ``name``, ``variables`` (environment), ``cfg`` (a piece of ``airflow.cfg``), ``yml`` (an
    ``openlineage.yml``) and ``airflow``; what is not needed is left out. The name is that of the event's job.
    """

    def run(python, *cases):
        folder = tmp_path / "home"
        folder.mkdir(exist_ok=True)
        done = subprocess.run(
            [python, EMITTER],
            input=json.dumps(cases),
            env={
                "PATH": "/usr/bin:/bin",
                "HOME": str(folder),
                "AIRFLOW_HOME": str(folder),
                "PYTHONPATH": str(ROOT),
                "AWS_ACCESS_KEY_ID": "test",
                "AWS_SECRET_ACCESS_KEY": "test",
                "AWS_DEFAULT_REGION": "us-east-1",
                "AWS_EC2_METADATA_DISABLED": "true",
            },
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return folder

    return run


@pytest.fixture(params=PYTHONS)
def python(request):
    """Each Python with an OpenLineage client; one that is not there is skipped."""
    path = PYTHONS[request.param]
    if not path.exists():
        pytest.skip(f"{path} is not there: `make setup` says why")
    return path
