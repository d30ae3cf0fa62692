"""The operator of the daily check."""

from __future__ import annotations

import pytest

operators = pytest.importorskip("airflow_provider_dzlineage.transfers.doctor")

pytestmark = pytest.mark.integration


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
