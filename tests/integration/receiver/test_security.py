"""What somebody with bad intentions may try on `dzlineage serve`; the list of it is in the receiver's README."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import hmac
import json
import resource
import select
import socket
import struct
import zlib
from contextlib import suppress

import psutil
import pytest
import requests

from airflow_provider_dzlineage.receiver import keys as keys_module
from airflow_provider_dzlineage.receiver.keys import find_key, parse_keys
from tests.fixtures.endpoints import Served
from tests.fixtures.receiver import KEY
from tests.fixtures.waiting import eventually

PATH = "/api/v1/lineage"
HEADERS = {"content-type": "application/json", "authorization": f"Bearer {KEY}"}
CONNECTIONS = 10_000
MIB = 1024 * 1024


@pytest.fixture(scope="module", params=["standard"])
def queue_url(request, sqs_of_module):
    """One kind of queue is enough here."""
    return sqs_of_module.create_queue(QueueName="security")["QueueUrl"]


@pytest.fixture(scope="module")
def served(variables):
    """The endpoint, which waits a second for a body."""
    with Served(variables | {"DZLINEAGE_BODY_SECONDS": "1"}) as running:
        yield running


def raw(served, data, *, wait=20.0):
    """Send bytes as they are, and return what comes back until the connection ends."""
    received = b""
    with socket.create_connection(served.address, timeout=wait) as connection:
        try:
            connection.sendall(data)
            while chunk := connection.recv(65_536):
                received += chunk
        except (TimeoutError, ConnectionError):
            pass
    return received


def head(*lines, path=PATH):
    first = [f"POST {path} HTTP/1.1", "Host: x", f"Authorization: Bearer {KEY}", "Content-Type: application/json"]
    return ("\r\n".join([*first, *lines]) + "\r\n\r\n").encode("latin-1")


def test_every_key_is_compared_whichever_fits(monkeypatch):
    keys = parse_keys(",".join(f"k{number}={'x' * 16}{number}" for number in range(5)), "the test")
    compared = []
    same = hmac.compare_digest
    monkeypatch.setattr(keys_module.hmac, "compare_digest", lambda a, b: compared.append(b) or same(a, b))

    for text in (f"{'x' * 16}0", f"{'x' * 16}4", "wrong"):
        compared.clear()
        find_key([text], keys)
        assert compared == [key.digest for key in keys]


def test_keys_are_kept_as_digests_only():
    (key,) = parse_keys(f"all={KEY}", "the test")

    assert key.digest == hashlib.sha256(KEY.encode()).digest()
    assert KEY not in repr(key)


def test_keys_rotate_without_a_restart_and_a_revoked_one_is_refused(variables, make_event, tmp_path):
    file = tmp_path / "keys"
    new = "n" * 20
    file.write_text(f"old={KEY}\n")
    without = {name: value for name, value in variables.items() if name != "DZLINEAGE_API_KEYS"}
    body = json.dumps(make_event()).encode()

    with Served({**without, "DZLINEAGE_API_KEYS_FILE": str(file)}) as endpoint:

        def status(key):
            return endpoint.ask("POST", PATH, {**HEADERS, "authorization": f"Bearer {key}"}, body).status

        def becomes(key, expected):
            eventually(lambda: status(key) == expected)

        assert (status(KEY), status(new)) == (200, 401)
        file.write_text(f"old={KEY}\nnew={new}\n")
        becomes(new, 200)
        assert status(KEY) == 200
        file.write_text(f"new={new}\n")
        becomes(KEY, 401)
        file.write_text("this is no list of keys")
        logged = ""
        while "API keys stay as they were" not in logged:
            logged = endpoint.process.stderr.readline()
        assert status(new) == 200


@pytest.mark.parametrize("arguments", [(), ("--api-keys-file", "/no/such/file")])
def test_without_any_key_it_does_not_start(variables, arguments):
    without = {name: value for name, value in variables.items() if name != "DZLINEAGE_API_KEYS"}

    with pytest.raises(AssertionError, match=r"(?s)--no-auth|api_keys_file|cannot be read"):
        Served(without, *arguments).__enter__()


def test_a_gzip_bomb_costs_little(served):
    squeeze = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    block = squeeze.compress(b" " * MIB) + squeeze.flush(zlib.Z_FULL_FLUSH)
    trailer = squeeze.flush() + struct.pack("<II", 0, 2_000 * MIB)
    bomb = gzip.compress(b"")[:10] + block * 2_000 + trailer
    process = psutil.Process(served.process.pid)
    before = process.memory_info().rss

    answer = served.ask("POST", PATH, {**HEADERS, "content-encoding": "gzip"}, bomb)

    assert (answer.status, "retry-after" in answer.headers) == (413, False)
    assert process.memory_info().rss - before < 120 * MIB


@pytest.mark.parametrize("text", [b"[" * 10_000_000, b'{"a":' * 2_000_000, b"[" * 5_000_000 + b"]" * 5_000_000])
def test_ten_megabytes_of_nesting(served, text):
    answer = served.ask("POST", PATH, HEADERS, text)

    assert answer.status == 400
    assert served.ask("GET", "/health", {}).status == 200


def test_a_number_beyond_all_numbers_is_told_where(served, make_event):
    event = make_event()
    event["run"]["facets"] = {"x": {"y": [0]}}
    text = json.dumps(event).replace("[0]", "[1e9999]").encode()

    answer = served.ask("POST", PATH, HEADERS, text)

    assert answer.status == 400
    assert json.loads(answer.body)["pointer"] == "/run/facets/x/y/0"


def test_of_duplicate_keys_one_is_stored(served, make_event, queued):
    text = json.dumps(make_event("first")).replace('"name": "first"', '"name": "first", "name": "second"').encode()

    assert served.ask("POST", PATH, HEADERS, text).status == 200
    assert [event["job"]["name"] for event in queued()] == ["second"]


@pytest.mark.parametrize(
    "lines",
    [
        ("Content-Length: 2", "Transfer-Encoding: chunked"),
        ("Content-Length: 2", "Content-Length: 3"),
        ("Content-Length: 2, 3",),
        ("Content-Length: +2",),
        ("Content-Length: 0x2",),
        ("Content-Length: -1",),
        ("Transfer-Encoding: chunked, identity",),
        ("Transfer-Encoding: xchunked",),
        ("Transfer-Encoding : chunked",),
        ("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
        ("X: a\rb",),
        ("X: a\x00b",),
    ],
    ids=str,
)
def test_what_two_servers_could_read_differently_is_refused(served, queued, make_event, lines):
    event = json.dumps(make_event("smuggled")).encode()
    smuggled = head(f"Content-Length: {len(event)}") + event

    received = raw(served, head(*lines) + b"{}" + smuggled)

    assert received.startswith((b"HTTP/1.1 400", b"HTTP/1.1 501")), received[:100]
    assert received.count(b"HTTP/1.1 ") == 1
    assert queued() == []


def test_chunked_bodies_are_read_and_bounded(served, queued, make_event):
    event = json.dumps(make_event("chunked")).encode()
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (event[:10], event[10:])) + b"0\r\n\r\n"

    received = raw(served, head("Transfer-Encoding: chunked", "Connection: close") + chunks)

    assert received.startswith(b"HTTP/1.1 200")
    assert [event["job"]["name"] for event in queued()] == ["chunked"]
    endless = b"".join(b"100000\r\n" + b" " * 0x100000 + b"\r\n" for _ in range(12))
    assert raw(served, head("Transfer-Encoding: chunked") + endless).startswith(b"HTTP/1.1 413")


def test_a_body_that_ends_too_early_is_not_taken(served, queued, make_event):
    event = json.dumps(make_event()).encode()
    with socket.create_connection(served.address) as connection:
        connection.sendall(head(f"Content-Length: {len(event) + 10}") + event)

    # Answered behind it.
    assert served.ask("POST", PATH, HEADERS, json.dumps(make_event("after")).encode()).status == 200
    assert [event["job"]["name"] for event in queued()] == ["after"]


def test_slow_bodies_are_cut_off(served):
    assert raw(served, head("Content-Length: 1000") + b"{").startswith(b"HTTP/1.1 408")


@pytest.mark.parametrize(("key", "status"), [(KEY, 413), ("wrong", 401)])
def test_an_answer_that_comes_before_the_body_reaches_the_client(served, key, status):
    """As Python's http.client, which sends all of a body before it reads."""
    body = b" " * 60_000_000

    answer = served.ask("POST", PATH, {**HEADERS, "authorization": f"Bearer {key}"}, body)

    assert answer.status == status
    assert answer.headers["connection"] == "close"


