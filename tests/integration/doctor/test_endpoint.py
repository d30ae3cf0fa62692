"""Checks of the HTTP endpoint, against servers on loopback."""

from __future__ import annotations

import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from airflow_provider_dzlineage.doctor.endpoint import check_endpoint
from airflow_provider_dzlineage.doctor.finding import CheckVerdict
from tests.fixtures.waiting import POLL_SECONDS


def verdicts(findings):
    return {finding.check: finding.verdict.value for finding in findings}


@pytest.mark.parametrize(
    ("status", "verdict", "fix"),
    [
        *((401, "pass", ""), (403, "warn", "meant"), (400, "fail", "scheme"), (404, "fail", "path")),
        *((503, "warn", "log"), (502, "fail", "runs there"), (504, "fail", "runs there")),
        *((200, "fail", "serve"), (202, "fail", "serve")),
    ],
)
def test_the_endpoints_authentication(server, status, verdict, fix):
    findings = list(check_endpoint(server(status)))

    assert findings[0].verdict is CheckVerdict.PASS
    assert findings[1].verdict.value == verdict
    assert fix in findings[1].fix


def test_an_endpoint_of_ours_without_keys_says_that_everybody_may_write(server):
    body = {"error": "not_an_event", "detail": "required property 'run' is missing", "pointer": ""}
    findings = list(check_endpoint(server(400, body=body)))

    assert (findings[1].check, findings[1].detail) == ("endpoint's authentication", "everybody may write")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_where_an_endpoint_sends_on_to_is_reported_and_not_followed(server, status):
    there = server(200)
    findings = list(check_endpoint(server(status, location=f"{there}/elsewhere?token=geheim")))

    assert findings[1].verdict is CheckVerdict.FAIL
    assert f"{status} and sends on to {there}/elsewhere, " in findings[1].detail
    assert "geheim" not in repr(findings)


def test_the_path_of_the_endpoint_is_the_one_that_producers_get(server):
    url = server(404)

    for path in ("", "/api/v1", "/api/v1/lineage/"):
        assert "at /api/v1/lineage" in list(check_endpoint(url + path))[1].detail


def test_an_endpoint_that_is_away_or_speaks_plain_http():
    assert verdicts(check_endpoint("http://127.0.0.1:9"))["endpoint"] == "fail"
    assert next(iter(check_endpoint("http://lineage.invalid"))).verdict is CheckVerdict.FAIL


@pytest.fixture
def certificate(tmp_path):
    """A self-signed certificate, with its key."""
    path = tmp_path / "self-signed.pem"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost -keyout - -out -"
    path.write_bytes(subprocess.run(command.split(), capture_output=True, check=True).stdout)
    return path


def test_a_certificate_that_is_not_valid_is_no_pass(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    found = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    found.socket = context.wrap_socket(found.socket, server_side=True)
    threading.Thread(target=found.serve_forever, args=(POLL_SECONDS,), daemon=True).start()
    (finding,) = check_endpoint(f"https://127.0.0.1:{found.server_port}")
    found.shutdown()
    found.server_close()

    assert (finding.check, finding.verdict) == ("endpoint's TLS", CheckVerdict.FAIL)
    assert "self-signed" in finding.detail.replace("self signed", "self-signed")
    assert "certificate" in finding.fix


def test_a_port_without_tls_is_no_pass(server):
    (finding,) = check_endpoint(server(401).replace("http://", "https://"))

    assert (finding.check, finding.verdict) == ("endpoint's TLS", CheckVerdict.FAIL)


@pytest.mark.parametrize(
    "url",
    [
        *("lineage.example.com", "lineage.example.com:8443/api/v1/lineage", "ftp://x"),
        *("https:/x", "https://[x", "https://h:abc"),
    ],
)
def test_an_endpoint_without_a_scheme_says_so(url):
    (finding,) = check_endpoint(url)

    assert finding.verdict is CheckVerdict.FAIL
    assert "https://" in finding.fix
