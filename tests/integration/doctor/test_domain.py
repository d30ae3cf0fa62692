"""Checks of the domain, against the DataZone emulator."""

from __future__ import annotations

import boto3

from airflow_provider_dzlineage.catalog.client import CLIENT_CONFIG, Catalog, catalog_error
from airflow_provider_dzlineage.doctor.domain import check_domain

DOMAIN = "dzd_local"


def verdicts(findings):
    return {finding.check: finding.verdict.value for finding in findings}


def fixes(findings):
    return " | ".join(finding.fix for finding in findings if finding.fix)


def test_a_domain(catalog):
    assert verdicts(check_domain(catalog)) == {"domain": "pass", "permission to post": "pass", "lineage events": "pass"}
    assert list(catalog.list_events()) == []


def test_a_domain_that_is_not_there(datazone_client):
    findings = list(check_domain(Catalog(datazone_client, "dzd_absent")))

    assert verdicts(findings)["lineage events"] == "fail"
    assert "domain_id" in fixes(findings)


def test_a_denied_action_is_named(server):
    client = boto3.client("datazone", endpoint_url=server(403), config=CLIENT_CONFIG)
    complete = Catalog(client, DOMAIN)

    fixes_found = fixes(check_domain(complete))

    assert "datazone:GetDomain" in fixes_found
    assert "datazone:ListLineageEvents" in fixes_found
    assert "datazone:PostLineageEvent" in fixes_found


def test_a_role_that_may_not_read_events_is_warned(datazone_client, monkeypatch):
    catalog = Catalog(datazone_client, "dzd_local")
    assert "permission to read events" not in {finding.check for finding in check_domain(catalog)}

    denied = boto3.client("datazone", endpoint_url="http://127.0.0.1:9", config=CLIENT_CONFIG)
    error = denied.exceptions.AccessDeniedException({"Error": {"Code": "AccessDeniedException"}}, "GetLineageEvent")

    def deny(_):
        raise catalog_error(error, "GetLineageEvent")

    monkeypatch.setattr(catalog, "get_event", deny)
    (finding,) = [each for each in check_domain(catalog) if each.check == "permission to read events"]
    assert (finding.verdict.value, "datazone:GetLineageEvent" in finding.detail) == ("warn", True)