def test_another_client_sees_it_too(served):
    answer = requests.post(f"{served.url}{PATH}", b" " * 60_000_000, headers=HEADERS, timeout=30)

    assert (answer.status_code, answer.json()["error"]) == (413, "too_large")


def test_a_client_that_never_stops_sending_is_cut_off(served):
    received, sent = b"", 0
    with socket.create_connection(served.address, timeout=30) as connection:
        connection.sendall(head("Transfer-Encoding: chunked"))
        with suppress(ConnectionError):
            while sent < 400 * MIB:
                connection.sendall(b"%x\r\n%b\r\n" % (MIB, b" " * MIB))
                sent += MIB
                if select.select([connection], [], [], 0)[0]:
                    received += connection.recv(65_536)

    assert received.startswith(b"HTTP/1.1 413")
    assert sent < 300 * MIB


def test_who_expects_to_be_asked_for_a_body_is_answered_at_once(served):
    received = raw(served, head("Content-Length: 60000000", "Expect: 100-continue"))

    assert received.startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize("lines", [[f"X{number}: y" for number in range(101)], [f"X: {'y' * 20_000}"]])
def test_heads_are_bounded(served, lines):
    assert raw(served, head("Content-Length: 2", *lines) + b"{}").startswith((b"HTTP/1.1 431", b"HTTP/1.1 400"))


