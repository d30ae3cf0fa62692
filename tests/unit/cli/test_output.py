"""Wherever the output goes, no command ends in a traceback."""

import json
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from airflow_provider_dzlineage.cli import main

FULL = Path("/dev/full")


@pytest.fixture
def events(tmp_path, make_event):
    path = tmp_path / "events.jsonl"
    path.write_text(json.dumps(make_event("load", outputs=[{"namespace": "s3a://b", "name": "ü"}])), encoding="utf-8")
    return str(path)


def test_an_output_of_another_kind_does(events):
    with redirect_stdout(StringIO()) as written:
        assert main(["preview", events]) == 0

    assert "→ s3://b" in written.getvalue()


def test_other_errors_of_the_system_are_not_taken_for_it(events, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("airflow_provider_dzlineage.cli.preview.print_sums", refuse)

    with pytest.raises(PermissionError):
        main(["preview", events])
