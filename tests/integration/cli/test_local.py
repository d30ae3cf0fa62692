"""``dzlineage local`` as a shell runs it."""

from __future__ import annotations

import os
import shlex
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager

import boto3
import pytest

from airflow_provider_dzlineage.local.ministack import free_port


@contextmanager
def local(*arguments):
    """Start it and read what it prints to export; end it with Ctrl-C."""
    command = [sys.executable, "-m", "airflow_provider_dzlineage.cli", "local", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ.copy())
    exports = {}
    for line in process.stdout:
        assignment = shlex.split(line)[1]
        name, _, value = assignment.partition("=")
        exports[name] = value
        if name == "DZLINEAGE_DOMAIN_ID":
            break
    try:
        yield exports
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130


def client_of(service, exports):
    specific = exports.get(f"AWS_ENDPOINT_URL_{service.upper()}", exports["AWS_ENDPOINT_URL"])
    return boto3.client(service, endpoint_url=specific, region_name=exports["AWS_DEFAULT_REGION"])


def test_it_holds_a_queue_its_dead_letter_queue_and_a_domain():
    with local("--port", "0", "--datazone-port", "0") as exports:
        queue_url, dead_url = exports["DZLINEAGE_QUEUE_URL"], exports["DZLINEAGE_DEAD_LETTER_QUEUE_URL"]
        sqs = client_of("sqs", exports)
        policy = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["RedrivePolicy"])["Attributes"]
        dead_arn = sqs.get_queue_attributes(QueueUrl=dead_url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        domain = client_of("datazone", exports).get_domain(identifier=exports["DZLINEAGE_DOMAIN_ID"])

        assert dead_arn in policy["RedrivePolicy"]
        assert domain["status"] == "AVAILABLE"

    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", int(exports["AWS_ENDPOINT_URL"].rsplit(":", 1)[1])))


def test_its_state_survives_a_restart(tmp_path):
    arguments = ("--port", str(free_port()), "--datazone-port", "0", "--state", str(tmp_path / "aws"))
    with local(*arguments) as exports:
        client_of("sqs", exports).send_message(QueueUrl=exports["DZLINEAGE_QUEUE_URL"], MessageBody="kept")

    with local(*arguments) as exports:
        received = client_of("sqs", exports).receive_message(QueueUrl=exports["DZLINEAGE_QUEUE_URL"])

        assert [message["Body"] for message in received["Messages"]] == ["kept"]


@pytest.mark.parametrize("flag", ["--port", "--datazone-port"])
def test_a_port_in_use_is_named(flag):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ports = {"--port": "0", "--datazone-port": "0"} | {flag: port}
        arguments = [part for pair in ports.items() for part in pair]
        command = [sys.executable, "-m", "airflow_provider_dzlineage.cli", "local", *arguments]

        done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=os.environ.copy())

    assert done.returncode == 1
    assert f"port {port} is in use" in done.stderr
