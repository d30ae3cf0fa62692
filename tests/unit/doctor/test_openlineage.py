"""Airflow's side: which of the places that can name a transport counts, and whether it leads to us."""

from __future__ import annotations

import json

import pytest

from airflow_provider_dzlineage.doctor.openlineage import OpenLineageOptions, check_openlineage

QUEUE_URL = "https://sqs.eu-west-1.amazonaws.com/123456789012/openlineage"
DOMAIN = "dzd_local"
SQS = {"type": "airflow_provider_dzlineage.transports.sqs.SqsTransport", "queue_url": QUEUE_URL}
DIRECT = "airflow_provider_dzlineage.transports.datazone.DataZoneTransport"
CHECK = "openlineage.transport"


def look(transport=None, is_disabled=False, **options):
    text = json.dumps(transport) if transport else ""
    found = list(check_openlineage(OpenLineageOptions(text, is_disabled, **options), QUEUE_URL, DOMAIN))
    return {finding.check: finding for finding in found}


@pytest.fixture
def yaml_file(tmp_path):
    def write(text):
        path = tmp_path / "openlineage.yml"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def test_a_file_wins_over_the_option(yaml_file):
    path = yaml_file("transport:\n  type: http\n  url: https://elsewhere\n")

    assert look(SQS)[CHECK].detail == f"{SQS['type']}, from [openlineage] transport"
    assert look(SQS, config_path=path)[CHECK].detail.startswith("http, from [openlineage] config_path, which wins")


def test_a_file_may_be_written_as_no_json_is(yaml_file):
    path = yaml_file("{transport: {type: http, url: 'https://h'}}")

    assert look(config_path=path)[CHECK].verdict.value == "pass"


def test_mistakes_in_the_file_are_reported(yaml_file):
    assert "type" in look(config_path=yaml_file("transport:\n  kind: http\n  url: https://h\n"))[CHECK].fix


def test_a_file_that_is_not_there_is_a_failure():
    found = look(SQS, config_path="/absent/openlineage.yml")[CHECK]

    assert (found.verdict.value, "FileNotFoundError" in found.detail) == ("fail", True)


def test_a_file_without_a_transport_leaves_it_to_the_variables(yaml_file):
    path, variables = yaml_file("tags: {}\n"), {"OPENLINEAGE_URL": "https://h"}

    assert look(SQS, config_path=path)[CHECK].detail.startswith("is not set")
    assert look(SQS, config_path=path, variables=variables)[CHECK].detail == "http, from OPENLINEAGE_URL"


@pytest.mark.parametrize(
    ("variables", "detail"),
    [
        ({"OPENLINEAGE_URL": "https://h"}, "http, from OPENLINEAGE_URL"),
        (
            {"OPENLINEAGE__TRANSPORT__TYPE": "http", "OPENLINEAGE__TRANSPORT__URL": "https://h"},
            "http, from OPENLINEAGE__TRANSPORT",
        ),
        ({"OPENLINEAGE__TRANSPORT": json.dumps(SQS)}, f"{SQS['type']}, from OPENLINEAGE__TRANSPORT"),
        ({"OPENLINEAGE_CONFIG": "/absent", "OPENLINEAGE_URL": "https://h"}, "http, from OPENLINEAGE_URL"),
        ({"OPENLINEAGE_NAMESPACE": "prod"}, "is not set: Airflow sends nothing"),
    ],
)
def test_without_options_the_clients_own_variables_count(variables, detail):
    assert look(variables=variables)[CHECK].detail == detail


def test_the_file_of_the_client_counts_too(yaml_file):
    path = yaml_file("transport:\n  type: http\n  url: https://h\n")

    assert look(variables={"OPENLINEAGE_CONFIG": path})[CHECK].detail == "http, from OPENLINEAGE_CONFIG"


def test_variables_that_the_installed_provider_does_not_look_at_send_nothing():
    variables = {"OPENLINEAGE__TRANSPORT": json.dumps(SQS)}
    found = look(variables=variables, reads_nothing=True)[CHECK]

    assert found.verdict.value == "warn"
    assert "does not look at OPENLINEAGE__TRANSPORT alone" in found.detail
    assert "[openlineage] transport" in found.fix


def test_what_a_connection_holds_is_not_looked_at():
    assert look(SQS, config_conn_id="openlineage")[CHECK].verdict.value == "skip"


def test_what_is_neither_on_nor_off_is_reported():
    found = look(SQS, problem="[openlineage] disabled is neither true nor false")

    assert found["OpenLineage"].verdict.value == "fail"
    assert found[CHECK].verdict.value == "pass"


