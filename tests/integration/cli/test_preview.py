"""`dzlineage preview` with a catalog to ask."""

from __future__ import annotations

import json

import pytest

from airflow_provider_dzlineage.cli import main


@pytest.fixture
def file_of(tmp_path):
    def write(*lines):
        path = tmp_path / "events.jsonl"
        path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
        return str(path)

    return write


def test_it_asks_the_catalog_for_the_names(
    file_of, make_event, datazone_client, datazone_emulator, capsys, monkeypatch
):
    known = make_event("load")
    datazone_client.post_lineage_event(domainIdentifier="dzd_local", event=json.dumps(known).encode())
    monkeypatch.setenv("AWS_ENDPOINT_URL_DATAZONE", datazone_emulator.endpoint_url)
    event = known | {"outputs": [{"namespace": "s3://lake", "name": "new"}]}

    assert main(["preview", "--domain-id", "dzd_local", file_of(event)]) == 0

    shown = capsys.readouterr().out
    assert "reads  s3://lake/raw/orders  in the catalog" in shown
    assert "writes s3://lake/new  not in the catalog" in shown
