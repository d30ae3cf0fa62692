"""The operator of the daily check."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

operators = pytest.importorskip("airflow_provider_dzlineage.operators.doctor")

ROOT = Path(__file__).parents[3]
PYTHONS = {
    "the project's own": Path(sys.executable),
    "airflow-2.11.2": ROOT / "build" / "airflow-2.11.2" / "bin" / "python",
    "airflow-2.10.3": ROOT / "build" / "airflow-2.10.3" / "bin" / "python",
}


@pytest.fixture
def execute(ministack, datazone_emulator, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", ministack.endpoint_url)
    monkeypatch.setenv("AWS_ENDPOINT_URL_DATAZONE", datazone_emulator.endpoint_url)
    return lambda **arguments: operators.DzLineageDoctorOperator(task_id="doctor", **arguments).execute({})


def test_it_returns_what_it_found(execute, make_queue):
    findings = execute(queue_url=make_queue(dead_letters=True).url, domain_id="dzd_local")

    verdicts = {finding["check"]: finding["verdict"] for finding in findings}
    assert (verdicts["queue"], verdicts["domain"]) == ("pass", "pass")
    assert verdicts["openlineage.transport"] == "warn"


def test_it_fails_with_what_to_fix(execute, make_queue):
    with pytest.raises(Exception, match="setting domain_id: is missing") as caught:
        execute(queue_url=make_queue(dead_letters=True).url)

    assert "to fix: set DZLINEAGE_DOMAIN_ID" in str(caught.value)


def test_nobody_waits_so_long_for_a_canary(execute):
    with pytest.raises(Exception, match="canary_seconds must be a number of seconds"):
        execute(canary_seconds=1e12)


def options_with(monkeypatch, **variables):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return operators.openlineage_options()


@pytest.mark.parametrize(
    ("variables", "disabled"),
    [
        ({"AIRFLOW__OPENLINEAGE__DISABLED": "True", "OPENLINEAGE_DISABLED": "false"}, True),
        ({"OPENLINEAGE_DISABLED": "t"}, True),
        ({"OPENLINEAGE_DISABLED": "yes"}, False),
        ({}, False),
    ],
)
def test_what_turns_it_off_is_what_the_provider_reads(monkeypatch, variables, disabled):
    assert options_with(monkeypatch, **variables).is_disabled == disabled


def test_what_is_neither_on_nor_off_is_no_bug_of_ours(monkeypatch):
    options = options_with(monkeypatch, AIRFLOW__OPENLINEAGE__DISABLED="maybe")

    assert "neither true nor false" in options.problem


def test_it_sees_what_else_airflow_reads(monkeypatch):
    variables = {"AIRFLOW__OPENLINEAGE__CONFIG_PATH": "/etc/openlineage.yml", "OPENLINEAGE_URL": "https://h"}
    options = options_with(monkeypatch, **variables)

    assert options.config_path == "/etc/openlineage.yml"
    assert options.variables["OPENLINEAGE_URL"] == "https://h"
    assert options.reads_nothing is False


def test_it_sees_what_is_named_in_our_section_even_when_nothing_reads_it(monkeypatch):
    options = options_with(monkeypatch, AIRFLOW__DZLINEAGE__QEUE_URL="q", AIRFLOW__DZLINEAGE__MERGE="always")

    assert options.section == {"merge": "always"}
    assert {"qeue_url", "merge"} <= set(options.section_names)


def test_where_nothing_is_set_the_provider_says_so(monkeypatch):
    assert options_with(monkeypatch).reads_nothing is True


TRANSPORT = '{"type": "http", "url": "https://h", "auth": {"type": "api_key", "apiKey": "${OPENLINEAGE_API_KEY}"}}'


def test_it_sees_the_transport_as_it_is_written_and_as_it_is_in_effect(monkeypatch):
    options = options_with(monkeypatch, AIRFLOW__OPENLINEAGE__TRANSPORT=TRANSPORT, OPENLINEAGE_API_KEY="geheim")

    assert options.written == TRANSPORT
    assert options.transport == TRANSPORT.replace("${OPENLINEAGE_API_KEY}", "geheim")
    assert "geheim" not in repr(options)


@pytest.mark.parametrize("python", PYTHONS.values(), ids=PYTHONS)
def test_it_sees_what_the_file_of_every_airflow_says(python, tmp_path):
    if not python.exists():
        pytest.skip(f"{python} is not there: `make setup` says why")
    (tmp_path / "airflow.cfg").write_text(f"[openlineage]\ntransport = {TRANSPORT}\n", encoding="utf-8")
    done = subprocess.run(
        [python, "-m", "airflow_provider_dzlineage.operators.print_configuration"],
        env={
            "PATH": "/usr/bin:/bin",
            "HOME": str(tmp_path),
            "AIRFLOW_HOME": str(tmp_path),
            "PYTHONPATH": str(ROOT),
            "OPENLINEAGE_API_KEY": "geheim",
        },
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )
    options = json.loads(done.stdout.splitlines()[-1])

    assert (options["written"], "geheim" in options["transport"]) == (TRANSPORT, True)
