"""The provider information, as each installed Airflow reads it: an error in it would stop every Airflow command."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from airflow_provider_dzlineage import __version__
from airflow_provider_dzlineage.get_provider_info import get_provider_info


def test_an_airflow_that_knows_the_provider_has_loaded_few_small_modules_of_it(
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
    settings = [".settings", ".settings.loader", ".settings.parsers", ".settings.site"]
    modules = ["", ".errors", ".get_provider_info", *settings]
    assert output.splitlines()[-1].split() == [f"airflow_provider_dzlineage{name}" for name in modules]


def test_each_airflow_reads_the_provider_and_imports_what_it_names(
    airflow_python: str, run: Callable[..., str], tmp_path: Path
) -> None:
    # given an Airflow of its own home, without settings
    variables = {"AIRFLOW_HOME": str(tmp_path), "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}

    # when it is asked what it made of the provider
    output = run(airflow_python, Path(__file__).with_name("ask_airflow.py"), env=variables, cwd=tmp_path)
    answer = json.loads(output.splitlines()[-1])

    # then it knows the version, each class, each link, and the defaults of the section
    assert answer["version"] == __version__
    assert answer["classes"]
    assert answer["extra_links"] == get_provider_info()["extra-links"]
    assert {name: value or None for name, value in answer["defaults"].items()} == {
        name: option["default"] for name, option in get_provider_info()["config"]["dzlineage"]["options"].items()
    }
