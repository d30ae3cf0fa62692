"""The environments with an Airflow in them that the end-to-end tests run on."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENVIRONMENTS = {
    "3.3": Path(sys.prefix),
    "2.11.2": ROOT / "build" / "airflow-2.11.2",
    "2.10.3": ROOT / "build" / "airflow-2.10.3",
}


@pytest.fixture(scope="module", params=list(ENVIRONMENTS))
def environment(request: pytest.FixtureRequest) -> Path:
    """Each environment in turn; one that is not there is skipped with a reason."""
    return environment_of(request.param)


def environment_of(name: str) -> Path:
    """Return the folder of an environment; skip the test where it is not there."""
    folder = ENVIRONMENTS[name]
    if not (folder / "bin" / "python").exists():
        pytest.skip(f"{folder} is not there: `make setup` says why")
    return folder
