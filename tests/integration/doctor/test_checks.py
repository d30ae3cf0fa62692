"""What each check finds, against a real SQS, the DataZone emulator and servers on loopback."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import boto3
import pytest
from botocore.config import Config

from airflow_provider_dzlineage.buffer.queue import Queue
from airflow_provider_dzlineage.catalog.client import CLIENT_CONFIG, Catalog
from airflow_provider_dzlineage.doctor import version_checks
from airflow_provider_dzlineage.doctor.canary import check_canary
from airflow_provider_dzlineage.doctor.clock_checks import check_clock
from airflow_provider_dzlineage.doctor.domain_checks import check_domain
from airflow_provider_dzlineage.doctor.endpoint_checks import check_endpoint
from airflow_provider_dzlineage.doctor.examination import examine
from airflow_provider_dzlineage.doctor.finding import Verdict, passed
from airflow_provider_dzlineage.doctor.openlineage_checks import OpenLineageOptions, check_openlineage
from airflow_provider_dzlineage.doctor.queue_checks import check_queue
from airflow_provider_dzlineage.doctor.settings_checks import check_settings
from airflow_provider_dzlineage.errors import ConfigurationError, QueueDeniedError, ThrottledError
from airflow_provider_dzlineage.forwarding.forwarder import Forwarder
from airflow_provider_dzlineage.lineage.filters import Filters, Globs
from airflow_provider_dzlineage.lineage.pipeline import Pipeline
from airflow_provider_dzlineage.settings import Settings, readable_settings

pytestmark = pytest.mark.integration

DOMAIN = "dzd_local"
QUEUE_URL = "https://sqs.eu-west-1.amazonaws.com/123456789012/openlineage"
TRANSPORT = {"type": "airflow_provider_dzlineage.transports.sqs.SqsTransport", "queue_url": QUEUE_URL}


def verdicts(findings):
    return {finding.check: finding.verdict.value for finding in findings}


def fixes(findings):
    return " | ".join(finding.fix for finding in findings if finding.fix)


def _sqs_at(url):
    return boto3.client("sqs", endpoint_url=url, config=Config(retries={"total_max_attempts": 1}))


@pytest.fixture
def catalog(datazone_client):
    return Catalog(datazone_client, DOMAIN)


@pytest.fixture
def server():
    """Start a server that answers every request with a status and a date."""
    started = []

    def start(status, date="Thu, 01 Jan 2026 00:00:00 GMT", error="AccessDeniedException", body=None, location=None):
        text = json.dumps(body or {"__type": error}).encode()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers["content-length"]))
                self.do_GET()

            def do_GET(self):
                self.send_response_only(status)
                self.send_header("date", date or self.date_time_string())
                self.send_header("x-amzn-errortype", error)
                if location:
                    self.send_header("location", location)
                self.send_header("content-length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        found = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=found.serve_forever, daemon=True).start()
        started.append(found)
        return f"http://127.0.0.1:{found.server_port}"

    yield start
    for each in started:
        each.shutdown()
        each.server_close()


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, {"setting queue_url": "fail", "setting domain_id": "fail"}),
        (
            {"queue_url": QUEUE_URL, "domain_id": "dzd_1"},
            {"setting queue_url": "pass", "setting domain_id": "pass"},
        ),
        ({"queue_url": QUEUE_URL, "domain_id": "1"}, {"setting queue_url": "pass", "setting domain_id": "fail"}),
        (
            {"queue_url": QUEUE_URL, "domain_id": "dzd_1", "region_name": "us-east-1"},
            {"setting queue_url": "pass", "Region of the queue": "fail", "setting domain_id": "pass"},
        ),
        (
            {"queue_url": QUEUE_URL, "domain_id": "dzd_1", "domain_region_name": "us-east-1"},
            {"setting queue_url": "pass", "setting domain_id": "pass", "Regions": "warn"},
        ),
    ],
)
def test_settings(settings, expected):
    assert verdicts(check_settings(Settings(**settings), {}, {"AWS_DEFAULT_REGION": "eu-west-1"})) == expected


def test_a_setting_that_is_wrong_is_told_once():
    settings, problems = readable_settings({"queue_url": "q", "domain_id": "dzd_1", "rate": "fast"}, environment={})

    found = list(check_settings(settings, problems, {}))

    assert verdicts(found) == {"setting queue_url": "fail", "setting rate": "fail", "setting domain_id": "pass"}
    assert found[1].detail == "must be a number, or unlimited"
    assert found[1].fix.endswith("a right example is '40'")


@pytest.mark.parametrize(
    ("transport", "disabled", "expected", "fix"),
    [
        (json.dumps(TRANSPORT), False, {"openlineage.transport": "pass"}, ""),
        ("", False, {"openlineage.transport": "warn"}, "dzlineage config"),
        (json.dumps(TRANSPORT), True, {"OpenLineage": "fail", "openlineage.transport": "pass"}, "disabled"),
        (
            json.dumps(TRANSPORT | {"queue_url": QUEUE_URL + "-2"}),
            False,
            {"openlineage.transport": "fail"},
            "one queue_url",
        ),
        (json.dumps({"kind": "http", "url": "https://x"}), False, {"openlineage.transport": "fail"}, "type"),
        (f"'{json.dumps(TRANSPORT)}'", False, {"openlineage.transport": "fail"}, "quotes"),
        (
            json.dumps({"type": "composite", "transports": [{"type": "console"}, TRANSPORT]}),
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


@pytest.mark.parametrize("fifo", [False, True])
def test_a_good_queue(make_queue, fifo):
    queue = make_queue(fifo=fifo, dead_letters=True, VisibilityTimeout="120", MessageRetentionPeriod="1209600")
    found = verdicts(check_queue(queue, None))

    assert (found["queue"], found["queue's permissions"], found["dead-letter queue"]) == ("pass", "pass", "pass")
    assert queue.state().backlog == 0
    assert "fail" not in found.values()


def test_a_queue_that_could_lose_something(make_queue):
    findings = list(check_queue(make_queue(VisibilityTimeout="5", MessageRetentionPeriod="60"), None))

    assert verdicts(findings)["queue's settings"] == "warn"
    assert len([finding for finding in findings if finding.check == "queue's settings"]) == 3


def test_dead_letters_that_wait_are_told(make_queue, sqs):
    queue = make_queue(dead_letters=True)
    sqs.send_message(QueueUrl=queue.dead_letter_queue().url, MessageBody="x")

    assert verdicts(check_queue(queue, None))["dead letters"] == "warn"


def test_a_queue_that_is_not_there_says_what_to_check(sqs, ministack):
    queue = Queue(sqs, f"{ministack.endpoint_url}/000000000000/absent")
    (finding,) = examine({"queue": lambda: check_queue(queue, None)})

    assert finding.verdict is Verdict.FAIL
    assert finding.fix


@pytest.mark.parametrize(
    ("denied", "role"), [({"SendMessage"}, "send events"), ({"ReceiveMessage", "DeleteMessage"}, "forward events")]
)
def test_a_role_that_only_sends_or_only_forwards_is_warned(make_queue, monkeypatch, denied, role):
    call = Queue.call

    def denying(self, operation, **parameters):
        if operation.removesuffix("Batch") in denied:
            raise QueueDeniedError("no")
        return call(self, operation, **parameters)

    monkeypatch.setattr(Queue, "call", denying)
    findings = list(check_queue(make_queue(dead_letters=True), None))

    assert verdicts(findings)["queue's permissions"] == "warn"
    assert f"if it is to {role} too" in fixes(findings)


@pytest.mark.parametrize(("also", "verdict"), [(set(), "fail"), ({"ReceiveMessage"}, "warn")])
def test_a_role_that_may_not_dead_letter_is_told(make_queue, monkeypatch, also, verdict):
    queue = make_queue(dead_letters=True)
    dead, call = queue.dead_letter_queue().url, Queue.call

    def denying(self, operation, **parameters):
        if operation in also or (self.url == dead and operation == "SendMessageBatch"):
            raise QueueDeniedError("no")
        return call(self, operation, **parameters)

    monkeypatch.setattr(Queue, "call", denying)
    findings = list(check_queue(queue, None))

    assert verdicts(findings)["dead-letter queue's permissions"] == verdict
    assert "allow sqs:SendMessage on the dead-letter queue" in fixes(findings)
    assert Queue(queue._client, dead).state().backlog == 0


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

    told = fixes(check_domain(complete))

    assert "datazone:GetDomain" in told
    assert "datazone:ListLineageEvents" in told
    assert "datazone:PostLineageEvent" in told


def test_denied_actions_on_the_queue_are_named(server):
    findings = list(check_queue(Queue(_sqs_at(server(403, error="AccessDenied")), QUEUE_URL), None))

    assert verdicts(findings) == {"queue": "fail", "queue's permissions": "fail"}
    assert "allow the action sqs:GetQueueAttributes" in fixes(findings)
    for action in ("SendMessage", "ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility"):
        assert f"sqs:{action}," in fixes(findings).replace(" on", ",")
    assert "Batch" not in fixes(findings)


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

    assert findings[0].verdict is Verdict.PASS
    assert findings[1].verdict.value == verdict
    assert fix in findings[1].fix


def test_an_endpoint_of_ours_without_keys_says_that_everybody_may_write(server):
    body = {"error": "not_an_event", "detail": "required property 'run' is missing", "pointer": ""}
    findings = list(check_endpoint(server(400, body=body)))

    assert (findings[1].check, findings[1].detail) == ("endpoint's authentication", "everybody may write")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_where_an_endpoint_sends_on_to_is_told_and_not_followed(server, status):
    there = server(200)
    findings = list(check_endpoint(server(status, location=f"{there}/elsewhere?token=geheim")))

    assert findings[1].verdict is Verdict.FAIL
    assert f"{status} and sends on to {there}/elsewhere, " in findings[1].detail
    assert "geheim" not in repr(findings)


def test_the_path_of_the_endpoint_is_the_one_that_producers_get(server):
    url = server(404)

    for path in ("", "/api/v1", "/api/v1/lineage/"):
        assert "at /api/v1/lineage" in list(check_endpoint(url + path))[1].detail


def test_an_endpoint_that_is_away_or_speaks_plain_http():
    assert verdicts(check_endpoint("http://127.0.0.1:9"))["endpoint"] == "fail"
    assert next(iter(check_endpoint("http://lineage.invalid"))).verdict is Verdict.FAIL


@pytest.fixture
def certificate(tmp_path):
    """A certificate that nobody but itself has signed, with its key."""
    path = tmp_path / "self-signed.pem"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost -keyout - -out -"
    path.write_bytes(subprocess.run(command.split(), capture_output=True, check=True).stdout)
    return path


def test_a_certificate_that_is_not_valid_is_no_pass(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    found = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    found.socket = context.wrap_socket(found.socket, server_side=True)
    threading.Thread(target=found.serve_forever, daemon=True).start()
    (finding,) = check_endpoint(f"https://127.0.0.1:{found.server_port}")
    found.shutdown()
    found.server_close()

    assert (finding.check, finding.verdict) == ("endpoint's TLS", Verdict.FAIL)
    assert "self-signed" in finding.detail.replace("self signed", "self-signed")
    assert "certificate" in finding.fix


def test_a_port_without_tls_is_no_pass(server):
    (finding,) = check_endpoint(server(401).replace("http://", "https://"))

    assert (finding.check, finding.verdict) == ("endpoint's TLS", Verdict.FAIL)


@pytest.mark.parametrize(
    "url",
    [
        *("lineage.example.com", "lineage.example.com:8443/api/v1/lineage", "ftp://x"),
        *("https:/x", "https://[x", "https://h:abc"),
    ],
)
def test_an_endpoint_without_a_scheme_says_so(url):
    (finding,) = check_endpoint(url)

    assert finding.verdict is Verdict.FAIL
    assert "https://" in finding.fix


def test_the_clock(server, ministack):
    assert verdicts(check_clock(server(403)))["clock"] == "fail"
    assert verdicts(check_clock(server(200, date="")))["clock"] == "pass"
    assert verdicts(check_clock("http://127.0.0.1:9"))["clock"] == "skip"


def test_what_is_no_clock_is_no_bug_of_ours(server):
    with socket.create_server(("127.0.0.1", 0)) as other:

        def talk():
            peer, _ = other.accept()
            with peer:
                peer.recv(1000)
                peer.sendall(b"220 mail.example.com\r\n\r\n")

        threading.Thread(target=talk, daemon=True).start()
        (finding,) = check_clock(f"http://127.0.0.1:{other.getsockname()[1]}")

    assert (finding.verdict, "BadStatusLine" in finding.detail) == (Verdict.SKIP, True)
    assert "cannot be read" in next(iter(check_clock(server(200, date="yesterday")))).detail


def test_versions(monkeypatch):
    assert "fail" not in verdicts(version_checks.check_versions()).values()
    monkeypatch.setattr(version_checks, "_version", lambda name: "1.0.0")

    found = verdicts(version_checks.check_versions())

    assert found["boto3"] == "fail"
    assert found["openlineage-python"] == "warn"


def test_what_hangs_is_given_up_and_what_raises_is_told():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        started = time.monotonic()
        findings = list(
            examine(
                {
                    "silent": lambda: check_endpoint(url),
                    "mistaken": lambda: [1 / 0],
                    "set wrongly": lambda: (_ for _ in ()).throw(ConfigurationError("x -- To fix: do y")),
                    "fine": lambda: [passed("fine")],
                },
                seconds=1,
            )
        )

    assert time.monotonic() - started < 5
    assert verdicts(findings) == {"silent": "fail", "mistaken": "fail", "set wrongly": "fail", "fine": "pass"}
    assert "do y" in fixes(findings)


def test_a_canary_outlasts_a_throttled_answer(make_queue, catalog, monkeypatch):
    queue = make_queue(dead_letters=True)
    listed, list_events = [], catalog.list_events

    def throttled_at_first(**filters):
        listed.append(filters)
        if len(listed) == 1:
            raise ThrottledError("ListLineageEvents: ThrottlingException", "ThrottlingException")
        return list_events(**filters)

    monkeypatch.setattr(catalog, "list_events", throttled_at_first)
    findings = list(
        check_canary(queue, catalog, Pipeline(), 20, lambda _: Forwarder(queue, None, catalog, Settings()).drain(5))
    )

    assert verdicts(findings) == {"canary: sending": "pass", "canary: catalog": "pass"}


def test_a_canary_of_which_the_catalog_says_nothing_names_the_trouble(make_queue, catalog, monkeypatch):
    def throttled(**_):
        raise ThrottledError("ListLineageEvents: ThrottlingException", "ThrottlingException")

    monkeypatch.setattr(catalog, "list_events", throttled)
    findings = list(check_canary(make_queue(), catalog, Pipeline(), 0.2, wait=lambda _: time.sleep(0.05)))

    assert verdicts(findings)["canary: catalog"] == "fail"
    assert "Throttling" in findings[-1].detail


@pytest.mark.parametrize("fifo", [False, True])
def test_a_canary_reaches_the_catalog(make_queue, catalog, fifo):
    queue = make_queue(fifo=fifo, dead_letters=True)

    def drain(_):
        Forwarder(queue, None, catalog, Settings()).drain(5)

    findings = list(check_canary(queue, catalog, Pipeline(), 20, wait=drain))

    assert verdicts(findings) == {"canary: sending": "pass", "canary: catalog": "pass"}


def test_a_canary_that_nobody_forwards_says_what_to_turn_on(make_queue, catalog):
    findings = list(check_canary(make_queue(), catalog, Pipeline(), 0.2, wait=lambda _: time.sleep(0.05)))

    assert verdicts(findings)["canary: forwarding"] == "fail"
    assert "forwarding DAG" in fixes(findings)


@pytest.mark.parametrize(
    ("filters", "reason"),
    [
        (Filters(job_namespaces=Globs(include=["prod-*"])), "filtered_job_namespace"),
        (Filters(dataset_namespaces=Globs(include=["redshift://*"])), "filtered_dataset_namespace"),
    ],
)
def test_a_canary_that_the_site_skips_is_not_sent(make_queue, catalog, filters, reason):
    queue = make_queue()
    findings = list(check_canary(queue, catalog, Pipeline(filters=filters), 20))

    assert verdicts(findings) == {"canary": "skip"}
    assert reason in findings[0].detail
    assert "dzlineage.canary" in findings[0].detail
    assert queue.state().backlog == 0