@pytest.mark.parametrize("endless", [head()[:-2] + b"X: ", head("Transfer-Encoding: chunked") + b"0\r\nX: "])
def test_a_header_without_end_costs_little(served, endless):
    process = psutil.Process(served.process.pid)
    before = process.memory_info().rss
    sent = 0
    with socket.create_connection(served.address, timeout=20) as connection, suppress(OSError):
        connection.sendall(endless)
        while sent < 100 * MIB:
            connection.sendall(b"y" * 65_536)
            sent += 65_536

    assert sent < 60 * MIB
    assert process.memory_info().rss - before < 120 * MIB
    assert served.ask("GET", "/health", {}).status == 200


@pytest.mark.parametrize("in_parts", [False, True])
def test_an_offer_to_change_the_protocol_is_ignored(served, queued, make_event, in_parts):
    """As newer clients of Java make it with each request."""
    offer = ("Connection: Upgrade, keep-alive", "Upgrade: TLS/1.2")
    with socket.create_connection(served.address, timeout=5) as connection:
        for name in ("one", "two", "three"):
            event = json.dumps(make_event(name)).encode()
            parts = [f"Content-Length: {len(event)}", event]
            if name == "two":
                parts = ["Transfer-Encoding: chunked", b"%x\r\n%b\r\n0\r\n\r\n" % (len(event), event)]
            connection.sendall(head(parts[0], *offer) + parts[1][:20])
            if in_parts:
                # Read before the rest is sent.
                assert served.ask("GET", "/health", {}).status == 200
            connection.sendall(parts[1][20:])
            assert connection.recv(65_536).startswith(b"HTTP/1.1 200")
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
        assert connection.recv(65_536).startswith(b"HTTP/1.1 200")

    assert sorted(event["job"]["name"] for event in queued()) == ["one", "three", "two"]