@pytest.mark.parametrize(
    ("transport", "verdict", "words"),
    [
        ({"type": "noop"}, "warn", "noop drops all events"),
        ({"type": "console"}, "warn", "console only prints events"),
        ({"type": "composite", "transports": [{"type": "console"}]}, "warn", "nothing is sent"),
        ({"type": "composite", "transports": [{"type": "console"}, SQS]}, "pass", "composite"),
        ({"type": DIRECT, "domain_id": DOMAIN}, "pass", DIRECT),
        ({"type": DIRECT, "domain_id": "dzd_other"}, "fail", "another domain"),
        ({"type": "amazon_datazone_api", "domainId": "dzd_other"}, "fail", "another domain"),
        ({"type": "composite", "transports": {"a": {"type": DIRECT, "domain_id": "dzd_b"}}}, "fail", "another domain"),
    ],
)
def test_whether_it_leads_to_the_catalog(transport, verdict, words):
    found = look(transport)[CHECK]

    assert found.verdict.value == verdict
    assert words in found.detail
    assert bool(found.fix) == (verdict != "pass")


def test_no_variable_is_shown():
    assert "geheim" not in repr(OpenLineageOptions("", False, variables={"OPENLINEAGE_API_KEY": "geheim"}))


HTTP = {"type": "http", "url": "https://h", "auth": {"type": "api_key", "apiKey": "${OPENLINEAGE_API_KEY}"}}


def test_a_key_that_airflow_has_put_in_is_not_in_clear():
    written = json.dumps(HTTP)
    found = list(check_openlineage(OpenLineageOptions(_with_key(written, "geheim"), False, written=written), None))

    assert [finding.verdict.value for finding in found] == ["pass"]


def test_where_a_key_was_written_is_not_known_it_is_not_said_to_be_in_clear():
    assert look(json.loads(_with_key(json.dumps(HTTP), "geheim")))[CHECK].verdict.value == "pass"


def test_a_key_that_is_written_in_clear_is_a_mistake():
    text = _with_key(json.dumps(HTTP), "geheim")
    (finding,) = check_openlineage(OpenLineageOptions(text, False, written=text), None)

    assert (finding.verdict.value, "in clear" in finding.fix) == ("fail", True)
    assert "geheim" not in repr(finding)


def test_a_variable_that_is_not_set_is_named():
    (finding,) = check_openlineage(OpenLineageOptions(json.dumps(HTTP), False, written=json.dumps(HTTP)), None)

    assert finding.verdict.value == "fail"
    assert "OPENLINEAGE_API_KEY, which is not set here" in finding.detail
    assert finding.fix.startswith("export OPENLINEAGE_API_KEY for all of Airflow's processes")


def test_a_variable_that_holds_nothing_is_no_key():
    (finding,) = check_openlineage(OpenLineageOptions(_with_key(json.dumps(HTTP), ""), False), None)

    assert finding.fix == "the API key is empty"


def _with_key(written, key):
    return written.replace("${OPENLINEAGE_API_KEY}", key)


def test_a_reference_that_nothing_expands_is_a_mistake(yaml_file):
    path, variables = yaml_file(json.dumps({"transport": HTTP})), {"OPENLINEAGE__TRANSPORT": json.dumps(HTTP)}

    for options in ({"config_path": path}, {"variables": variables}):
        found = look(**options)[CHECK]
        assert (found.verdict.value, "the variable OPENLINEAGE_API_KEY" in found.fix) == ("fail", True)
    exported = {"OPENLINEAGE__TRANSPORT": _with_key(json.dumps(HTTP), "geheim")}
    assert look(variables=exported)[CHECK].verdict.value == "pass"
    by_url = {"OPENLINEAGE_URL": "https://h", "OPENLINEAGE_API_KEY": "geheim"}
    assert look(variables=by_url)[CHECK].verdict.value == "pass"


def test_a_file_that_holds_the_bare_transport_names_none(yaml_file):
    found = look(config_path=yaml_file(json.dumps(SQS)))[CHECK]

    assert (found.verdict.value, 'under the key "transport"' in found.fix) == ("fail", True)


def verdicts(findings):
    return {finding.check: finding.verdict.value for finding in findings}


def fixes(findings):
    return " | ".join(finding.fix for finding in findings if finding.fix)


@pytest.mark.parametrize(
    ("transport", "disabled", "expected", "fix"),
    [
        (json.dumps(SQS), False, {"openlineage.transport": "pass"}, ""),
        ("", False, {"openlineage.transport": "warn"}, "dzlineage config"),
        (json.dumps(SQS), True, {"OpenLineage": "fail", "openlineage.transport": "pass"}, "disabled"),
        (
            json.dumps(SQS | {"queue_url": QUEUE_URL + "-2"}),
            False,
            {"openlineage.transport": "fail"},
            "one queue_url",
        ),
        (json.dumps({"kind": "http", "url": "https://x"}), False, {"openlineage.transport": "fail"}, "type"),
        (f"'{json.dumps(SQS)}'", False, {"openlineage.transport": "fail"}, "quotes"),
        (
            json.dumps({"type": "composite", "transports": [{"type": "console"}, SQS]}),
            False,
            {"openlineage.transport": "pass"},
            "",
        ),
    ],
)
def test_airflows_side(transport, disabled, expected, fix):
    findings = list(check_openlineage(OpenLineageOptions(transport, disabled), QUEUE_URL))

    assert verdicts(findings) == expected
    assert fix in fixes(findings)


def test_without_airflow_its_side_is_not_looked_at():
    assert verdicts(check_openlineage(None, QUEUE_URL)) == {"openlineage.transport": "skip"}
