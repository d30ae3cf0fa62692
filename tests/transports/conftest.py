"""Events as the OpenLineage client has them, transports as it makes them, and servers that misbehave."""

from __future__ import annotations

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from openlineage.client.event_v2 import Dataset, Job, Run, RunEvent, RunState

TYPE = "airflow_provider_dzlineage.transports.sqs.SqsTransport"
DATAZONE_TYPE = "airflow_provider_dzlineage.transports.datazone.DataZoneTransport"
DOMAIN = "dzd_local"


@pytest.fixture
def ol_event():
    """An event as the OpenLineage client has it."""

    def make(name="load", namespace="tests", **changes):
        return RunEvent(
            eventType=RunState.COMPLETE,
            eventTime="2026-01-02T03:04:05Z",
            run=Run(runId="0191c0de-0000-7000-8000-000000000001", **changes),
            job=Job(namespace=namespace, name=name),
            producer="https://example.com",
            inputs=[Dataset("s3://lake", "raw/orders")],
        )

    return make


@pytest.fixture
def transport():
    """Make the transport as the OpenLineage client does, from its configuration."""
    from openlineage.client.transport import get_default_factory

    return lambda **config: get_default_factory().create({"type": TYPE, **config})


@pytest.fixture
def direct(datazone_emulator):
    """Make the transport into the DataZone emulator as the OpenLineage client does."""
    from openlineage.client.transport import get_default_factory

    def make(**config):
        defaults = {"domain_id": DOMAIN, "endpoint_url": datazone_emulator.endpoint_url}
        return get_default_factory().create({"type": DATAZONE_TYPE, **defaults, **config})

    return make


@pytest.fixture
def posted(datazone_client):
    """Read the bodies of all events in the emulator."""

    def read():
        items = datazone_client.list_lineage_events(domainIdentifier=DOMAIN)["items"]
        events = (datazone_client.get_lineage_event(domainIdentifier=DOMAIN, identifier=item["id"]) for item in items)
        return [event["event"].read() for event in events]

    return read


@pytest.fixture
def lines(caplog):
    """Read what we have logged as a problem, but for threads of the endpoint that its tests have left hanging."""
    return lambda: [
        record.getMessage()
        for record in caplog.records
        if "dzlineage" in record.name and ".receiver." not in record.name and record.levelname != "DEBUG"
    ]


@pytest.fixture
def silent_server():
    """A server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
def full_server():
    """A server whose queue of connections is full, so that the next one hangs, as behind a closed security group."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = []
        for _ in range(4):
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
            waiting.append(client)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        for client in waiting:
            client.close()


class _Answers(BaseHTTPRequestHandler):
    def log_message(self, *_): ...

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.calls += 1
        self.server.headers.append(self.headers)
        status, body = self.server.answers.pop(0) if len(self.server.answers) > 1 else self.server.answers[0]
        payload = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)


@pytest.fixture
def answering():
    """A server that gives these answers, the last one again and again."""
    servers = []

    def start(*answers):
        server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
        server.answers, server.calls, server.headers = list(answers), 0, []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return server, f"http://127.0.0.1:{server.server_port}/000000000000/q"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()