def test_requests_that_do_not_wait_for_answers_are_answered_in_their_order(served, queued, make_event):
    requests = b""
    for name in ("one", "two", "three"):
        event = json.dumps(make_event(name)).encode()
        requests += head(f"Content-Length: {len(event)}") + event

    received = raw(served, requests + b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")

    assert received.count(b"HTTP/1.1 200") == 4
    assert received.endswith(b'{"status":"ok"}')
    assert sorted(event["job"]["name"] for event in queued()) == ["one", "three", "two"]


@pytest.mark.parametrize(
    "path",
    [
        *("//api/v1/lineage", "/api/v1//lineage", "/api/v1/../v1/lineage", "/api/v1/./lineage", "/API/v1/lineage"),
        *("/api/v1/lineage%2fbatch", "/api/v1/%6cineage", "/api/v1/lineage;x", "/api/v1/lineage%00", "/health/../x"),
    ],
)
def test_only_the_very_paths_are_served(served, make_event, path):
    assert served.ask("POST", path, HEADERS, json.dumps(make_event()).encode()).status == 404


def test_a_target_with_scheme_and_host_is_its_path(served, queued, make_event):
    event = json.dumps(make_event("absolute")).encode()
    lines = (f"Content-Length: {len(event)}", "Connection: close")

    taken = raw(served, head(*lines, path=f"HTTP://lineage.example.com:8080{PATH}") + event)
    other = raw(served, head(*lines, path=f"http://lineage.example.com/x{PATH}") + event)

    assert taken.startswith(b"HTTP/1.1 200")
    assert other.startswith(b"HTTP/1.1 404")
    assert [event["job"]["name"] for event in queued()] == ["absolute"]


def test_logs_hold_nothing_of_requests(variables, make_event):
    secret = "geheim-" + "z" * 20
    event = make_event(f"{secret}\r\nERROR forged line")
    bodies = [json.dumps(event).encode(), json.dumps({**event, "run": secret}).encode(), secret.encode()]
    with Served(variables) as endpoint:
        for body in bodies:
            for authorization in (f"Bearer {KEY}", f"Bearer {secret}"):
                answer = endpoint.ask("POST", PATH, {**HEADERS, "authorization": authorization, "x-a": secret}, body)
                assert secret.encode() not in answer.body
                assert secret not in str(answer.headers)
        endpoint.ask("POST", f"/{secret}", HEADERS, b"{}")
        logged = endpoint.stop()

    assert secret not in logged
    assert KEY not in logged
    assert "forged" not in logged


def test_ten_thousand_connections_do_not_stop_it(served, make_event):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < CONNECTIONS + 500:
        pytest.skip(f"this system allows {hard} open files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, CONNECTIONS + 500), hard))

    async def crowd():
        async def one():
            try:
                return await asyncio.wait_for(asyncio.open_connection(*served.address), 20)
            except (OSError, asyncio.TimeoutError):
                return None

        held = [each for _ in range(20) for each in await asyncio.gather(*(one() for _ in range(CONNECTIONS // 20)))]
        event = json.dumps(make_event("in the crowd")).encode()
        answer = await asyncio.to_thread(served.ask, "POST", PATH, HEADERS, event)
        for each in filter(None, held):
            each[1].close()
        return answer, len([each for each in held if each])

    answer, opened = asyncio.run(crowd())

    assert answer.status == 200
    assert opened > CONNECTIONS * 0.9


def test_zipped_members_that_follow_are_refused(served, make_event):
    body = gzip.compress(json.dumps(make_event()).encode()) + gzip.compress(b"{}")

    assert served.ask("POST", PATH, {**HEADERS, "content-encoding": "gzip"}, body).status == 400
