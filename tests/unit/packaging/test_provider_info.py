"""The provider information: an error in it would stop every Airflow command, so each schema is tried."""

from __future__ import annotations

import importlib.util
import json
import re
from dataclasses import fields
from pathlib import Path

import jsonschema
import pytest

from airflow_provider_dzlineage.get_provider_info import get_provider_info
from airflow_provider_dzlineage.settings.site import Settings, load_settings

ROOT = Path(__file__).parents[3]
KINDS = ("hooks", "operators", "sensors", "transfers", "triggers")
CLASS = re.compile(r"^class \w+(Hook|Operator|Sensor|Trigger)\(", re.MULTILINE)
OPTIONS = get_provider_info()["config"]["dzlineage"]["options"]


def schemas() -> list[Path]:
    """Find the schema of the Airflow that runs the tests, and of those that `make setup` has installed beside it."""
    found = importlib.util.find_spec("airflow")
    own = [Path(folder) / "provider_info.schema.json" for folder in (found and found.submodule_search_locations) or ()]
    beside = ROOT.glob("build/airflow-*/lib/python*/site-packages/airflow/provider_info.schema.json")
    return [path for path in own if path.is_file()] + sorted(beside)


@pytest.mark.parametrize("schema", schemas(), ids=lambda path: path.parents[5].name)
def test_provider_information_passes_the_schema_of_each_airflow(schema: Path) -> None:
    jsonschema.validate(get_provider_info(), json.loads(schema.read_text(encoding="utf-8")))


def test_there_is_a_schema_to_pass() -> None:
    assert schemas()


def test_each_module_of_hooks_operators_sensors_transfers_and_triggers_is_named() -> None:
    info = get_provider_info()
    entries = [entry for kind in KINDS for entry in info[kind]]
    named = {module for entry in entries for module in entry.get("python-modules") or [entry["python-module"]]}

    assert named == {
        f"airflow_provider_dzlineage.{kind}.{path.stem}"
        for kind in KINDS
        for path in (ROOT / "airflow_provider_dzlineage" / kind).glob("*.py")
        if path.stem != "base" and CLASS.search(path.read_text(encoding="utf-8"))
    }


def test_every_setting_is_an_option_with_words_for_people() -> None:
    assert OPTIONS.keys() == {setting.name for setting in fields(Settings)}
    for name, option in OPTIONS.items():
        assert option["description"].endswith("."), name
        assert option["example"], name
        assert option["type"] in {"string", "integer", "float", "boolean"}, name


def test_declared_defaults_are_the_defaults_of_the_settings() -> None:
    defaults = {name: option["default"] for name, option in OPTIONS.items() if option["default"] is not None}

    assert load_settings(airflow=defaults, environment={}) == Settings()


def test_declared_examples_are_right() -> None:
    examples = {name: option["example"] for name, option in OPTIONS.items()}

    settings = load_settings(airflow=examples, environment={})

    assert all(getattr(settings, name) != getattr(Settings(), name) for name in examples)
