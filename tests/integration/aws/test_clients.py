"""What the botocore of each Airflow sends, an old one too."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PYTHONS = {
    "newest": Path(sys.executable),
    "MWAA 2.11.2": ROOT / "build" / "airflow-2.11.2" / "bin" / "python",
    "MWAA 2.10.3": ROOT / "build" / "airflow-2.10.3" / "bin" / "python",
}
# Posts the same event twice and prints the ids, then its status and the ids of the list.
CODE = """
import json, sys
import boto3
from airflow_provider_dzlineage.catalog.client import CLIENT_CONFIG, Catalog
from airflow_provider_dzlineage.aws.clients import complete_lineage_operations

session = boto3.Session(aws_access_key_id="a", aws_secret_access_key="b", region_name="us-east-1")
complete_lineage_operations(session)
catalog = Catalog(session.client("datazone", endpoint_url=sys.argv[1], config=CLIENT_CONFIG), "dzd_local")
event = sys.stdin.buffer.read()
ids = [catalog.post_event(event), catalog.post_event(event)]
found = catalog.get_event(ids[0])
listed = [summary["id"] for summary in catalog.list_events()]
print(json.dumps([ids, found["event"].decode(), listed]))
"""


@pytest.mark.parametrize("name", PYTHONS)
def test_a_post_that_is_sent_again_is_one_event_whatever_botocore_sends_it(name, datazone_emulator, make_event):
    if not PYTHONS[name].exists():
        pytest.skip(f"{PYTHONS[name]} is not there: `make setup` says why")
    event = json.dumps(make_event())

    done = subprocess.run(
        [PYTHONS[name], "-c", CODE, datazone_emulator.endpoint_url],
        input=event,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )

    (first, second), body, listed = json.loads(done.stdout)
    assert first == second
    assert body == event
    assert listed == [first]
