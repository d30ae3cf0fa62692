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
from airflow_provider_dzlineage.lineage.event import json_bytes
from airflow_provider_dzlineage.lineage.transform import Skip
from airflow_provider_dzlineage.local.fixtures import apply_checked
from airflow_provider_dzlineage.settings.site import Settings, load_settings
from tests.fixtures.documents import ROOT, blocks


def test_the_transform_of_ones_own_passes_its_test(make_event):
    names: dict[str, Any] = {}
    exec(blocks("python", "def our_names")[0].text, names)
    (block,) = blocks("python", "def test_our_names")
    exec(block.text.replace("from our_module import our_names\n", ""), names)

    names["test_our_names"](apply_checked)

    assert names["our_names"](make_event("tmp_load")) == Skip("temporary_job")


@pytest.fixture
def warehouse(monkeypatch):
    """Make the module of a contributor's transform importable."""
    return _module("lineage.transforms.warehouse", blocks("python", "def warehouse_case")[0].text, monkeypatch)


@pytest.mark.parametrize("number", [0, 1])
def test_the_transform_of_a_contributor_passes_its_tests(number, make_event, warehouse):
    (tests,) = blocks("python", "import warehouse_case")
    names: dict[str, Any] = {}
    exec(tests.text, names)
    test = [value for key, value in names.items() if key.startswith("test_")][number]
    fixtures = {"make_event": make_event, "check_transform": apply_checked}

    test(**{fixture: fixtures[fixture] for fixture in inspect.signature(test).parameters})


@pytest.mark.parametrize("word", ["warehouse:", "Warehouse:"])
def test_the_transform_of_a_contributor_runs_where_it_is_named(word, make_event, warehouse, monkeypatch):
    patch = blocks("diff", "warehouse_case")[0].text.replace('"warehouse:"', f'"{word}"')
    from_settings = _patched(patch, monkeypatch)
    event = make_event(outputs=[{"namespace": "warehouse://prod", "name": "Sales.Orders"}])

    settings = load_settings({"transforms": "warehouse_case"}, environment={})
    pipeline = from_settings.pipeline_of(settings, lambda *_: pytest.fail("a service is asked"))

    after = pipeline.prepare(json_bytes(event)).event.data
    assert after["outputs"] == [{"namespace": "warehouse://prod", "name": "sales.orders"}]
    assert pipeline.transforms[0].why == "the warehouse ignores case"


@pytest.mark.parametrize(
    ("url", "alarms", "verdict"),
    [
        (None, lambda: pytest.fail("the guard lets it through"), "skip"),
        ("https://sqs.us-east-1.amazonaws.com/123456789012/dead", lambda: ["dead"], "pass"),
        ("https://sqs.us-east-1.amazonaws.com/123456789012/dead", list, "warn"),
        ("https://sqs.us-east-1.amazonaws.com/123456789012/dead", lambda: 1 / 0, "fail"),
    ],
)
def test_the_check_of_a_contributor_is_one_of_the_doctor(url, alarms, verdict, monkeypatch):
    _module("doctor.alarm", blocks("python", "def check_alarm")[0].text, monkeypatch)
    checkup = _patched(blocks("diff", "check_alarm")[0].text, monkeypatch)
    settings = Settings(dead_letter_queue_url=url)

    site = checkup.Site(settings, {}, *[lambda: None] * 4, alarms=alarms)

    (finding,) = [finding for finding in checkup.check_site(site) if finding.check == "alarm"]
    assert finding.verdict.value == verdict
    assert bool(finding.fix) == (verdict in ("warn", "fail"))


def _patched(patch: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return the module of a file with the lines that a block adds; its other lines have to be there, once."""
    first, *hunks = patch.split("@@\n")
    file = first.removeprefix("+++ ").strip()
    source = (ROOT / file).read_text(encoding="utf-8")
    for hunk in hunks:
        lines = hunk.splitlines(keepends=True)
        context = "".join(line[1:] for line in lines if line.startswith(" "))
        assert source.count(context) == 1, context
        source = source.replace(context, "".join(line[1:] for line in lines))
    return _module(file.removesuffix(".py").replace("/", ".").partition(".")[2], source, monkeypatch)


def _module(name: str, source: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return a module of the package made of a text; it is imported by its name until the test ends."""
    module = ModuleType(f"airflow_provider_dzlineage.{name}")
    # The module of a dataclass has to be there when the class is made.
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(source, module.__dict__)
    return module


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
