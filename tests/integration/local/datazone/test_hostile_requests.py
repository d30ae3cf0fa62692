"""Whatever a client sends, the emulator answers as AWS would and goes on; no client library stands in between."""

from __future__ import annotations

import http.client
import json
import threading
import time

import pytest

from airflow_provider_dzlineage.local.datazone import DataZoneEmulator, Faults

SIGNATURE = {
    "authorization": "AWS4-HMAC-SHA256 Credential=key/20260101/us-east-1/datazone/aws4_request, "
    "SignedHeaders=host, Signature=none"
}
LINEAGE = "/v2/domains/dzd_local/lineage"
UNLIMITED = Faults(rate=float("inf"), processing_seconds=0)


def ask(emulator, method, path, body=None, headers=SIGNATURE):
    """(HTTP status, error type, headers, body) of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", emulator.port, timeout=20)
    connection.request(method, path, body=body, headers=headers)
    response = connection.getresponse()
    text = response.read()
    connection.close()
    return response.status, response.getheader("x-amzn-errortype"), response.headers, text


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        *(
            ("GET", f"{LINEAGE}{rest}", None)
            for rest in (
                "/nodes/a?timestamp=banana",
                "/nodes/a?timestamp=99999999999999999",
                "/nodes/a?timestamp=",
                "/nodes/a/history?maxResults=0",
                "/nodes/a/history?direction=SIDEWAYS",
                "/events?timestampAfter=1e400",
                "/events?maxResults=51",
                "/events?maxResults=x",
                "/events?nextToken=zzzz",
                "/events?nextToken=LTU=",
                "/events?nextToken=" + "9" * 8_000,
                "/events/UPPER",
            )
        ),
        *(
            ("POST", "/v2/domains", body)
            for body in (
                b"{",
                b"[]",
                b"\xff\xfe",
                b"[" * 100_000,
                b"{}",
                b'{"name": 5}',
                b'{"name": "a", "tags": [1]}',
                b'{"name": "a", "tags": {"k": 3}}',
                b'{"name": "a", "singleSignOn": 7}',
                b'{"name": "a", "domainVersion": ["V1"]}',
            )
        ),
    ],
)
def test_a_wrong_request_is_refused_as_invalid(datazone_emulator, method, path, body):
    status, error_type, _, text = ask(datazone_emulator, method, path, body)

    assert (status, error_type) == (400, "ValidationException")
    assert json.loads(text)["message"]


@pytest.mark.parametrize(
    "changes",
    [
        {"eventTime": "0001-01-01T00:00:00+14:00"},
        {"eventTime": "9999-12-31T23:59:59-14:00"},
        {"job": {"namespace": "tests", "name": "half a character: \ud800"}},
    ],
)
def test_an_event_that_could_never_be_shown_is_refused_and_harms_no_other(datazone_emulator, make_event, changes):
    hostile, good = (json.dumps(make_event(**some)).encode() for some in (changes, {}))

    refusal = ask(datazone_emulator, "POST", f"{LINEAGE}/events", hostile)
    acceptance = ask(datazone_emulator, "POST", f"{LINEAGE}/events", good)
    listing = ask(datazone_emulator, "GET", f"{LINEAGE}/events")

    assert refusal[:2] == (400, "ValidationException")
    assert (acceptance[0], listing[0]) == (200, 200)
    assert [item["processingStatus"] for item in json.loads(listing[3])["items"]] == ["SUCCESS"]


def test_who_does_not_sign_is_denied(datazone_emulator):
    assert ask(datazone_emulator, "GET", f"{LINEAGE}/events", headers={})[:2] == (403, "AccessDeniedException")


@pytest.mark.parametrize("path", ["/nope", f"{LINEAGE}/nodes/", f"{LINEAGE}/nodes/a/b", "/_emulator/nope"])
def test_what_is_not_there_is_said_to_be_unknown(datazone_emulator, path):
    assert ask(datazone_emulator, "GET", path)[:2] == (404, "UnknownOperationException")


def test_times_in_headers_are_http_dates(datazone_emulator, make_event):
    posted = ask(datazone_emulator, "POST", f"{LINEAGE}/events", json.dumps(make_event()).encode())

    headers = ask(datazone_emulator, "GET", f"{LINEAGE}/events/{json.loads(posted[3])['id']}")[2]

    assert headers["event-time"] == "Fri, 02 Jan 2026 03:04:05 GMT"


# One after the other, they would take 40 seconds.
@pytest.mark.timeout(30)
def test_latency_delays_each_answer_and_holds_up_no_other(make_event):
    bodies = [json.dumps(make_event()).encode() for _ in range(40)]
    with DataZoneEmulator(faults=Faults(rate=float("inf"), latency_seconds=1.0)) as emulator:
        statuses = []
        threads = [
            threading.Thread(target=lambda b=body: statuses.append(ask(emulator, "POST", f"{LINEAGE}/events", b)[0]))
            for body in bodies
        ]
        started = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.monotonic() - started

    assert statuses == [200] * 40
    # Less than it cannot be, however busy the machine is.
    assert seconds >= 1.0


def test_a_read_sees_everything_that_was_due(make_event):
    with DataZoneEmulator(faults=UNLIMITED) as emulator:
        for number in range(120):
            ask(emulator, "POST", f"{LINEAGE}/events", json.dumps(make_event(job_name=f"job{number}")).encode())

        statuses = {ask(emulator, "GET", f"{LINEAGE}/nodes/tests.job{number}")[0] for number in (0, 119)}

    assert statuses == {200}
