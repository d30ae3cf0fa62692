"""Each configuration in the documents and among the examples is one that its reader takes."""

from __future__ import annotations

import json
import re

import pytest
from openlineage.client.transport import get_default_factory

from airflow_provider_dzlineage.settings.site import Settings, load_settings
from airflow_provider_dzlineage.transport_config import hints
from tests.fixtures.documents import blocks, documents
from tools.docs.examples import FOLDER, configurations, printed, with_files

_OPTION = re.compile(r"^(?:(?P<section>\w+)\.)?(?P<name>\w+)\s*= (?P<value>.*)$")


def options_of(text: str) -> dict[str, dict[str, str]]:
    """Return options by section, of a file like airflow.cfg or of MWAA's ``section.option`` lines."""
    sections: dict[str, dict[str, str]] = {}
    current = ""
    for line in text.splitlines():
        if line.startswith("["):
            current = line.strip("[]")
        elif match := _OPTION.match(line):
            sections.setdefault(match["section"] or current, {})[match["name"]] = match["value"]
    return sections


CONFIGURATIONS = [*blocks("ini"), *blocks("text", "dzlineage.queue_url")]


@pytest.mark.parametrize("block", CONFIGURATIONS, ids=str)
def test_the_loader_takes_the_settings(block):
    section = options_of(block.text)["dzlineage"]

    assert section
    assert load_settings(airflow=section, environment={}) != Settings() or section.keys() <= {"transforms"}


@pytest.mark.parametrize("block", [each for each in CONFIGURATIONS if "transport" in each.text], ids=str)
def test_the_client_takes_the_transport_and_there_is_no_hint(block):
    options = options_of(block.text)

    transport = get_default_factory().create(json.loads(options["openlineage"]["transport"]))

    assert transport.config.queue_url == options["dzlineage"]["queue_url"]
    assert hints(block.text) == []


@pytest.mark.parametrize("block", blocks("console", "export DZLINEAGE_"), ids=str)
def test_the_loader_takes_the_variables(block):
    variables = dict(re.findall(r"^\$ export (DZLINEAGE_\w+)='?(.*?)'?$", block.text, re.MULTILINE))

    settings = load_settings(environment=variables)

    assert all(getattr(settings, name.removeprefix("DZLINEAGE_").lower()) for name in variables)


@pytest.mark.parametrize(("name", "arguments"), list(configurations()), ids=str)
def test_an_example_is_what_the_command_prints(name, arguments):
    assert (FOLDER / name).read_text(encoding="utf-8") == printed(arguments), "`make examples` writes them anew"


def test_each_example_has_its_command():
    assert {path.name for path in FOLDER.iterdir()} == {"commands.txt", *dict(configurations())}


@pytest.mark.parametrize("name", documents())
def test_a_page_shows_files_as_they_are(name):
    text = documents()[name]

    assert with_files(text) == text, "`make examples` writes them anew"
