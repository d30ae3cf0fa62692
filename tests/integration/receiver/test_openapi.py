"""The OpenAPI text is true: schemathesis sends what it describes and what it does not, and reads the answers by it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import airflow_provider_dzlineage
from tests.fixtures.endpoints import Served
from tests.fixtures.receiver import KEY

pytestmark = pytest.mark.timeout(180)

OPENAPI = Path(airflow_provider_dzlineage.__file__).parent / "receiver" / "openapi.json"
EXAMPLES = os.environ.get("DZLINEAGE_TEST_EXAMPLES", "10")
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance,unsupported_method,ignored_auth"
)
# A batch with wrong events is answered with 200, which names them.
REFUSES = ",negative_data_rejection"


@pytest.fixture(scope="module", params=["standard"])
def queue_url(sqs_of_module, request):
    """One kind of queue is enough here."""
    return sqs_of_module.create_queue(QueueName="openapi")["QueueUrl"]


@pytest.mark.parametrize(
    ("path", "checks"),
    [("/api/v1/lineage", CHECKS + REFUSES), ("/api/v1/lineage/batch", CHECKS), ("/health", CHECKS)],
)
def test_what_it_says_is_what_the_endpoint_does(variables, tmp_path, path, checks):
    program = Path(sys.prefix) / "bin" / "schemathesis"
    with Served(variables) as served:
        arguments = ("--url", served.url, "--header", f"Authorization: Bearer {KEY}", "--include-path", path)
        extent = (
            "--checks",
            checks,
            "--max-examples",
            EXAMPLES,
            "--phases",
            "examples,coverage,fuzzing",
            "--seed",
            "1",
        )
        done = subprocess.run(
            [str(program), "run", str(OPENAPI), *arguments, *extent, "--seed", "1"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    assert done.returncode == 0, done.stdout[-3000:]
    assert "No tests were run" not in done.stdout
