"""The plugin in real Airflow processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.integration

SQS = {"type": "airflow_provider_dzlineage.transports.sqs.SqsTransport", "queue_url": "https://q.example/1/q"}


@pytest.mark.parametrize(("transport", "loaded"), [(SQS, True), ({"type": "console"}, False)])
def test_the_transport_is_in_memory_where_it_is_configured(tmp_path, transport, loaded):
    code = (
        "from airflow.listeners.listener import get_listener_manager\n"
        "get_listener_manager()\n"
        "import sys\n"
        "print('airflow_provider_dzlineage.transports.sqs_sender' in sys.modules)"
    )
    variables = {"AIRFLOW_HOME": str(tmp_path), "AIRFLOW__OPENLINEAGE__TRANSPORT": json.dumps(transport)}

    output = subprocess.run([sys.executable, "-c", code], env=os.environ | variables, capture_output=True, text=True)

    assert output.stdout.splitlines()[-1:] == [str(loaded)], output.stderr
