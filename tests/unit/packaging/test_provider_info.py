"""The provider information: an error in it would stop every Airflow command, so each Airflow is asked itself."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import jsonschema
import pytest

from airflow_provider_dzlineage import __version__
from airflow_provider_dzlineage.get_provider_info import get_provider_info
from airflow_provider_dzlineage.settings import Settings, load_settings

ROOT = Path(__file__).parents[3]
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


def test_provider_information_imports_the_standard_library_only() -> None:
    # given a fresh interpreter that has imported what its own site-packages bring at its start
    script = """if True:
        import sys
        before = set(sys.modules)
        from airflow_provider_dzlineage.get_provider_info import get_provider_info
        get_provider_info()
        print(*sorted({name.partition(".")[0] for name in set(sys.modules) - before}))
    """

    # when it asks for the provider information
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)

    # then no package was imported but ours: no Airflow, no boto3, no OpenLineage, no jsonschema
    assert set(done.stdout.split()) - sys.stdlib_module_names == {"airflow_provider_dzlineage"}


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


@pytest.mark.integration
def test_an_airflow_that_knows_the_provider_has_loaded_five_small_modules_of_it(
    airflow_python: str, run: Callable[..., str], tmp_path: Path
) -> None:
    # given an Airflow of its own home
    variables = {"AIRFLOW_HOME": str(tmp_path), "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    script = """if True:
        import sys
        from airflow.providers_manager import ProvidersManager
        assert "airflow-provider-dzlineage" in ProvidersManager().providers
        print(*sorted(name for name in sys.modules if name.startswith("airflow_provider_dzlineage")))
    """

    # when it has read the information of its providers
    output = run(airflow_python, "-c", script, env=variables, cwd=tmp_path)

    # then these modules, which import the standard library only, are all that ours costs a command
    modules = ["", ".errors", ".get_provider_info", ".settings", ".settings.kinds"]
    assert output.splitlines()[-1].split() == [f"airflow_provider_dzlineage{name}" for name in modules]


@pytest.mark.integration
def test_each_airflow_reads_the_provider_and_imports_what_it_names(
    airflow_python: str, run: Callable[..., str], tmp_path: Path
) -> None:
    # given an Airflow of its own home, without settings
    variables = {"AIRFLOW_HOME": str(tmp_path), "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}

    # when it is asked what it made of the provider
    output = run(airflow_python, ROOT / "tests" / "fixtures" / "ask_airflow.py", env=variables, cwd=tmp_path)
    answer = json.loads(output.splitlines()[-1])

    # then it knows the version, each class, each link, and the defaults of the section
    assert answer["version"] == __version__
    assert answer["classes"]
    assert answer["extra_links"] == get_provider_info()["extra-links"]
    assert {name: value or None for name, value in answer["defaults"].items()} == {
        name: option["default"] for name, option in OPTIONS.items()
    }
