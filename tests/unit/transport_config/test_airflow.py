"""Amazon MWAA: right for the version that is asked for."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from airflow_provider_dzlineage.errors import ConfigurationError
from airflow_provider_dzlineage.transport_config import (
    MWAA_VERSIONS,
    DataZone,
    Http,
    KeyFromSecret,
    KeyFromVariable,
    Sqs,
    mwaa_options,
    mwaa_requirements,
    mwaa_startup_script,
)

CONSTRAINTS = Path(__file__).parents[4] / "shared" / "mwaa"
QUEUE = Sqs(queue_url="https://sqs.us-east-1.amazonaws.com/123456789012/lineage")
NATIVE = DataZone(domain_id="dzd_local", native=True)
ENDPOINT = Http(url="https://lineage.example.com", api_key=KeyFromSecret("openlineage-key"))


@pytest.mark.parametrize("version", MWAA_VERSIONS)
def test_options_are_json_on_one_line(version):
    options = mwaa_options(QUEUE, mwaa_version=version, namespace="prod", domain_id="dzd_local")

    assert json.loads(options.pop("openlineage.transport"))["queue_url"] == QUEUE.queue_url
    assert options == {
        "openlineage.namespace": "prod",
        "dzlineage.queue_url": QUEUE.queue_url,
        "dzlineage.domain_id": "dzd_local",
    }


@pytest.mark.parametrize("version", MWAA_VERSIONS)
def test_requirements_are_the_pins_of_the_image(version):
    pins = CONSTRAINTS / f"constraints-{version}.txt"
    if not pins.exists():
        pytest.skip("the pins of the MWAA images are not beside this checkout")

    ours, *others = mwaa_requirements(QUEUE, mwaa_version=version)

    assert ours == "airflow-provider-dzlineage"
    assert set(others) <= set(pins.read_text(encoding="utf-8").splitlines())
    assert (
        mwaa_requirements(ENDPOINT, mwaa_version=version) == others == mwaa_requirements(NATIVE, mwaa_version=version)
    )


def test_two_numbers_of_a_version_do():
    assert mwaa_requirements(QUEUE, mwaa_version="2.11") == mwaa_requirements(QUEUE, mwaa_version="2.11.2")


@pytest.mark.parametrize("version", ["2.9.2", "3", "2.1", "latest"])
def test_the_error_about_an_unknown_version_names_the_known_ones(version):
    with pytest.raises(ConfigurationError, match=re.escape("2.10.3, 2.11.2, 3.0.6")):
        mwaa_options(QUEUE, mwaa_version=version)


def test_a_client_without_the_transport_is_not_configured_for_it():
    with pytest.raises(ConfigurationError, match=r"1\.23\.0 .* has no transport amazon_datazone_api"):
        mwaa_options(NATIVE, mwaa_version="2.10.3")
    assert "amazon_datazone_api" in mwaa_options(NATIVE, mwaa_version="3.0.6")["openlineage.transport"]


def test_without_a_secret_there_is_no_script():
    assert mwaa_startup_script(QUEUE) == ""
    assert mwaa_startup_script(Http(url="https://h", api_key=KeyFromVariable())) == ""
