"""What the documents show is what happens."""

from __future__ import annotations

import ast
import inspect
import json
import re
import sys
from types import ModuleType
from typing import Any

import pytest
from openlineage.client.transport import get_default_factory

from airflow_provider_dzlineage.cli import main
from airflow_provider_dzlineage.lineage.rules import from_settings
from airflow_provider_dzlineage.lineage.transform import Skip
from airflow_provider_dzlineage.local.fixtures import apply_checked
from airflow_provider_dzlineage.settings.site import load_settings
from tests.fixtures.documents import blocks


def test_the_transform_of_ones_own_passes_its_test(make_event):
    names: dict[str, Any] = {}
    exec(blocks("python", "def our_names")[0].text, names)
    (block,) = blocks("python", "def test_our_names")
    exec(block.text.replace("from our_module import our_names\n", ""), names)

    names["test_our_names"](apply_checked)

    assert names["our_names"](make_event("tmp_load")) == Skip("temporary_job")


@pytest.mark.parametrize("number", [0, 1])
def test_the_transform_of_a_contributor_passes_its_tests(number, make_event, monkeypatch):
    name = "airflow_provider_dzlineage.lineage.transforms.warehouse_case"
    (code,), (tests,) = blocks("python", "def warehouse_case"), blocks("python", "import warehouse_case")
    module = ModuleType(name)
    exec(code.text, module.__dict__)
    monkeypatch.setitem(sys.modules, name, module)
    names: dict[str, Any] = {}
    exec(tests.text, names)
    test = [value for key, value in names.items() if key.startswith("test_")][number]
    fixtures = {"make_event": make_event, "check_transform": apply_checked}

    test(**{fixture: fixtures[fixture] for fixture in inspect.signature(test).parameters})


def test_the_line_of_a_contributor_is_one_of_the_table():
    (block,) = blocks("python", "_BUILT_IN = ")
    names = {**vars(from_settings), "warehouse_case": lambda event: event}

    exec(block.text, names)

    transform, may_change, why = names["_BUILT_IN"]["warehouse_case"](load_settings(environment={}), None)
    assert transform is names["warehouse_case"]
    assert may_change("warehouse:")
    assert why


@pytest.mark.parametrize("block", blocks("json", '{"type"'), ids=str)
def test_each_transport_is_one_that_the_openlineage_client_makes(block):
    configuration = json.loads(block.text)

    transport = get_default_factory().create(configuration)

    assert configuration["type"] in (transport.kind, f"{type(transport).__module__}.{type(transport).__name__}")


def test_the_preview_is_what_the_command_prints(make_event, tmp_path, monkeypatch, capsys):
    athena = {"namespace": "awsathena://athena.eu-west-1.amazonaws.com", "name": "AwsDataCatalog.raw.orders"}
    redshift = {"namespace": "redshift://analytics.eu-west-1:5439", "name": "shop.public.orders"}
    job = {"namespace": "dbt", "name": "load_orders"}
    run = {"runId": "3f5e83fa-3480-44ff-99c5-ff943904e5e8"}
    (block,) = blocks("console", "$ dzlineage preview events.jsonl\nevents")
    exports, shown = block.text.split("$ dzlineage preview events.jsonl\n")
    settings = dict(re.findall(r"export (\w+)='?(.*?)'?\n", exports))
    size = int(re.search(r"size   ([\d,]+)", shown)[1].replace(",", ""))
    plan = {"_producer": "https://example.com", "_schemaURL": "https://example.com", "plan": ""}
    full = make_event(inputs=[athena], outputs=[redshift]) | {"job": job}
    events = [
        full | {"run": run | {"facets": {"spark.logicalPlan": plan}}},
        make_event(inputs=[], outputs=[]) | {"job": job, "run": run, "eventType": "START"},
    ]
    missing = size - len(json.dumps(events[0]))
    plan["plan"] = "x" * missing
    (tmp_path / "events.jsonl").write_text("\n".join(map(json.dumps, events)))
    monkeypatch.chdir(tmp_path)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)

    main(["preview", "events.jsonl"])

    assert _without_small_figures(capsys.readouterr().out) == _without_small_figures(shown)


def _without_small_figures(text: str) -> list[str]:
    # They depend on the length of our version.
    return re.sub(r"→ [\d,]+ bytes|, [\d,]+ bytes", "", text).splitlines()


def test_config_check_finds_what_the_page_shows(tmp_path, capsys):
    (block,) = blocks("console", 'config check -\n"url"')
    _, _, shown = block.text.partition("\n")
    configuration = tmp_path / "transport.json"
    configuration.write_text(json.dumps({"type": "http", "url": "https://lineage.example.com/api/v1/lineage"}))

    code = main(["config", "check", str(configuration)])

    assert (code, capsys.readouterr().out) == (1, shown)


@pytest.mark.parametrize("block", blocks("python"), ids=str)
def test_python_is_python(block):
    ast.parse(block.text)


@pytest.mark.parametrize("block", [*blocks("json"), *blocks("yaml", "{")], ids=str)
def test_json_is_json(block):
    json.loads(block.text)


@pytest.mark.parametrize("block", blocks("json", '"Statement"'), ids=str)
def test_policies_allow_actions_on_resources(block):
    for statement in json.loads(block.text)["Statement"]:
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        services = {action.partition(":")[0] for action in actions}

        assert statement["Effect"] == "Allow"
        assert [statement["Resource"].split(":")[2]] == list(services)
