"""The wheel: what is in it, and that it goes into every supported Amazon MWAA image without changing a pin."""

from __future__ import annotations

import re
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.timeout(600)

Run = Callable[..., str]
ROOT = Path(__file__).parents[3]
PACKAGE = "airflow_provider_dzlineage"
# Airflow itself and what it asks for (2.11: fab; 2.10: setuptools), where the pins do not name it; and the one package
# of ours that an image (2.11.2) does not hold: small, pure Python, and without requirements of its own.
NOT_PINNED = {
    "fastjsonschema",
    "apache-airflow",
    "apache-airflow-core",
    "apache-airflow-task-sdk",
    "apache-airflow-providers-fab",
    "setuptools",
}
# What a user of Amazon MWAA writes into requirements.txt beside our package.
OPENLINEAGE = "apache-airflow-providers-openlineage"


def pinned_versions(lines: str) -> dict[str, str]:
    """Parse `name==version` lines; names in the normal form of PEP 503."""
    found = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;#]+)", lines, flags=re.MULTILINE)
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in found}


def test_wheel_holds_every_file_of_the_package_and_nothing_else(wheel: Path) -> None:
    # given what lies in the package's folder
    there = {
        str(path.relative_to(ROOT))
        for path in (ROOT / PACKAGE).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    # when the wheel is opened
    names = zipfile.ZipFile(wheel).namelist()

    # then the same is in it, and beside it only the metadata
    metadata = {name for name in names if name.split("/")[0].endswith(".dist-info")}
    assert set(names) - metadata == there
    assert f"{PACKAGE}/py.typed" in names
    assert any(re.fullmatch(rf"{PACKAGE}/lineage/.*\.json", name) for name in names), "the schema of the events"
    assert any(name.endswith("licenses/LICENSE") for name in metadata)


def test_wheel_resolves_against_the_pins_of_each_mwaa_image(uv: Path, run: Run, wheel: Path, image: Any) -> None:
    # given the image's Airflow and the two lines of a user's requirements.txt
    requirements = f"apache-airflow=={image.airflow}\n{OPENLINEAGE}\n{PACKAGE} @ {wheel.as_uri()}\n"
    pins = pinned_versions(image.pins.read_text(encoding="utf-8"))

    # when they are resolved for its Python under its pins
    command = ["pip", "compile", "--quiet", "--no-header", "--no-annotate", "--python-version", image.python]
    resolved = pinned_versions(run(uv, *command, "--constraint", image.pins, "-", stdin=requirements))

    # then every package is one that the image pins, in the pinned version
    assert resolved["apache-airflow"] == image.airflow
    assert OPENLINEAGE in resolved
    pinned = {name: version for name, version in resolved.items() if name in pins or name not in NOT_PINNED}
    assert pinned == {name: pins.get(name) for name in pinned}


@pytest.mark.parametrize("image", ["2.10.3"], indirect=True)
def test_resolution_refuses_what_the_pins_do_not_allow(uv: Path, wheel: Path, image: Any) -> None:
    # given a requirement above a pin of the oldest image
    requirements = f"{PACKAGE} @ {wheel.as_uri()}\nboto3>1.42\n"

    # when it is resolved under the pins
    command = [uv, "pip", "compile", "--python-version", image.python, "--constraint", image.pins, "-"]
    done = subprocess.run(command, input=requirements, capture_output=True, text=True, check=False)

    # then it fails, so that the test above proves something
    assert done.returncode != 0
    assert "boto3" in done.stderr


def test_wheel_installs_into_a_fresh_environment_of_an_mwaa_image(
    uv: Path, run: Run, wheel: Path, installable_image: tuple[Any, str], tmp_path: Path
) -> None:
    # given a fresh environment of the image's Python
    image, interpreter = installable_image
    environment, airflow_home = tmp_path / "environment", tmp_path / "airflow"
    python = environment / "bin" / "python"
    run(uv, "venv", "--quiet", "--python", interpreter, environment)

    # when the package is installed as a user's requirements.txt does
    wanted = [f"apache-airflow=={image.airflow}", OPENLINEAGE, str(wheel)]
    run(uv, "pip", "install", "--quiet", "--python", python, "--constraint", image.pins, *wanted)

    # then Airflow lists the provider, and the command line runs
    variables = {"AIRFLOW_HOME": str(airflow_home), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    providers = run(environment / "bin" / "airflow", "providers", "list", "-o", "plain", env=variables, cwd=tmp_path)
    assert "airflow-provider-dzlineage" in providers
    usage = run(environment / "bin" / "dzlineage", "--help", env=variables, cwd=tmp_path)
    assert "graph" in usage
    run(uv, "pip", "check", "--quiet", "--python", python)
