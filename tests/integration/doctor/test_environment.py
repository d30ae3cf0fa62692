"""Checks of the machine: its clock, against servers on loopback, and its packages."""

from __future__ import annotations

import socket
import threading

from airflow_provider_dzlineage.doctor.environment import check_clock, check_versions
from airflow_provider_dzlineage.doctor.finding import CheckVerdict


def verdicts(findings):
    return {finding.check: finding.verdict.value for finding in findings}


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

    assert (finding.verdict, "BadStatusLine" in finding.detail) == (CheckVerdict.SKIP, True)
    assert "cannot be read" in next(iter(check_clock(server(200, date="yesterday")))).detail


def test_versions():
    assert "fail" not in verdicts(check_versions()).values()

    found = verdicts(check_versions(lambda name: "1.0.0"))

    assert found["boto3"] == "fail"
    assert found["openlineage-python"] == "warn"
