"""Servers and helpers of the doctor's tests."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from airflow_provider_dzlineage.catalog.client import Catalog
from tests.fixtures.waiting import POLL_SECONDS


@pytest.fixture
def catalog(datazone_client):
    return Catalog(datazone_client, "dzd_local")


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
        threading.Thread(target=found.serve_forever, args=(POLL_SECONDS,), daemon=True).start()
        started.append(found)
        return f"http://127.0.0.1:{found.server_port}"

    yield start
    for each in started:
        each.shutdown()
        each.server_close()
