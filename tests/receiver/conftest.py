"""The endpoint behind each adapter, with a real SQS behind it."""

from __future__ import annotations

import base64
import gzip
import json
import os
from unittest import mock

import boto3
import pytest

from airflow_provider_dzlineage.buffer.message import Message
from tests.receiver.endpoints import Lambda, Served

KEY, LIMITED_KEY = "k" * 16 + "1", "k" * 16 + "2"
KEYS = json.dumps({"all": KEY, "limited": {"key": LIMITED_KEY, "namespaces": ["shop*"]}})


@pytest.fixture(scope="module")
def aws(ministack):
    """Environment variables that lead to the emulated SQS."""
    return {
        "AWS_ENDPOINT_URL": ministack.endpoint_url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }


@pytest.fixture(scope="module")
def sqs_of_module(aws):
    """A boto3 client that lives as long as the queue."""
    session = boto3.Session(aws["AWS_ACCESS_KEY_ID"], aws["AWS_SECRET_ACCESS_KEY"], region_name="us-east-1")
    return session.client("sqs", endpoint_url=aws["AWS_ENDPOINT_URL"])


@pytest.fixture(scope="module", params=["standard", "fifo"])
def queue_url(request, sqs_of_module):
    """A queue of either kind."""
    attributes = {"FifoQueue": "true"} if request.param == "fifo" else {}
    name = f"receiver-{os.getpid()}-{request.module.__name__.rpartition('.')[2]}" + (".fifo" if attributes else "")
    return sqs_of_module.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]


@pytest.fixture(scope="module")
def variables(aws, queue_url):
    """The environment of the endpoint."""
    return {**aws, "DZLINEAGE_QUEUE_URL": queue_url, "DZLINEAGE_API_KEYS": KEYS}


@pytest.fixture(scope="module", params=["serve", "2.0", "1.0", "url"])
def endpoint(request, variables):
    """The endpoint behind each adapter."""
    if request.param == "serve":
        with Served(variables) as served:
            yield served
    else:
        # botocore reads the process's own environment.
        with mock.patch.dict(os.environ, variables):
            yield Lambda(variables, request.param)


@pytest.fixture
def queued(sqs, queue_url):
    """Take what lies in the queue and return the events, in the order of their coming."""

    def read():
        events = []
        while messages := sqs.receive_message(
            QueueUrl=queue_url, MaxNumberOfMessages=10, MessageAttributeNames=["All"], AttributeNames=["All"]
        ).get("Messages"):
            for message in messages:
                events.append(json.loads(Message.from_response(message).event()))
                sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
        return events

    read()
    return read


@pytest.fixture
def post(endpoint):
    """Post a value as a good client does, with changes."""

    def post(value, path="/api/v1/lineage", *, method="POST", zipped=False, text=None, **headers):
        body = json.dumps(value).encode() if text is None else text
        given = {"content-type": "application/json", "authorization": f"Bearer {KEY}"}
        if zipped:
            body = gzip.compress(body)
            given["content-encoding"] = "gzip"
        given |= {name.replace("_", "-"): content for name, content in headers.items()}
        return endpoint.ask(method, path, {name: content for name, content in given.items() if content}, body)

    return post


@pytest.fixture
def basic():
    """Encode a name and a password as HTTP's basic authentication does."""
    return lambda name, password: "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()
