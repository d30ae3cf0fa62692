"""What the documents name in the code is there."""

from __future__ import annotations

import importlib
import re

import pytest

from airflow_provider_dzlineage.cli import build_parser
from airflow_provider_dzlineage.get_provider_info import get_provider_info
from airflow_provider_dzlineage.lineage.rules.from_settings import BUILT_IN
from airflow_provider_dzlineage.settings.site import DEFAULT_TRANSFORMS
from tests.fixtures.documents import ROOT, documents
from tools.docs.command_line import commands

PACKAGE = "airflow_provider_dzlineage"
_DOTTED = re.compile(rf"\b({PACKAGE}(?:\.\w+)+)")
_FILE = re.compile(r"`((?:airflow_provider_dzlineage|tests|tools|examples|docs)/[\w./-]*)`")
# `room/file.py` or `room/file.py:function`, as the architecture writes it.
_SOURCE = re.compile(r"`(\w+(?:/\w+)*\.py(?::[\w.]+)?)`")
_TEST = re.compile(r"`(test_\w+)`")
_CODE = re.compile(r"`(?:@pytest\.fixture )?([A-Z]\w+(?:Operator|Transport|Hook|Sensor|Plugin|Error|Emulator))`")
_OF_OTHERS = {"GlueJobOperator"}
# The first cell of a table's row.
_FIRST_CELL = re.compile(r"^\| *(`[^|]*?) *\|", re.MULTILINE)
# The modules that CONTRIBUTING has as its examples; test_code_blocks.py runs them.
_EXAMPLES = {
    f"{PACKAGE}.lineage.transforms.warehouse",
    f"{PACKAGE}.doctor.alarm",
    "warehouse.py",
    "tests/unit/lineage/transforms/test_warehouse.py",
}


def names(pattern: re.Pattern[str]) -> list[str]:
    """Return what a pattern finds in the documents, once each."""
    found = {match[1] for text in documents().values() for match in pattern.finditer(text)}
    assert found
    return sorted(found - _EXAMPLES)


def find(dotted: str) -> object:
    """Import what a dotted name means: a module, or what a module holds."""
    words = dotted.split(".")
    for length in range(len(words), 0, -1):
        try:
            found = importlib.import_module(".".join(words[:length]))
        except ModuleNotFoundError as error:
            # What is missing inside the module is another matter.
            if not ".".join(words).startswith(error.name or "?"):
                raise
            continue
        for attribute in words[length:]:
            found = getattr(found, attribute)
        return found
    raise AssertionError(f"there is no {dotted}")


@pytest.mark.parametrize("dotted", names(_DOTTED))
def test_a_dotted_name_is_there(dotted, monkeypatch):
    # The Lambda handler reads them when it is imported.
    monkeypatch.setenv("DZLINEAGE_QUEUE_URL", "https://sqs.us-east-1.amazonaws.com/123456789012/openlineage")
    monkeypatch.setenv("DZLINEAGE_AUTH", "iam")

    find(dotted.removesuffix(".py").removesuffix(".md"))


@pytest.mark.parametrize("file", names(_FILE))
def test_a_file_is_there(file):
    assert (ROOT / file).exists()


@pytest.mark.parametrize("source", names(_SOURCE))
def test_a_source_file_and_what_it_defines_is_there(source):
    file, _, attribute = source.partition(":")
    found = [root / file for root in (ROOT / PACKAGE, ROOT, ROOT / "examples") if (root / file).is_file()]
    found += ROOT.glob(f"tests/*/*/{file}")

    assert found
    if attribute:
        # Read, not imported: an Airflow or a Lambda would have to be there.
        *classes, name = attribute.split(".")
        source_code = found[0].read_text(encoding="utf-8")
        assert all(f"class {each}" in source_code for each in classes)
        assert re.search(rf"^ *(?:(?:async )?def|class) {name}\b|^{name}\b.* = ", source_code, re.MULTILINE)


@pytest.mark.parametrize("name", names(_TEST))
def test_a_test_is_there(name):
    texts = (path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))

    assert any(re.search(rf"^ *(async )?def {name}\b", text, re.MULTILINE) for text in texts)


@pytest.mark.parametrize("name", names(_CODE))
def test_a_class_is_there(name):
    files = (ROOT / PACKAGE).rglob("*.py")

    assert name in _OF_OTHERS or any(f"class {name}" in path.read_text(encoding="utf-8") for path in files)


def test_settings_that_documents_name_are_settings():
    options = get_provider_info()["config"]["dzlineage"]["options"]
    named = {name for text in documents().values() for name in re.findall(r"settings\.md#(\w+)\)", text)}

    assert named
    assert named <= options.keys()


def rows(document: str, heading: str) -> set[str]:
    """Return the words in code of the first cells of the tables below a heading."""
    section = documents()[document].partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return {word for cell in _FIRST_CELL.findall(section) for word in re.findall(r"`(\w+)", cell)}


@pytest.mark.parametrize("transform", BUILT_IN)
def test_a_built_in_transform_is_documented(transform):
    description = get_provider_info()["config"]["dzlineage"]["options"]["transforms"]["description"]

    assert transform in rows("docs/names.md", "The transforms")
    assert re.search(rf"\b{transform}\b", description), "name it in the help of `transforms` in settings/site.py"


def test_the_default_list_of_transforms_is_that_of_the_setting():
    assert f"`{','.join(DEFAULT_TRANSFORMS)}`" in documents()["docs/names.md"]


def producers() -> list[str]:
    """Return the subcommands of ``dzlineage config`` that print."""
    found = [path[-1] for path, *_ in commands(build_parser()) if path[1:-1] == ("config",)]
    return [name for name in found if name != "check"]


@pytest.mark.parametrize("producer", producers())
def test_a_producer_is_documented(producer):
    examples = (ROOT / "examples/configuration/commands.txt").read_text(encoding="utf-8")

    assert producer in rows("docs/producers/index.md", "Ready configuration")
    assert f"dzlineage config {producer} " in examples
