"""The example DAGs parse, and import nothing private."""

from __future__ import annotations

import ast
import sys
from importlib.util import module_from_spec, spec_from_file_location

import pytest

from tests.fixtures.documents import ROOT

FILES = sorted([*ROOT.glob("examples/dags/*.py"), *ROOT.glob("dags/*.py")])
PUBLIC = {
    "airflow_provider_dzlineage.forwarding_dag",
    "airflow_provider_dzlineage.operators.doctor",
    "airflow_provider_dzlineage.transfers.dead_letters_to_sqs",
    "airflow_provider_dzlineage.transfers.sqs_to_datazone",
    "airflow_provider_dzlineage.transfers.datazone_to_sqs",
    "airflow_provider_dzlineage.sensors.datazone_lineage_event",
}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_an_example_imports_what_is_public(file):
    imported = [
        node for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.ImportFrom)
    ]
    ours = {node.module for node in imported if (node.module or "").startswith("airflow_provider_dzlineage")}

    assert ours <= PUBLIC
    assert not [name.name for node in imported for name in node.names if name.name.startswith("_")]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_an_example_parses(file, monkeypatch):
    monkeypatch.syspath_prepend(str(file.parent))
    spec = spec_from_file_location(f"example_{file.stem}", file)
    module = module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)

    spec.loader.exec_module(module)

    # Airflow looks for these words before it imports a file.
    assert {"airflow", "dag"} <= set(file.read_text(encoding="utf-8").lower().replace("_", " ").split()) or (
        file.stem == "warehouse_operator"
    )
