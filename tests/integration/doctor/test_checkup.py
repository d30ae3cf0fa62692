"""The run of checks, with a server that never answers."""

from __future__ import annotations

import socket

from airflow_provider_dzlineage.doctor.checkup import run_checks
from airflow_provider_dzlineage.doctor.endpoint import check_endpoint


def test_a_server_that_never_answers_is_given_up(fast_clock):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        (finding,) = run_checks({"silent": lambda: check_endpoint(url)}, seconds=20, clock=fast_clock)

    assert (finding.verdict.value, finding.detail) == ("fail", "no answer within 20 seconds")
