"""What the packaging tests share: uv, the wheel of this checkout, the pins of Amazon MWAA, the installed Airflows."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
MWAA_PINS = ROOT.parent / "shared" / "mwaa"

Run = Callable[..., str]


@dataclass(frozen=True)
class Image:
    """An Amazon MWAA image: its Airflow, its Python, the file of its package pins."""

    airflow: str
    python: str
    pins: Path


# The Python of each image, by its Airflow.
IMAGE_PYTHONS = {"2.10.3": "3.11", "2.11.2": "3.11", "3.0.6": "3.12", "3.2.1": "3.12", "3.3.1": "3.12"}


@pytest.fixture(scope="session")
def run() -> Run:
    """Run a command and return its standard output; a failure shows all that it wrote."""

    def run_command(*command: str | Path, stdin: str = "", **options: Any) -> str:
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, **options)
        assert done.returncode == 0, f"{command} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    return run_command


@pytest.fixture(params=IMAGE_PYTHONS)
def image(request: pytest.FixtureRequest) -> Image:
    """Each Amazon MWAA image; the test is skipped where its pins are absent."""
    return image_of(request.param)


@pytest.fixture
def installable_image() -> tuple[Image, str]:
    """The newest Amazon MWAA image whose Python this machine has, and that interpreter."""
    for airflow, python in reversed(IMAGE_PYTHONS.items()):
        finder = [ROOT / ".ci" / "find-python", python]
        found = subprocess.run(finder, capture_output=True, text=True, check=False)
        if found.returncode == 0:
            return image_of(airflow), found.stdout.strip()
    pytest.skip(f"this machine has no Python {' or '.join(sorted(set(IMAGE_PYTHONS.values())))}")


def image_of(airflow: str) -> Image:
    """Return the image of an Airflow, or skip the test."""
    pins = MWAA_PINS / f"constraints-{airflow}.txt"
    if not pins.is_file():
        pytest.skip(f"the pins of Amazon MWAA {airflow} are not beside this checkout")
    return Image(airflow, IMAGE_PYTHONS[airflow], pins)


@pytest.fixture(scope="session")
def uv() -> Path:
    """The installer that `make` has put into build/tools, or that of the machine."""
    found = shutil.which("uv", path=str(ROOT / "build" / "tools" / "bin")) or shutil.which("uv")
    if not found:
        pytest.skip("uv is not there: run `make setup`")
    return Path(found)


@pytest.fixture(scope="session")
def wheel(uv: Path, run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, built by way of the source distribution as a release is."""
    folder = tmp_path_factory.mktemp("wheel")
    run(uv, "build", "--quiet", "--python", sys.executable, "--out-dir", folder, ROOT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(params=["the project's own", "airflow-2.11.2", "airflow-2.10.3"])
def airflow_python(request: pytest.FixtureRequest) -> str:
    """The interpreter of each Airflow in which `make setup` has installed the package."""
    if request.param == "the project's own":
        return sys.executable
    python = ROOT / "build" / request.param / "bin" / "python"
    if not python.exists():
        pytest.skip(f"build/{request.param} is not there: `make setup` says why")
    return str(python)
