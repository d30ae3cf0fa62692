"""The walls of the house: which rooms and packages the code of each room may import, wherever in a file it does."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

PACKAGE = "airflow_provider_dzlineage"
SOURCES = Path(__file__).parents[2] / PACKAGE


class Room(NamedTuple):
    """What the modules of a room may import beside the standard library, `errors` and their own room."""

    rooms: frozenset[str]
    packages: frozenset[str]


def room(rooms: str = "", packages: str = "") -> Room:
    return Room(frozenset(rooms.split()), frozenset(packages.split()))


# By the start of a module's path inside the package; the longest start wins.
WITHOUT_AIRFLOW = {
    "errors": room(),
    "user_agent": room(),
    "setting_kinds": room(),
    "settings": room("setting_kinds"),
    "get_provider_info": room("settings"),
    "lineage": room(packages="dateutil fastjsonschema jsonschema"),
    "buffer": room("lineage user_agent", "boto3 botocore types_boto3_sqs"),
    "catalog": room("lineage user_agent", "boto3 botocore types_boto3_datazone"),
    "lookup": room("lineage", "botocore"),
    "site_rules": room("buffer lineage lookup settings"),
    "previewing": room("lineage"),
    "forwarding": room("buffer catalog lineage"),
    "forwarder": room("buffer catalog forwarding lineage settings"),
    "reconciliation": room("buffer catalog forwarding lineage settings"),
    "transports": room(
        "buffer catalog lineage lookup setting_kinds settings site_rules user_agent", "boto3 botocore openlineage"
    ),
    "receiver": room("buffer lineage settings setting_kinds user_agent", "botocore boto3 httptools starlette uvicorn"),
    "transport_config": room("setting_kinds", "yaml"),
    "doctor": room("buffer catalog lineage receiver settings transport_config", "croniter packaging"),
    "local": room(
        "catalog forwarding lineage settings",
        "boto3 botocore psutil pytest rich starlette types_boto3_datazone uvicorn",
    ),
    "cli": room(
        "buffer catalog doctor forwarder forwarding lineage local lookup previewing receiver settings site_rules "
        "transport_config",
        "boto3 botocore rich",
    ),
    # A program over all the rooms, as a user would write it.
    "local/demo": room("buffer catalog cli forwarding lineage local settings", "boto3 botocore rich"),
}
WITH_AIRFLOW = {
    "_compat": room("settings", "airflow"),
    "hooks": room("catalog", "airflow boto3 types_boto3_datazone"),
    "plugin": room("_compat transports", "airflow"),
    "transfers": room(
        "_compat buffer catalog doctor forwarder forwarding hooks lookup reconciliation settings site_rules", "airflow"
    ),
    "triggers": room("catalog hooks", "airflow asgiref"),
    "sensors": room("_compat catalog hooks settings triggers", "airflow"),
    "forwarding_dag": room("_compat lineage settings transfers", "airflow croniter"),
    "example_dags": room("_compat", "airflow openlineage"),
}
HOUSE = WITHOUT_AIRFLOW | WITH_AIRFLOW


def imported_names(source: str) -> Iterator[str]:
    """Yield the dotted name of everything that a module imports, also inside functions and for type checks only."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room_of(place: str) -> str:
    """Return the room of a module, or of a name in one, from its path inside the package."""
    rooms = [name for name in HOUSE if re.match(rf"{name}(?![a-z])", place)]
    return max(rooms, key=len, default=place)


def intruders(source: str, name: str) -> set[str]:
    """Return the rooms and packages that a module of room ``name`` imports and may not."""
    allowed = HOUSE[name]
    found = set()
    for imported in imported_names(source):
        top, *rest = imported.split(".")
        if top == PACKAGE:
            # What the package itself holds, `__version__`, is everyone's.
            found |= {room_of("/".join(rest))} - {name, "errors", "__version__", *allowed.rooms}
        elif top not in sys.stdlib_module_names | allowed.packages:
            found.add(top)
    return found


MODULES = sorted(str(path.relative_to(SOURCES)) for path in SOURCES.rglob("*.py") if path != SOURCES / "__init__.py")


def test_every_room_has_its_place_in_the_house() -> None:
    assert {room_of(module) for module in MODULES} == HOUSE.keys()


@pytest.mark.parametrize("module", MODULES)
def test_module_imports_only_what_its_room_may_know(module: str) -> None:
    assert intruders((SOURCES / module).read_text(encoding="utf-8"), room_of(module)) == set()


def test_rooms_without_airflow_lead_to_no_room_with_it() -> None:
    for name, place in WITHOUT_AIRFLOW.items():
        assert place.rooms <= WITHOUT_AIRFLOW.keys(), name
        assert "airflow" not in place.packages, name


@pytest.mark.parametrize(
    ("name", "source", "intruder"),
    [
        ("lineage", "import boto3", "boto3"),
        ("buffer", f"from {PACKAGE}.catalog.datazone import Catalog", "catalog"),
        ("catalog", f"from {PACKAGE} import buffer", "buffer"),
        ("forwarder", "def drain():\n    from airflow.configuration import conf", "airflow"),
        ("transports", f"import {PACKAGE}._compat", "_compat"),
        ("local", f"from {PACKAGE}.local.demo_run import DemoRun", "local/demo"),
    ],
)
def test_an_intruder_is_found(name: str, source: str, intruder: str) -> None:
    assert intruders(source, name) == {intruder}
