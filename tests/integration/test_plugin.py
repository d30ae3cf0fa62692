"""The plugin in real Airflow processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

SQS = {"type": "airflow_provider_dzlineage.transports.sqs.SqsTransport", "queue_url": "https://q.example/1/q"}


DATAZONE = {"type": "airflow_provider_dzlineage.transports.datazone.DataZoneTransport", "domain_id": "dzd_local"}
BOTH = {"type": "composite", "transports": {"catalog": DATAZONE, "buffer": SQS}, "continue_on_success": False}


@pytest.mark.parametrize(
    ("transport", "loaded"),
    [
        (SQS, ["sqs_sender"]),
        (DATAZONE, ["datazone_sender"]),
        (BOTH, ["sqs_sender", "datazone_sender"]),
        ({"type": "console"}, []),
    ],
    ids=["sqs", "datazone", "both", "neither"],
)
def test_the_transport_is_in_memory_where_it_is_configured(tmp_path, transport, loaded):
    code = (
        "from airflow.listeners.listener import get_listener_manager\n"
        "get_listener_manager()\n"
        "import sys\n"
        "names = ('sqs_sender', 'datazone_sender')\n"
        "print([name for name in names if f'airflow_provider_dzlineage.transports.{name}' in sys.modules])"
    )
    variables = {"AIRFLOW_HOME": str(tmp_path), "AIRFLOW__OPENLINEAGE__TRANSPORT": json.dumps(transport)}

    output = subprocess.run([sys.executable, "-c", code], env=os.environ | variables, capture_output=True, text=True)

    assert output.stdout.splitlines()[-1:] == [str(loaded)], output.stderr
